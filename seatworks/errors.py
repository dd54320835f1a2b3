"""One exception tree. Each class carries the exit code of the command that raises it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where it is, what it is, and what to do about it."""

    place: str
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        text = f"{self.place}: {self.message}" if self.place else self.message
        return f"{text} -> {self.remedy}" if self.remedy else text


class SeatworksError(Exception):
    """Something the user can act on. Printed without a traceback."""

    exit_code = 1

    def __init__(self, *problems: Problem) -> None:
        self.problems: Sequence[Problem] = problems
        super().__init__("\n".join(str(problem) for problem in problems))

    @classmethod
    def of(cls, message: str, *, remedy: str = "", place: str = "") -> SeatworksError:
        """An error with one problem."""
        return cls(Problem(place, message, remedy))


class SpecError(SeatworksError):
    """The specification is refused; nothing was touched."""

    exit_code = 2


class PreflightError(SeatworksError):
    """This computer, an address or a host is not ready; nothing was touched."""

    exit_code = 3


class CloudError(SeatworksError):
    """The cloud half did not converge."""

    exit_code = 4


class HostsError(SeatworksError):
    """A host did not boot, did not answer or was not configured."""

    exit_code = 5


class VerifyError(SeatworksError):
    """A check or a call failed: the deployment is not accepted."""

    exit_code = 6
