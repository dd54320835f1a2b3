"""How much of the year calls are served: promised by contracts, and by a model of failures.

`assess` says what a topology gives, `missing` what it lacks for what is asked, `spares` how many servers stand by.
Formulas, findings and sources: docs/sizing.md, "Availability"; figures: data/availability.yml.
"""

from seatworks.availability.arithmetic import (
    downtime_min_per_year,
    failover_loss,
    from_repair,
    k_of_n,
    mtbf_h,
    series,
    with_common_cause,
)
from seatworks.availability.assess import assess, server, spares
from seatworks.availability.figures import Figure, figure, figures
from seatworks.availability.missing import missing
from seatworks.availability.promised import promised
from seatworks.availability.topology import Availability, Element, Group, Reach, Topology

__all__ = [
    "Availability",
    "Element",
    "Figure",
    "Group",
    "Reach",
    "Topology",
    "assess",
    "downtime_min_per_year",
    "failover_loss",
    "figure",
    "figures",
    "from_repair",
    "k_of_n",
    "missing",
    "mtbf_h",
    "promised",
    "series",
    "server",
    "spares",
    "with_common_cause",
]
