"""Ask the other database servers what they are, and decide what this one is.

Reads from standard input, as JSON: `name` of this server; `holds`, what its data directory holds (see `decide`);
`servers`, all of them ({name, address}), the first of which is the primary where there is no data yet; `port`,
`password` of replication, `passfile` with the one that an earlier run has set, `authority`; `remake`, the server whose
data may go; `started`, whether servers with data had their chance to start. Writes, as JSON: `duty` (primary, standby,
former, undecided), `copies` (whether the primary's data is still to be copied), `primary` (who is, "" when nobody
answers as one), `told` and `refused` (lines for people).
"""

import json
import os
import subprocess
import sys
import time

PSQL = ["/usr/bin/psql", "--no-psqlrc", "--no-password", "--tuples-only", "--no-align"]
# The server is there and says that it needs a moment.
WAITS = ("starting up", "not yet accepting connections")
WAIT_S = 20


def ask(server: dict[str, str], asked: dict[str, object]) -> dict[str, object]:
    """What a server is: `state` primary, standby, closed (it answers and does not let us in) or silent; what it said.

    A connection of replication is the one that database servers may open on each other. `timeline` counts promotions.
    """
    way = (
        f"host={server['address']} port={asked['port']} user=replication dbname=postgres replication=true"
        f" sslmode=verify-ca sslrootcert={asked['authority']} connect_timeout=10"
    )
    # The password goes in the environment of a process of ours: neither in an argument nor in a file.
    said = []
    for how in ({"PGPASSWORD": str(asked["password"])}, {"PGPASSFILE": str(asked["passfile"])}):
        end = time.monotonic() + WAIT_S
        while True:
            try:
                # A fixed program without a shell.
                done = subprocess.run(  # noqa: S603
                    [*PSQL, f"--dbname={way}", "--command=SHOW in_hot_standby", "--command=IDENTIFY_SYSTEM"],
                    env={**os.environ, **how},
                    capture_output=True,
                    text=True,
                    check=False,
                )
            except FileNotFoundError:
                return {"state": "silent", "said": "psql is not installed here"}
            if done.returncode == 0:
                standby, system = done.stdout.split()[:2]
                timeline = int(system.split("|")[1])
                return {"state": "standby" if standby == "on" else "primary", "timeline": timeline, "said": ""}
            if not any(word in done.stderr for word in WAITS) or time.monotonic() > end:
                break
            time.sleep(1)
        said.append(done.stderr.strip().removeprefix("psql: error: ").partition("\n")[0] or "no answer")
    return {"state": "closed" if "FATAL" in said[0] else "silent", "said": said[0]}


def decide(asked: dict[str, object], others: dict[str, dict[str, object]]) -> dict[str, object]:
    """What this server is.

    `holds`: new (as the package made it, or nothing), following (a standby's data), data (databases of its own, and it
    is stopped), primary (the same, and it runs), former (data of a primary that another has followed: never started).
    """
    name, holds, remake = asked["name"], asked["holds"], asked["remake"]
    primaries = [other for other, found in others.items() if found["state"] == "primary" and other != remake]
    standbys = [other for other, found in others.items() if found["state"] == "standby"]
    closed = [f"{other}: {found['said']}" for other, found in others.items() if found["state"] == "closed"]
    answer = {
        "duty": "undecided",
        "copies": False,
        "primary": primaries[0] if primaries else "",
        "told": [],
        "refused": "",
    }
    if name == remake:
        if not primaries:
            answer["refused"] = f"{name} is to be made anew, and no other server is the primary: nothing was touched"
        return {**answer, "duty": "standby", "copies": True}
    if primaries and (holds == "primary" or (holds == "data" and asked["started"])):
        both = ", ".join([str(name), *(f"{each} (timeline {others[each]['timeline']})" for each in primaries)])
        answer["refused"] = (
            f"two primaries, each with rows of its own: {both}. The one with the highest timeline was promoted last. "
            "Decide which stays, and make the other its standby: make deploy ENV=<name> REMAKE=<the other>; its former "
            "data is kept there in the folder main.former"
        )
        return answer
    if holds == "former" or (holds == "data" and primaries):
        who = f"{primaries[0]} is the primary now" if primaries else "no server answers as the primary"
        answer["told"] = [
            f"{name} was the primary and is not started: {who}. To make it a standby again: make deploy ENV=<name> "
            f"REMAKE={name}"
        ]
        return {**answer, "duty": "former"}
    if holds == "data" and closed:
        answer["refused"] = f"{name} holds data and is stopped, and who runs cannot be asked: {'; '.join(closed)}"
        return answer
    if holds in ("data", "primary"):
        if asked["started"]:
            answer["told"] = [
                f"{other} does not follow {name}: {found['said']}"
                for other, found in others.items()
                if found["state"] == "silent" and other != remake
            ]
        return {**answer, "duty": "primary"}
    if holds == "following":
        if asked["started"] and not primaries and not closed:
            answer["told"] = [
                f"{name} is a standby, and no server answers as the primary. If that one is lost for good: runuser -u "
                "postgres -- psql -c 'SELECT pg_promote()' here, then deploy again"
            ]
        return {**answer, "duty": "standby"}
    if primaries:
        return {**answer, "duty": "standby", "copies": True}
    if not asked["started"]:
        return answer
    if standbys:
        answer["refused"] = (
            f"{name} is empty, {', '.join(standbys)} holds the data and follows nobody. Make it the primary: runuser "
            "-u postgres -- psql -c 'SELECT pg_promote()' there, then deploy again"
        )
        return answer
    first = asked["servers"][0]["name"] == name
    return {**answer, "duty": "primary" if first else "standby", "copies": not first}


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    others = {server["name"]: ask(server, asked) for server in asked["servers"] if server["name"] != asked["name"]}
    json.dump(decide(asked, others), sys.stdout)
