"""What an account lacks for a plan, asked before anything is made in it. Nothing is changed by asking.

Wrong credentials end the questions, and so does a region that is not there; everything else is said at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial

from seatworks.errors import PreflightError, Problem
from seatworks.plan.model import Plan
from stacks.account_check import identity, names, offers, quotas
from stacks.account_check.asking import Asker, Unanswered, no_answer, place
from stacks.engine import Say

Question = Callable[[], Iterable[Problem]]


def check(plan: Plan, settings: Mapping[str, str], say: Say) -> Asker:
    """Ask the account that this computer has credentials of, before the CLI is started.

    `settings` are those of the stack. Raises PreflightError with every problem; what may not be asked is a warning.
    """
    with _stoppable(str(plan.region)):
        asker = Asker.of(str(plan.region))
        identity.identify(asker)
        gather(asker, [("the region", lambda: filter(None, [identity.usable(asker)]))], say)
        gather(asker, _questions(asker, plan, settings), say)
        return asker


def check_names(asker: Asker, made: Iterable[names.Json], say: Say) -> None:
    """Ask whether the names of resources that a preview says will be made are free. Raises PreflightError."""
    with _stoppable(asker.region):
        gather(asker, names.questions(asker, made), say)


@contextmanager
def _stoppable(region: str) -> Iterator[None]:
    """Ctrl-C ends the questions with a message."""
    try:
        yield
    except KeyboardInterrupt:
        stopped = Problem(place(region), "was still being asked when you stopped it; nothing was made", "run it again")
        raise PreflightError(stopped) from None


def _questions(asker: Asker, plan: Plan, settings: Mapping[str, str]) -> list[tuple[str, Question]]:
    """What is looked at, and how."""
    if plan.connect is not None:
        return [("Amazon Connect", partial(quotas.connect, asker, plan, plan.connect))]
    own = settings.get("vpcId")
    return [
        ("zones", partial(offers.zones, asker, plan)),
        ("machine types", partial(offers.machines, asker, plan)),
        ("database classes", partial(offers.databases, asker, plan)),
        ("the machine image", partial(offers.images, asker, plan)),
        ("elastic addresses", partial(quotas.addresses, asker, plan)),
        ("NAT gateways", partial(quotas.translators, asker, plan)),
        ("vCPUs", partial(quotas.processors, asker, plan)),
        ("the network", partial(offers.standing_network, asker, plan, own))
        if own
        else ("VPCs", partial(quotas.networks, asker, plan)),
    ]


def gather(asker: Asker, questions: Iterable[tuple[str, Question]], say: Say) -> None:
    """Ask them one after the other. Raises PreflightError with every problem that they tell of."""
    problems, unknown = list[Problem](), dict[tuple[str, str], list[str]]()
    for subject, question in questions:
        try:
            problems += question()
        except Unanswered as refused:
            if refused.strange:
                problems.append(_not_here(asker, refused))
                break
            if refused.silent and refused.right.partition(":")[0] == "ec2":
                problems.append(no_answer(refused))
                break
            unknown.setdefault((refused.right, str(refused)), []).append(subject)
    for (right, why), subjects in unknown.items():
        remedy = f"allow {right}, or look at it yourself"
        say(f"  warning: {Problem(place(asker.region), f'not looked at: {_and(subjects)} ({right}: {why})', remedy)}")
    if problems:
        raise PreflightError(*problems)


def _not_here(asker: Asker, refused: Unanswered) -> Problem:
    return Problem(
        place(asker.region),
        f"does not take the credentials that account {asker.account} gave: {refused.why}",
        "sign in again, with AWS_STS_REGIONAL_ENDPOINTS=regional where the region had to be switched on",
    )


def _and(words: list[str]) -> str:
    return ", ".join(words[:-1]) + " and " + words[-1] if len(words) > 1 else words[0]
