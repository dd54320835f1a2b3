"""What cloud-init of a Debian image reads: files to write, and units of systemd to start with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import yaml


def cloud_config(files: Mapping[str, str], units: Sequence[str]) -> str:
    """The text of user data: `files` by path, owned by root, and `units` enabled. Equal input gives equal text."""
    document = {
        "write_files": [
            {"path": path, "content": content, "owner": "root:root", "permissions": "0644"}
            for path, content in files.items()
        ],
        # cloud-init is not kept waiting: a unit tries again by itself, at this boot and at the next.
        "runcmd": [["systemctl", "daemon-reload"], ["systemctl", "enable", "--now", "--no-block", *units]],
    }
    text = yaml.dump(document, Dumper=_Dumper, sort_keys=False, width=1000, allow_unicode=True)
    return f"#cloud-config\n{text}"


class _Dumper(yaml.SafeDumper):  # type: ignore[misc]
    """Plain YAML in which a file looks as it does on the host."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)
