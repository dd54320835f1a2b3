"""Bring users, tables and rights of a database to what is asked, over TLS; print what was changed.

Reads one JSON object from standard input: host, authority, name, master, password, users, statements, tables. Runs on a
host that the database lets in. Passwords are in no argument, no environment and no statement; errors name none.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

PSQL = ["/usr/bin/psql", "--no-psqlrc", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"]
WRONG = "password authentication failed"


def escaped(text):
    """A field of a password file."""
    return text.replace("\\", "\\\\").replace(":", "\\:")


def conninfo(parameters):
    """A connection string, every value quoted."""
    quoted = ((name, str(value).replace("\\", "\\\\").replace("'", "\\'")) for name, value in parameters.items())
    return " ".join(f"{name}='{value}'" for name, value in quoted)


def way(work, folder, user, database):
    """How a user reaches a database; the password is in a file of the folder."""
    return {
        "host": work["host"],
        "port": work["port"],
        "user": user,
        "dbname": database,
        "sslmode": "verify-full",
        "sslrootcert": folder / "authority.pem",
        "passfile": folder / "passwords",
        "connect_timeout": 10,
    }


def run(parameters, statements, *options):
    """What psql says of statements that had something to do."""
    # A fixed program without a shell; statements go in by standard input.
    done = subprocess.run(  # noqa: S603 - fixed
        [*PSQL, *options, f"--dbname={conninfo(parameters)}"],
        input=statements,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stderr.strip())
    return done.stdout.strip()


def keep_passwords(work, folder):
    """Give users their password where they cannot log in with it; the names of those that were changed."""
    import psycopg
    from psycopg import sql

    lacking = []
    for user in work["users"]:
        try:
            psycopg.connect(conninfo(way(work, folder, user, work["name"]))).close()
        except psycopg.OperationalError as wrong:
            if WRONG not in str(wrong):
                raise SystemExit(f"{user} cannot log in: {wrong}") from None
            lacking.append(user)
    if lacking:
        with psycopg.connect(conninfo(way(work, folder, work["master"], work["name"]))) as connection:
            for user in lacking:
                # What the server keeps of a password, made here: the password itself is never sent.
                verifier = connection.pgconn.encrypt_password(
                    work["users"][user].encode(), user.encode(), b"scram-sha-256"
                ).decode()
                connection.execute(
                    sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(user), sql.Literal(verifier))
                )
    return lacking


def main():
    work = json.load(sys.stdin)
    # In memory, readable by root only, gone at the end.
    with tempfile.TemporaryDirectory(dir="/run", prefix="seatworks-database-") as made:
        folder = Path(made)
        folder.joinpath("authority.pem").write_text(work["authority"])
        passwords = folder / "passwords"
        passwords.touch(mode=0o600)
        lines = [(work["master"], work["password"]), *work["users"].items()]
        passwords.write_text("".join(f"*:*:*:{escaped(user)}:{escaped(password)}\n" for user, password in lines))
        said = [
            run(way(work, folder, work["master"], "postgres"), work["statements"]),
            run(way(work, folder, work["master"], work["name"]), work["tables"], "--single-transaction"),
            *(f"password of {user}" for user in keep_passwords(work, folder)),
        ]
    sys.stdout.write("".join(f"{line}\n" for line in said if line))


if __name__ == "__main__":
    main()
