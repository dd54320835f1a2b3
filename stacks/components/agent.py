"""The agent of Session Manager, which Debian's image does not bring: every server fetches it once, at its first boot.

It comes from the bucket that AWS keeps for it in each region, by the address that AWS documents
(https://docs.aws.amazon.com/systems-manager/latest/userguide/verify-agent-signature.html, "Agent download file name").
Who it is from is proved by TLS alone: the key of AWS's signatures ends every other year, and a server that is born
after that would have no agent.
"""

from __future__ import annotations

from pathlib import Path

from stacks.components.cloudconfig import cloud_config
from stacks.components.place import partition_of

_FILES = Path(__file__).resolve().parent / "boot"
AGENT_UNIT = "seatworks-agent.service"


def agent_bucket(region: str) -> str:
    """The bucket in which AWS keeps the agent for servers of a region."""
    return f"amazon-ssm-{region}"


def agent_url(region: str) -> str:
    """Where a Debian server of a region fetches the newest agent."""
    suffix = "amazonaws.com.cn" if partition_of(region) == "aws-cn" else "amazonaws.com"
    return f"https://s3.{region}.{suffix}/{agent_bucket(region)}/latest/debian_amd64/amazon-ssm-agent.deb"


def agent_files(region: str) -> dict[str, str]:
    """The unit that installs the agent, by its path on the server."""
    text = (_FILES / AGENT_UNIT).read_text(encoding="utf-8").replace("@URL@", agent_url(region))
    return {f"/etc/systemd/system/{AGENT_UNIT}": text}


def agent_user_data(region: str) -> str:
    """What a server that a deploy enters is told at its birth: to install the agent, and nothing else."""
    return cloud_config(agent_files(region), [AGENT_UNIT])
