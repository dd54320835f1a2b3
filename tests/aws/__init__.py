"""What the rehearsal adds to the emulator answers as AWS does; and what tests alone ask of AWS."""

from __future__ import annotations

from tests.aws import offers, servicequotas

# What the check of a live account asks beside what a rehearsal asks.
CHECKED = (offers.extend, servicequotas.extend)
