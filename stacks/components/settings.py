"""What the program reads before it makes anything: the plan, and the few settings of Pulumi.<stack>.yaml."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pulumi

from seatworks import plan as planning
from seatworks.errors import CloudError, Problem, SeatworksError
from seatworks.plan.model import Plan, Target

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

    @classmethod
    def read(cls, project: Path) -> Settings:
        """The settings of the current stack. Raises CloudError before any resource is made."""
        config = pulumi.Config()
        build = project / "build" / pulumi.get_stack()
        plan_file = Path(config.get("planFile") or build / "plan.json")
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
        if plan.region is None:
            raise CloudError(Problem(str(plan_file), "the plan has no cloud site", "there is nothing to make here"))
        keep = plan.target is Target.LIVE and config.get_bool("keepData") is not False
        key = config.get("sshPublicKey") or _public_key(plan_file.parent)
        return cls(plan, plan.region, days, key, keep)


def _plan(path: Path) -> Plan:
    try:
        return planning.load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        name = path.parent.name
        raise CloudError(Problem(str(path), "there is no plan yet", f"run `make plan ENV={name}`")) from None
    except SeatworksError as wrong:
        raise CloudError(*wrong.problems) from None


def _public_key(build: Path) -> str | None:
    """The key that the deployment reaches its hosts with, when it has been made already."""
    path = build / "ssh" / "id_ed25519.pub"
    if not path.is_file():
        return None
    kind, key, *_ = path.read_text(encoding="utf-8").split()
    return f"{kind} {key}"
