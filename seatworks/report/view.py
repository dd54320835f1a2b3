"""What the page says, prepared: the templates choose nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from seatworks import causes
from seatworks.message import Message, joined, named
from seatworks.plan.model import CloudOutputs, Flow, Plan, Queue, Site
from seatworks.plan.planning_only import reasons
from seatworks.report.drawing import service
from seatworks.report.names import NAMES
from seatworks.report.words import Words
from seatworks.results import CALLS, Check, Outcome, Phase, Results, sentence_of

# A test's parameter that so many statements share is a call of its own.
_STATEMENTS_OF_A_CALL = 3


@dataclass(frozen=True, slots=True)
class Fact:
    """A label with its value."""

    label: Markup
    value: Markup | str


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence and every place where it was tried."""

    sentence: Markup
    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        return all(check.passed for check in self.checks)

    @property
    def seconds(self) -> float:
        return sum(check.seconds for check in self.checks)


@dataclass(frozen=True, slots=True)
class Area:
    """The statements about one role or subject, those that failed first."""

    name: str
    statements: tuple[Statement, ...]

    @property
    def total(self) -> int:
        return sum(len(statement.checks) for statement in self.statements)

    @property
    def passed(self) -> int:
        return sum(check.passed for statement in self.statements for check in statement.checks)


def asked(plan: Plan, words: Words) -> list[Fact]:
    """What the specification asked for."""
    onprem, peak = plan.seat_count(Site.ONPREM, peak=False), plan.seat_count(peak=True)
    values: list[tuple[Markup, Markup | str]] = [
        (words.markup("Mode"), words.named("mode", plan.mode)),
        (words.markup("Target"), words.named("target", plan.target)),
        (
            words.markup("Seats"),
            words.markup(
                "{onprem} on premises, {cloud} cloud, {peak} more at peak",
                onprem=onprem,
                cloud=plan.seat_count() - onprem - peak,
                peak=peak,
            ),
        ),
        (words.markup("Availability"), words.markup("{share:g} %", share=plan.availability.asked)),
        (words.markup("Classified protection"), words.markup("level {level}", level=plan.protection_level)),
        (
            words.markup("Recording"),
            words.markup(
                "{share:.0%} of calls, kept {days} days",
                share=plan.recording.share,
                days=plan.recording.retention_days,
            ),
        ),
        (
            words.markup("Voice"),
            words.markup(
                "carrier {carrier}, seats {seats}", carrier=plan.carrier_codec.upper(), seats=plan.seat_codec.upper()
            ),
        ),
        (
            words.markup("Seats over the Internet"),
            words.markup("TLS and SRTP required") if plan.seats_encrypted else words.markup("encryption not required"),
        ),
        (words.markup("Domain"), plan.domain),
        (words.markup("Trunks"), ", ".join(f"{t.name} ({t.kind.upper()} {t.address}:{t.port})" for t in plan.trunks)),
        (words.markup("Cloud region"), plan.region or ""),
        (words.markup("Time servers"), ", ".join(plan.time_servers)),
    ]
    values += [
        (words.markup("Sizes and prices only: {key}", key=key), words.quote(why))
        for key, why in reasons(plan.planning_only)
    ]
    return [Fact(label, value) for label, value in values if value]


def sized(plan: Plan, words: Words) -> list[Fact]:
    """The figures of the sizing. Figures that are 0 (no link, no trunk) are left out."""
    figures = plan.sized
    disk, site, link = figures.recording_disk_gb, figures.site_bandwidth_kbps, figures.link_bandwidth_kbps
    values = (
        (words.markup("agents at the busy hour"), figures.agents, f"{figures.agents}"),
        (words.markup("calls at once"), figures.concurrent_calls, f"{figures.concurrent_calls}"),
        (words.markup("trunk channels"), figures.trunk_channels, f"{figures.trunk_channels}"),
        (words.markup("E1 spans if E1"), figures.e1_spans, f"{figures.e1_spans}"),
        (words.markup("recording disk"), disk, amount(disk, "GB", "TB")),
        (words.markup("site bandwidth"), site, amount(site, "kbit/s", "Mbit/s")),
        (words.markup("link bandwidth"), link, amount(link, "kbit/s", "Mbit/s")),
        (words.markup("hosts"), len(plan.hosts), f"{len(plan.hosts)}"),
    )
    return [Fact(label, text) for label, figure, text in values if figure]


