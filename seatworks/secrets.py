"""The secrets of one environment: generated once, kept encrypted by ansible-vault, never printed."""

from __future__ import annotations

import datetime
import hashlib
import hmac
import io
import re
import secrets
import sys
import tempfile
from base64 import b64encode
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pyrage
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, x25519
from ruamel.yaml import YAML

from seatworks import certificates, environment
from seatworks.ansible_plugins import vault_password
from seatworks.errors import PreflightError, Problem, SpecError
from seatworks.plan.model import CloudOutputs, Plan
from seatworks.run import CommandError, run

# Prints the vault password of this computer; Ansible asks it too.
PASSWORD_PROGRAM = Path(vault_password.__file__).resolve()
# How the inventory refers to a secret: {{ vault_link_keys['edge1'].private }}.
_REFERENCE = re.compile(r"\{\{ *(vault_[a-z_]+)(?:\['([^']+)'\])?(?:\.([a-z_]+))?")


class Vault(dict[str, Any]):
    """The secrets of an environment. They are in no representation: a failed test shows its arguments."""

    def __repr__(self) -> str:
        return f"<vault with {len(self)} entries>"


class Mark(NamedTuple):
    """What hosts know a vault by, no secret: its identity, and the SHA-256 of its authority's certificate (PEM)."""

    identity: str = ""
    authority: str = ""


def mark(where: environment.Environment) -> Mark:
    """The mark of the vault that is here, empty when there is none. Raises PreflightError when it cannot be opened."""
    vault = read(where)
    if not vault:
        return Mark()
    certificate = str(vault.get("vault_ca_certificate", ""))
    return Mark(str(vault.get("vault_identity", "")), hashlib.sha256(certificate.encode()).hexdigest())


def ensure(plan: Plan, where: environment.Environment, now: datetime.datetime | None = None) -> list[str]:
    """Add what the plan needs and the vault lacks, and renew certificates that are due; what was done, in sentences.

    Nothing else is ever replaced. Raises PreflightError when the vault exists but cannot be opened, or when its
    certificate authority has ended.
    """
    vault = read(where)
    before = _text(vault)
    told = complete(plan, vault, where.outputs(), now)
    if _text(vault) == before:
        return []
    _keep(vault, where)
    return [f"secrets completed in {where.vault.relative_to(where.root)}", *told]


def renew(
    plan: Plan,
    where: environment.Environment,
    names: Collection[str] = (),
    *,
    authority: bool = False,
    now: datetime.datetime | None = None,
) -> list[str]:
    """Make certificates anew in the vault, as `certificates.renew` says; hosts get them with the next deploy.

    Without names and without `authority` those of all servers. What was made, in words. Raises SpecError for a name
    that no server has, PreflightError when there is no vault, or when it cannot be opened.
    """
    servers = [host.name for host in plan.servers]
    if strange := [name for name in names if name not in servers]:
        raise SpecError(
            *(Problem(name, "is not a server of the plan", f"they are {', '.join(servers)}") for name in strange)
        )
    vault, now = read(where), now or _now()
    if not vault:
        lies = str(where.vault.relative_to(where.root))
        raise PreflightError(Problem(lies, "is not there: no deploy has made secrets yet", "the first deploy does"))
    asked = list(names) or ([] if authority else servers)
    certificates.renew(plan, where.outputs(), vault, now, names=asked, authority=authority)
    _keep(vault, where)
    return [*(["certificate authority"] if authority else []), *asked]


def told(
    plan: Plan, where: environment.Environment, now: datetime.datetime | None = None, *, ahead: bool = False
) -> list[str]:
    """Days that the certificates have left and what a person must do; `ahead`: also those that a deploy would renew.

    Nothing before the first deploy. Raises PreflightError when the vault cannot be opened, or its authority has ended.
    """
    vault, now = read(where), now or _now()
    if not vault:
        return []
    if ended := certificates.problems(vault, plan.name, now):
        raise PreflightError(*ended)
    lines = certificates.told(plan, vault, now)
    if ahead:
        due = certificates.due(plan, where.outputs(), vault, now)
        lines += [
            f"certificate of {name}: a deploy renews it: {why}"
            for name, why in due.items()
            if name in vault["vault_certificates"]
        ]
    return lines


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def _keep(vault: Vault, where: environment.Environment) -> None:
    """Write the vault, whole or not at all."""
    _password(where)
    environment.write(where.vault, _sealed(vault, where), mode=0o600)


def read(where: environment.Environment) -> Vault:
    """The decrypted secrets; empty before the first deploy. Raises PreflightError."""
    if not where.vault.is_file():
        return Vault()
    try:
        opened = run([_program("ansible-vault"), "view", where.vault], cwd=where.root, env=_opener(where)).stdout
    except CommandError:
        lies = str(where.vault.relative_to(where.root))
        if file := where.vault_password:
            message = f"cannot be opened with {file.name} beside it"
            remedy = f"a rehearsal starts anew: make destroy ENV={where.name} TARGET=lab, then deploy it"
        else:
            message = "cannot be opened with the vault password of this computer"
            remedy = (
                "put the password that it was made with into ~/.config/seatworks/vault-password, or delete the file "
                "if this environment is to start anew"
            )
        raise PreflightError(Problem(lies, message, remedy)) from None
    return Vault(YAML(typ="safe").load(opened) or {})


def bundle_password(where: environment.Environment) -> str:
    """What opens the bundle of servers of a peak and nothing else: derived from the vault password, one way.

    Raises PreflightError when a vault exists whose password is on another computer.
    """
    return hmac.new(_password(where).encode(), f"bundle of {where.name}".encode(), "sha256").hexdigest()


