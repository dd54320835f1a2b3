"""How the hosts of a live site are reached by SSH."""

from __future__ import annotations

from pathlib import Path

from seatworks.plan.model import CloudOutputs, Host, Plan, Site


def config(plan: Plan, outputs: CloudOutputs, known_hosts: Path, key: Path | None = None) -> str:
    """How real hosts are reached: by their address, cloud hosts without a public address through the first edge.

    Where nobody reaches SSH over the network, through Session Manager: the cloud knows who asks, and which machine is
    meant. `key` is the deployment's own, where it has one. What is not said here (who logs in on site, with which keys,
    through which door) is taken from the person's own configuration and from the computer's, as ssh does without a file
    of ours. A lab writes its own file instead, with the same host names.
    """
    lines = ["# Written by Seatworks from the plan; edits here are lost."]
    jump = next((host.name for host in plan.hosts if host.public), "")
    # Servers of a peak are another instance after each start, so Session Manager meets them by no name of ours.
    for host in plan.standing if plan.by_session else plan.servers:
        if plan.by_session:
            lines += _by_session(plan, host, outputs)
            continue
        public = outputs.public_addresses.get(host.name, "")
        lines += [f"Host {host.name}", f"  HostName {public or host.address}"]
        if host.site is Site.CLOUD and not public:
            lines.append(f"  ProxyJump {jump}")
        if host.site is Site.CLOUD:
            lines.append("  User admin")
    lines += [
        "Host *",
        f'  UserKnownHostsFile "{known_hosts}" ~/.ssh/known_hosts',
        "  ControlMaster auto",
        "  ControlPath ~/.ssh/seatworks-%C",
        "  ControlPersist 60",
        "  ConnectTimeout 10",
        "  ServerAliveInterval 15",
        *([f'  IdentityFile "{key}"'] if key else []),
        # Of two values ssh takes the first.
        "  Include ~/.ssh/config /etc/ssh/ssh_config",
        "",
    ]
    return "\n".join(lines)


def _by_session(plan: Plan, host: Host, outputs: CloudOutputs) -> list[str]:
    return [
        f"Host {host.name}",
        # Of a host that is still to be made there is only an address, which Session Manager does not know.
        f"  HostName {outputs.instance_ids.get(host.name, host.address)}",
        f"  ProxyCommand aws ssm start-session --region {plan.region} --target %h --document-name AWS-StartSSHSession "
        "--parameters portNumber=%p",
        # The name of a machine is never given again, and the cloud leads to no other: its first key is its own.
        "  StrictHostKeyChecking accept-new",
        "  User admin",
    ]
