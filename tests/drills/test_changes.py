"""Changes of a running centre, by the drills that data/changes.yml names."""

from __future__ import annotations

# Every drill that data/changes.yml may name, each a test or the id of a parametrised one in this file.
DRILLS = (
    "codec",
    "domain",
    "encryption",
    "figures",
    "firewall",
    "hosts",
    "link",
    "menus",
    "numbers",
    "queues",
    "recording",
    "retention",
    "seats",
    "time",
    "trunks",
)