def _password(where: environment.Environment) -> str:
    """The password of the vault, made when there is none and no vault either. Raises PreflightError."""
    if file := where.vault_password:
        if not file.is_file():
            if where.looks:
                # A preview leaves nothing behind.
                return secrets.token_urlsafe(48)
            vault_password.make(file)
        return file.read_text(encoding="utf-8").strip()
    try:
        return run([sys.executable, PASSWORD_PROGRAM]).stdout.strip()
    except CommandError as refused:
        raise PreflightError(*refused.problems) from None


def _opener(where: environment.Environment) -> dict[str, str]:
    """Environment of ansible-vault: nothing for a live site, whose password the project's ansible.cfg leads to."""
    file = where.vault_password
    return {"ANSIBLE_VAULT_PASSWORD_FILE": str(file)} if file else {}


def sealed_part(vault: Vault, variables: Any, where: environment.Environment, password: str | None = None) -> str:
    """The secrets that `variables` refer to, encrypted with `password`; the same input gives the same text.

    Without one it is the vault password. What no host needs (the authority's key, the key that opens recordings) is
    not among them. Raises PreflightError for one that does not exist.
    """
    found = part(vault, variables, where)
    # Two texts never share a salt, for they would share a key stream; who does not know this key learns nothing by it.
    salt = hmac.new(vault["vault_ca_key"].encode(), _text(found).encode(), "sha256").hexdigest()
    settings = {"ANSIBLE_VAULT_ENCRYPT_SALT": salt}
    if password is None:
        return _sealed(found, where, settings)
    with tempfile.NamedTemporaryFile("w", prefix="seatworks-") as file:
        # Readable by its owner only, as every such file is; ansible-vault takes a password from a file alone.
        file.write(password)
        file.flush()
        return _sealed(found, where, {**settings, "ANSIBLE_VAULT_PASSWORD_FILE": file.name})


def part(vault: Vault, variables: Any, where: environment.Environment) -> Vault:
    """The secrets that `variables` refer to. Raises PreflightError for one that does not exist."""
    taken = Vault()
    for name, key, member in _references(variables):
        found, kept, last = vault, taken, name
        try:
            for step in filter(None, (key, member)):
                found, kept, last = found[last], kept.setdefault(last, {}), step
            kept[last] = found[last]
        except (KeyError, TypeError):
            asked = name + (f"['{key}']" if key else "") + (f".{member}" if member else "")
            raise PreflightError(
                Problem(
                    str(where.vault.relative_to(where.root)),
                    f"has no {asked}, which a variable refers to",
                    "look into group_vars and host_vars beside seatworks.yml",
                )
            ) from None
    return taken


def _references(value: Any) -> Iterator[tuple[str, str, str]]:
    """Vault variable, key and member of every reference in the strings of `value`; absent parts are empty."""
    if isinstance(value, Mapping | list):
        for each in value.values() if isinstance(value, Mapping) else value:
            yield from _references(each)
    elif isinstance(value, str):
        yield from _REFERENCE.findall(value)


def _sealed(vault: Vault, where: environment.Environment, env: Mapping[str, str] | None = None) -> str:
    words = ("encrypt", "--output", "-")
    settings = {**_opener(where), **(env or {})}
    return run([_program("ansible-vault"), *words], cwd=where.root, env=settings, stdin=_text(vault)).stdout


def complete(
    plan: Plan, vault: Vault, outputs: CloudOutputs | None = None, now: datetime.datetime | None = None
) -> list[str]:
    """Fill in every secret that the plan needs, in place; which certificates took the place of others, and why."""
    # No secret: hosts keep it, so that a deploy with the secrets of another vault is told before it changes them.
    vault.setdefault("vault_identity", secrets.token_hex(8))
    passwords = vault.setdefault("vault_seat_passwords", {})
    for seat in plan.seats:
        passwords.setdefault(seat.user, secrets.token_urlsafe(18))
    database = vault.setdefault("vault_database_passwords", {})
    # The real service makes its master's password itself and keeps it; its stand-in needs one.
    standing_in = any(host.managed for host in plan.servers)
    for user in ("asterisk", "replication", *(("master",) if standing_in else ())):
        database.setdefault(user, secrets.token_urlsafe(24))
    recording = vault.setdefault("vault_recording", {})
    if "identity" not in recording:
        identity = pyrage.x25519.Identity.generate()
        recording |= {"identity": str(identity), "recipient": str(identity.to_public())}
    for name in ("upload", "host"):
        if f"{name}_private" not in recording:
            recording[f"{name}_private"], recording[f"{name}_public"] = _ssh_key()
    links = vault.setdefault("vault_link_keys", {})
    for host in plan.hosts:
        if host.link_address and host.name not in links:
            links[host.name] = _link_key()
    return certificates.complete(plan, outputs or CloudOutputs(), vault, now or _now())


def _program(name: str) -> Path:
    """A program of the virtual environment that runs us, whether or not it is active."""
    return Path(sys.executable).with_name(name)


def _text(vault: Vault) -> str:
    yaml = YAML(typ="safe")
    yaml.default_flow_style = False
    out = io.StringIO()
    yaml.dump(dict(vault), out)
    return out.getvalue()


def _ssh_key() -> tuple[str, str]:
    key = ed25519.Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    return private.decode(), public.decode()


def _link_key() -> dict[str, str]:
    """A WireGuard key pair: Curve25519, base64 of the raw 32 bytes."""
    key = x25519.X25519PrivateKey.generate()
    return {
        "private": b64encode(key.private_bytes_raw()).decode(),
        "public": b64encode(key.public_key().public_bytes_raw()).decode(),
    }