def amount(figure: int, small: str, large: str) -> str:
    """A figure with the unit that keeps it short: 980 GB, 1.2 TB."""
    return f"{figure} {small}" if figure < 1000 else f"{figure / 1000:.1f} {large}"


def numbers(plan: Plan, words: Words) -> list[tuple[str, Markup, str]]:
    """Each dialled number, where it leads and who serves it."""
    menus = {menu.name: menu for menu in plan.menus}
    rows = []
    for number in plan.numbers:
        if number.menu:
            menu = menus[number.menu]
            choices = [Message("{digit} → {queue}", digit=digit, queue=queue) for digit, queue in menu.digits]
            leads = words.markup(
                "menu {name}: {digits}; otherwise {default}",
                name=menu.name,
                digits=joined(named("choices", "{first}, {rest}"), choices),
                default=menu.default,
            )
        else:
            leads = words.markup("queue {name}", name=number.queue)
        rows.append((number.number, leads, _served(number.home, number.second)))
    return rows


def queues(plan: Plan) -> list[tuple[Queue, int, str]]:
    """Each queue, how many seats take its calls, and who serves it."""
    return [
        (queue, sum(plan.seat_count(site) for site in queue.sites), _served(queue.home, queue.second))
        for queue in plan.queues
    ]


def _served(home: str, second: str | None) -> str:
    return f"{home} → {second}" if second else home


def flows(plan: Plan) -> list[tuple[Flow, str, str]]:
    """Every flow with its ports and the addresses it may come from."""
    return [
        (flow, service(plan, flow), ", ".join(str(cidr) for cidr in plan.source_cidrs(flow))) for flow in plan.flows
    ]


@dataclass(frozen=True, slots=True)
class Cloud:
    """What was created: resources that the provider knows, without the components that group them."""

    region: str
    counts: tuple[tuple[str, int], ...]
    rows: tuple[tuple[str, str, str], ...]


def cloud(outputs: CloudOutputs, resources: Iterable[Mapping[str, Any]]) -> Cloud:
    """Counts by type and one row for each created resource."""
    created = [each for each in resources if each.get("id") and str(each["type"]).startswith("aws:")]
    rows = sorted((_kind(str(each["type"])), str(each["name"]), str(each["id"])) for each in created)
    counts = Counter(kind for kind, _, _ in rows)
    return Cloud(outputs.region, tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0]))), tuple(rows))


def _kind(token: str) -> str:
    """`aws:ec2/securityGroup:SecurityGroup` -> `ec2 SecurityGroup`."""
    module, _, name = token.removeprefix("aws:").partition(":")
    return f"{module.split('/')[0]} {name}"


def areas(checks: Iterable[Check], words: Words) -> list[Area]:
    """Checks by area and sentence. What failed comes first, in every list."""
    found: dict[str, dict[tuple[str, str], list[Check]]] = {}
    for check in checks:
        sentences = found.setdefault(check.area, {})
        sentences.setdefault((check.sentence, check.sentence_zh), []).append(check)
    result = []
    for name, sentences in found.items():
        statements = [
            Statement(said(tried[0], words), tuple(sorted(tried, key=lambda check: (check.passed, check.host))))
            for tried in sentences.values()
        ]
        result.append(Area(name, tuple(sorted(statements, key=lambda statement: statement.passed))))
    return sorted(result, key=lambda area: (area.passed == area.total, area.name != CALLS, area.name))


