"""What the program reads before it makes anything: the plan, and the few settings of Pulumi.<stack>.yaml."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path

import pulumi

from seatworks import plan as planning
from seatworks.errors import CloudError, Problem, SeatworksError
from seatworks.plan.model import Guard, Plan

# How hard recordings and copies are locked: one right lifts the first, nobody and nothing the second.
LOCKS = ("GOVERNANCE", "COMPLIANCE")
# Who may know the users of Amazon Connect; the first is the default.
IDENTITIES = ("CONNECT_MANAGED", "SAML", "EXISTING_DIRECTORY")

# Periods that CloudWatch Logs accepts, from half a year on: the Cybersecurity Law (article 21) asks for six
# months at least, and six months can be 184 days.
AUDIT_DAYS = (365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)


@dataclass(frozen=True, slots=True)
class Settings:
    """The validated settings of one stack."""

    plan: Plan
    region: str
    audit_retention_days: int
    ssh_public_key: str | None
    keep_data: bool
    lock_mode: str
    alarm_email: str | None
    owns_account: bool
    guard: Guard
    vault_password: pulumi.Output[str] | None
    public_zone_id: str | None
    vpc_id: str | None
    now: datetime.datetime

    @classmethod
    def read(cls, project: Path) -> Settings:
        """The settings of the current stack. Raises CloudError before any resource is made."""
        config = pulumi.Config()
        plan_file = Path(config.get("planFile") or project / "build" / pulumi.get_stack() / "live" / "attempted.json")
        days = config.get_int("auditRetentionDays") or AUDIT_DAYS[0]
        if days not in AUDIT_DAYS:
            raise CloudError(
                Problem(
                    "seats:auditRetentionDays",
                    f"{days} is not a period that CloudWatch Logs offers and the law allows",
                    f"give one of {', '.join(map(str, AUDIT_DAYS))}",
                )
            )
        plan = _plan(plan_file)
        if plan.region is None or plan.guard is None:
            raise CloudError(Problem(str(plan_file), "the plan has no cloud site", "there is nothing to make here"))
        keep = config.get_bool("keepData") is not False
        key = config.get("sshPublicKey") or _public_key(plan_file.parent)
        # A real account may be shared with what was there before.
        owns = config.get_bool("ownsAccount") is True
        mode, email = _one_of(config, "lockMode", LOCKS), config.get("alarmEmail") or None
        if email and "@" not in email:
            raise CloudError(Problem("seats:alarmEmail", f"{email} is no e-mail address", "write name@example.com"))
        password = config.get_secret("vaultPassword")
        if plan.peak_hosts and password is None:
            stack = pulumi.get_stack()
            raise CloudError(
                Problem(
                    "seats:vaultPassword",
                    f"is not set, and {plan.peak_hosts[0].name} opens its bundle with it when it configures itself",
                    f"run: python -m stacks.vault {plan.name} | "
                    f"pulumi -C stacks/seats -s {stack} config set --secret seats:vaultPassword",
                )
            )
        return cls(
            plan,
            plan.region,
            days,
            key,
            keep,
            mode,
            email,
            owns,
            plan.guard,
            password,
            config.get("publicZoneId") or None,
            config.get("vpcId") or None,
            _now(config),
        )


def _one_of(config: pulumi.Config, key: str, known: tuple[str, ...]) -> str:
    value = config.get(key) or known[0]
    if value not in known:
        raise CloudError(Problem(f"seats:{key}", f"{value} is not known", f"give one of {', '.join(known)}"))
    return value


def _now(config: pulumi.Config) -> datetime.datetime:
    """The moment that decides what of a schedule is still to come: the clock's, or one that is asked for."""
    text = config.get("now")
    if not text:
        return datetime.datetime.now(datetime.UTC)
    if not pulumi.runtime.is_dry_run():
        remedy = f"run: pulumi -C stacks/seats -s {pulumi.get_stack()} config rm seats:now"
        raise CloudError(Problem("seats:now", "is set, and is for previews only", remedy))
    try:
        moment = datetime.datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise CloudError(
            Problem("seats:now", f"{text} is no moment", "write one with its zone, such as 2027-01-25T08:00:00Z")
        )
    return moment.astimezone(datetime.UTC)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who knows the users of Amazon Connect: itself, a company's identity provider, or a directory in the account."""

    kind: str
    directory: str | None

    @property
    def passwords(self) -> bool:
        """Whether users sign in with a password of Amazon Connect's own."""
        return self.kind == "CONNECT_MANAGED"

    @classmethod
    def read(cls) -> Identity:
        """The setting of the current stack. Raises CloudError before any resource is made."""
        config = pulumi.Config()
        kind, directory = config.get("connectIdentity") or IDENTITIES[0], config.get("connectDirectory") or None
        if kind not in IDENTITIES:
            raise CloudError(
                Problem("seats:connectIdentity", f"{kind} is not known", f"give one of {', '.join(IDENTITIES)}")
            )
        if (kind == "EXISTING_DIRECTORY") != (directory is not None):
            raise CloudError(
                Problem(
                    "seats:connectDirectory",
                    "belongs to connectIdentity EXISTING_DIRECTORY, and is needed there",
                    "give the directory's id (d-...), or take it away",
                )
            )
        return cls(kind, directory)


def _plan(path: Path) -> Plan:
    try:
        return planning.load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        name = path.parent.parent.name
        raise CloudError(Problem(str(path), "there is no plan yet", f"run `make deploy ENV={name}`")) from None
    except SeatworksError as wrong:
        raise CloudError(*wrong.problems) from None


def _public_key(build: Path) -> str | None:
    """The key that the deployment reaches its hosts with, when it has been made already."""
    path = build / "ssh" / "id_ed25519.pub"
    if not path.is_file():
        return None
    kind, key, *_ = path.read_text(encoding="utf-8").split()
    return f"{kind} {key}"
