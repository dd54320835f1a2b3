"""What the page says, prepared: the templates choose nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from seatworks.plan.model import CloudOutputs, Flow, Plan, Queue, Site
from seatworks.report.drawing import service
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
    values: list[tuple[str, Markup | str]] = [
        ("mode", words.name("mode", plan.mode)),
        ("target", words.name("target", plan.target)),
        ("seats", words.say("asked.seats_value", onprem=onprem, cloud=plan.seat_count() - onprem - peak, peak=peak)),
        ("availability", words.both(f"{plan.availability.asked:g} %", f"{plan.availability.asked:g}%")),
        ("protection", words.say("asked.protection_value", level=plan.protection_level)),
        (
            "recording",
            words.say("asked.recording_value", share=f"{plan.recording.share:.0%}", days=plan.recording.retention_days),
        ),
        ("voice", words.say("asked.voice_value", carrier=plan.carrier_codec.upper(), seats=plan.seat_codec.upper())),
        ("encryption", words.say("asked.encrypted" if plan.seats_encrypted else "asked.plain")),
        ("domain", plan.domain),
        ("trunks", ", ".join(f"{t.name} ({t.kind.upper()} {t.address}:{t.port})" for t in plan.trunks)),
        ("region", plan.region or ""),
        ("time", ", ".join(plan.time_servers)),
    ]
    return [Fact(words.say(f"asked.{key}"), value) for key, value in values if value]


def sized(plan: Plan, words: Words) -> list[Fact]:
    """The figures of the sizing. Figures that are 0 (no link, no trunk) are left out."""
    figures = plan.sized
    values = (
        ("agents", figures.agents, f"{figures.agents}"),
        ("concurrent_calls", figures.concurrent_calls, f"{figures.concurrent_calls}"),
        ("trunk_channels", figures.trunk_channels, f"{figures.trunk_channels}"),
        ("e1_spans", figures.e1_spans, f"{figures.e1_spans}"),
        ("recording_disk", figures.recording_disk_gb, amount(figures.recording_disk_gb, "GB", "TB")),
        ("site_bandwidth", figures.site_bandwidth_kbps, amount(figures.site_bandwidth_kbps, "kbit/s", "Mbit/s")),
        ("link_bandwidth", figures.link_bandwidth_kbps, amount(figures.link_bandwidth_kbps, "kbit/s", "Mbit/s")),
        ("hosts", len(plan.hosts), f"{len(plan.hosts)}"),
    )
    return [Fact(words.say(f"sized.{key}"), text) for key, figure, text in values if figure]


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
            choices = [words.pair("service.digit", digit=digit, queue=queue) for digit, queue in menu.digits]
            comma = words.pair("service.comma")
            english, chinese = (comma[n].join(choice[n] for choice in choices) for n in (0, 1))
            values = {"name": menu.name, "default": menu.default}
            leads = words.both(
                words.pair("service.menu", digits=english, **values)[0],
                words.pair("service.menu", digits=chinese, **values)[1],
            )
        else:
            leads = words.say("service.queue", name=number.queue)
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
        sentence = (check.sentence, _chinese(check, words))
        found.setdefault(check.area, {}).setdefault(sentence, []).append(check)
    result = []
    for name, sentences in found.items():
        statements = [
            Statement(words.both(english, chinese), tuple(sorted(tried, key=lambda check: (check.passed, check.host))))
            for (english, chinese), tried in sentences.items()
        ]
        result.append(Area(name, tuple(sorted(statements, key=lambda statement: statement.passed))))
    return sorted(result, key=lambda area: (area.passed == area.total, area.name != CALLS, area.name))


def _chinese(check: Check, words: Words) -> str:
    """The sentence in Chinese: the test's own, else the one in words/, else none."""
    return check.sentence_zh or words.known.get(f"check.{check.name.partition('[')[0]}", ("", ""))[1]


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
        sentence = words.both(check.sentence, _chinese(check, words))
        found.setdefault(key, []).append((sentence, check))
    return [Call(_call_title(key, words), tuple(rows)) for key, rows in found.items()]


def _call_title(parameter: str, words: Words) -> Markup:
    key = f"call.{parameter}"
    return words.say(key) if key in words.known else escape(sentence_of(parameter))


def reason(results: Results, words: Words) -> list[Markup]:
    """Why the deployment is accepted or not, in sentences."""
    if results.accepted:
        calls = sum(check.area == CALLS for check in results.checks)
        return [words.say("banner.accepted_because", checks=len(results.checks), calls=calls)]
    reasons = []
    for phase in results.phases:
        if phase.outcome in (Outcome.FAILED, Outcome.ERROR):
            english, chinese = _phase_name(phase, words)
            reasons.append(
                words.both(
                    words.pair("banner.phase_failed", phase=english)[0],
                    words.pair("banner.phase_failed", phase=chinese)[1],
                )
            )
    if results.failures:
        reasons.append(words.say("banner.checks_failed", failed=len(results.failures), checks=len(results.checks)))
    if not results.checks:
        reasons.append(words.say("banner.nothing_checked"))
    return reasons


def phases(results: Results, words: Words) -> list[tuple[Phase, Markup, float]]:
    """Each phase, its name in both languages, and its length as a percentage of the longest."""
    longest = max((phase.seconds for phase in results.phases), default=0) or 1
    return [(phase, words.both(*_phase_name(phase, words)), 100 * phase.seconds / longest) for phase in results.phases]


def broken(results: Results, words: Words) -> list[tuple[Phase, Markup]]:
    """Phases that failed and said why, unless the checks below say it better."""
    return [
        (phase, words.both(*_phase_name(phase, words)))
        for phase in results.phases
        if phase.outcome in (Outcome.FAILED, Outcome.ERROR) and phase.detail and not results.failures
    ]


def _phase_name(phase: Phase, words: Words) -> tuple[str, str]:
    key = f"phase.{phase.name.lower()}"
    return words.pair(key) if key in words.known else (phase.name, phase.name)


def duration(seconds: float) -> str:
    """Seconds as people read them: `0.4 s`, `48 s`, `3 min 05 s`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


def label(check: Check) -> str:
    """What tells one try of a sentence from another: the host, or the test's parameter."""
    return place(check) or check.name


def place(check: Check) -> str:
    """The host a check was tried on, or the test's parameter; empty for what was tried once."""
    return check.host or spoken(_parameter(check))


def _parameter(check: Check) -> str:
    return check.name.partition("[")[2].rstrip("]")


def spoken(key: str) -> str:
    """A name of evidence as words: `recording_seconds` -> `recording seconds`."""
    return key.replace("_", " ").replace("-", " ")


def names(values: Sequence[str]) -> Markup:
    """Names in a row that may wrap between, never inside."""
    return Markup(" ").join(Markup('<span class="nowrap">{}</span>').format(escape(value)) for value in values)