def said(check: Check, words: Words) -> Markup:
    """What a check says: in Chinese by the test's own words, else by those of the catalogue."""
    if check.sentence_zh:
        return words.both(check.sentence, check.sentence_zh)
    return words.quote(named("check", check.sentence))


@dataclass(frozen=True, slots=True)
class Call:
    """One call and what is known about it; or, without a name, what other calls showed."""

    title: Markup
    checks: tuple[tuple[Markup, Check], ...]

    @property
    def passed(self) -> bool:
        return all(check.passed for _, check in self.checks)


def calls(checks: Iterable[Check], words: Words) -> list[Call]:
    """Checks of the area `calls`, by the call that they look at."""
    tried = [check for check in checks if check.area == CALLS]
    shared = Counter(_parameter(check) for check in tried)
    found: dict[str, list[tuple[Markup, Check]]] = {}
    for check in tried:
        parameter = _parameter(check)
        key = parameter if shared[parameter] >= _STATEMENTS_OF_A_CALL else ""
        found.setdefault(key, []).append((said(check, words), check))
    return [Call(_call_title(key, words), tuple(rows)) for key, rows in found.items()]


def _call_title(parameter: str, words: Words) -> Markup:
    return words.quote(NAMES["call"][parameter]) if parameter in NAMES["call"] else escape(sentence_of(parameter))


def reason(results: Results, words: Words) -> list[Markup]:
    """Why the deployment is accepted or not, in sentences."""
    if results.accepted:
        calls = sum(check.area == CALLS for check in results.checks)
        return [
            words.markup(
                "All {checks} checks passed, {calls} of them on real calls.", checks=len(results.checks), calls=calls
            )
        ]
    reasons = []
    for phase in results.phases:
        if phase.outcome in (Outcome.FAILED, Outcome.ERROR):
            reasons.append(words.markup("The phase “{phase}” failed.", phase=_phase_name(phase)))
    if results.failures:
        reasons.append(
            words.markup(
                "{failed} of {checks} checks did not pass.", failed=len(results.failures), checks=len(results.checks)
            )
        )
    if not results.checks:
        reasons.append(words.markup("Nothing was checked."))
    return reasons


def phases(results: Results, words: Words) -> list[tuple[Phase, Markup, float]]:
    """Each phase, its name in both languages, and its length as a percentage of the longest."""
    longest = max((phase.seconds for phase in results.phases), default=0) or 1
    return [(phase, words.quote(_phase_name(phase)), 100 * phase.seconds / longest) for phase in results.phases]


def broken(results: Results, words: Words) -> list[tuple[Phase, Markup]]:
    """Phases that failed and said why, unless the checks below say it better."""
    return [
        (phase, words.quote(_phase_name(phase)))
        for phase in results.phases
        if phase.outcome in (Outcome.FAILED, Outcome.ERROR) and phase.detail and not results.failures
    ]


def _phase_name(phase: Phase) -> Message:
    return NAMES["phase"].get(phase.name.lower()) or named("phase", phase.name)


def duration(seconds: float) -> str:
    """Seconds as people read them: `0.4 s`, `48 s`, `3 min 05 s`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


def label(check: Check) -> str:
    """What tells one try of a sentence from another: the host, or the test's parameter."""
    return place(check) or sentence_of(check.name)


def place(check: Check) -> str:
    """The host a check was tried on, or the test's parameter; empty for what was tried once."""
    return check.host or causes.plain(spoken(_parameter(check)))


def _parameter(check: Check) -> str:
    return check.name.partition("[")[2].rstrip("]")


def spoken(key: str) -> str:
    """A name of evidence as words: `recording_seconds` -> `recording seconds`."""
    return key.replace("_", " ").replace("-", " ")


def names(values: Sequence[str]) -> Markup:
    """Names in a row that may wrap between, never inside."""
    return Markup(" ").join(Markup('<span class="nowrap">{}</span>').format(escape(value)) for value in values)
