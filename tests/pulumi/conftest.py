"""Sites that these tests share."""

from tests.sites import (  # noqa: F401 - fixtures, found by their names
    china,
    cloud,
    cloud_abroad,
    cloud_plan,
    contact_centre,
    deployed,
    europe,
    hybrid,
    hybrid_abroad,
    hybrid_plan,
    joined,
    joined_in_china,
    managed,
    managed_plan,
    peak,
    peak_plan,
    trial,
    vault_password,
)
