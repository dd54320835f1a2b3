"""CloudWatch Logs: a metric filter that is put again takes the place of the one of that name.

The emulator keeps both.
"""

from __future__ import annotations

from typing import Any


def extend() -> None:
    """Let a filter of a group and name be there once."""
    from moto.logs import models
    from moto.logs.metric_filters import MetricFilters

    class OnePerName(MetricFilters):
        """Filters of which a group has one of each name."""

        def add_filter(
            self, filter_name: str, filter_pattern: str, log_group_name: str, metric_transformations: Any
        ) -> None:
            self.metric_filters = [
                entry
                for entry in self.metric_filters
                if (entry["filterName"], entry["logGroupName"]) != (filter_name, log_group_name)
            ]
            super().add_filter(filter_name, filter_pattern, log_group_name, metric_transformations)

    # Backends make their filters by this name.
    setattr(models, MetricFilters.__name__, OnePerName)
