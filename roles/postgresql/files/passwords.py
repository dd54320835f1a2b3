"""Give PostgreSQL users their passwords where they differ; print the names of those changed.

Reads {user: password} as JSON from standard input. Runs on the database host as user postgres.
The server is given SCRAM-SHA-256 verifiers (RFC 5803), never a password.
"""

import base64
import hashlib
import hmac
import json
import secrets
import subprocess
import sys

PSQL = ["/usr/bin/psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1", "postgres"]
ITERATIONS = 4096


def query(statement: str) -> str:
    """What the server answers; statements go in by standard input."""
    # A fixed program without a shell; names and verifiers are quoted by `literal`.
    done = subprocess.run(PSQL, input=statement, capture_output=True, text=True, check=True)  # noqa: S603 - fixed
    return done.stdout.strip()


def literal(text: str) -> str:
    """An SQL string."""
    return "'" + text.replace("'", "''") + "'"


def verifier(password: str, salt: bytes, iterations: int) -> str:
    """What the server keeps of a password."""
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, iterations)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    first, second, third = (base64.b64encode(part).decode() for part in (salt, stored, server))
    return f"SCRAM-SHA-256${iterations}:{first}${second}:{third}"


def holds(kept: str, password: str) -> bool:
    """Whether a kept verifier belongs to the password."""
    if not kept.startswith("SCRAM-SHA-256$"):
        return False
    iterations, _, salt = kept.split("$")[1].partition(":")
    return hmac.compare_digest(kept, verifier(password, base64.b64decode(salt), int(iterations)))


for user, password in json.load(sys.stdin).items():
    kept = query(f"SELECT coalesce(rolpassword, '') FROM pg_authid WHERE rolname = {literal(user)}")  # noqa: S608 - quoted
    if not holds(kept, password):
        fresh = verifier(password, secrets.token_bytes(16), ITERATIONS)
        name = '"' + user.replace('"', '""') + '"'
        query(f"ALTER ROLE {name} PASSWORD {literal(fresh)}")
        sys.stdout.write(f"{user}\n")
