"""The page on which a person decides: whole, in one language, from disk, with the numbers that it was given."""

from __future__ import annotations

import dataclasses
import re
import xml.etree.ElementTree as Tree
from decimal import Decimal
from html.parser import HTMLParser

import pytest

from seatworks import plan as planning
from seatworks.cost.model import Every, Kind
from seatworks.report import Assumed, costs, loads, plan_page
from seatworks.report.formats import Formats
from seatworks.report.page import load_words
from tests import messages
from tests.unit.decisions import AVAILABILITY, COMPARISON, HYBRID, ONPREM, SIZED, decision, line

SPACE = "\N{NO-BREAK SPACE}"
CHINESE = re.compile(r"[\u3000-\u9fff\uff00-\uffef]")
LANGUAGES = pytest.mark.parametrize("lang", ["en", "zh"])
MODES = pytest.mark.parametrize("name", ["cloud", "onprem", "hybrid"])


class Texts(HTMLParser):
    """What a reader sees and a screen reader hears, text by text."""

    def __init__(self, page):
        super().__init__()
        self.found, self.attributes, self.identities, self.inside = [], [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.inside.append(tag)
        for name, value in attrs:
            self.attributes.append((tag, name, value))
            if name == "id":
                self.identities.append(value)
            if name in ("aria-label", "data-label"):
                self.found.append(value)

    def handle_endtag(self, tag):
        while self.inside and self.inside.pop() != tag:
            pass

    def handle_data(self, data):
        if self.inside and self.inside[-1] not in ("style", "script") and data.strip():
            self.found.append(" ".join(data.replace(SPACE, " ").split()))


def drawings(page, name, shape="wide"):
    """The one chart of a name and shape, as a tree."""
    (found,) = (svg for svg in re.findall(r"<svg .*?</svg>", page, re.DOTALL) if f'id="{name}-{shape}-title"' in svg)
    return Tree.fromstring(found)  # noqa: S314 - the page was made here


def scale(svg, kind, value_of):
    """A function from a pixel to its value, from the texts of the first and last tick of an axis."""
    ticks = [text for text in svg.iter("text") if f"tick {kind}" in text.get("class")]
    pixels = [float(text.get(kind)) - (4 if kind == "y" else 0) for text in (ticks[0], ticks[-1])]
    values = [value_of(text.text.replace(SPACE, " ")) for text in (ticks[0], ticks[-1])]
    return lambda pixel: values[0] + (pixel - pixels[0]) / (pixels[1] - pixels[0]) * (values[1] - values[0])


def yuan(text):
    number, _, unit = text.removeprefix("¥").partition(" ")
    return float(number.replace(",", "")) * {"": 1, "k": 1e3, "M": 1e6}[unit]


def percent(text):
    return float(text.removesuffix("%")) / 100


@LANGUAGES
@MODES
def test_the_page_needs_nothing_but_itself(name, lang):
    page = plan_page(decision(name), lang)
    parsed = Texts(page)
    assert not [each for each in parsed.attributes if each[1] in ("src", "href", "srcset", "data", "xlink:href")]
    assert not re.search(r"@import|@font-face|url\((?!#)|https?://", page)
    assert len(parsed.identities) == len(set(parsed.identities))


@LANGUAGES
@MODES
def test_same_decision_same_bytes(name, lang):
    assert plan_page(decision(name), lang) == plan_page(decision(name), lang)


def test_the_english_page_has_no_chinese_letter():
    assert not [text for text in Texts(plan_page(decision(), "en")).found if CHINESE.search(text)]


def test_the_chinese_page_has_no_english_label():
    known = messages.translations()
    english = {msgid for (_, msgid), chinese in known.items() if msgid != chinese and "{" not in msgid}
    plan = decision().plan
    names = {plan.name, *(flow.name for flow in plan.flows), *(role for host in plan.hosts for role in host.roles)}
    seen = set(Texts(plan_page(decision(), "zh")).found) - names
    assert len(english) > 500
    assert not seen & english
    assert '<html lang="zh-CN">' in plan_page(decision(), "zh")


def test_another_language_is_an_error():
    with pytest.raises(ValueError, match="fr is no language"):
        plan_page(decision(), "fr")


@LANGUAGES
@MODES
def test_every_host_figure_note_and_assumption_is_on_the_page(name, lang):
    made = decision(name)
    texts = Texts(plan_page(made, lang)).found
    for host in made.plan.hosts:
        assert host.name in texts
        assert str(host.address) in texts
    for flow in made.plan.flows:
        assert flow.name in texts
    for queue in made.plan.queues:
        assert queue.name in texts
    for note in (*made.notes, *made.availability.notes):
        assert note in texts
    for each in made.assumptions:
        assert each.source in texts
        assert each.date in texts
    sized = [f"{SIZED.agents}", "116", "1,287", "83.1", "92.7", "75.08 erl", "76.69 erl", "10,675 GB", "13,874 kbit/s"]
    for figure in [*sized, "61 GB", "14 GB", "679,536", "14.6", "4,832 kbit/s"]:
        assert any(text.startswith(figure) for text in texts), figure


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(SIZED)])
def test_every_field_of_the_sizing_has_a_figure(field):
    words = load_words("en")

    def shown(sized):
        plan = dataclasses.replace(decision().plan, sized=sized)
        return dict(row for _, rows in loads.figures(plan, words, Formats(words)) for row in rows)

    other = dataclasses.replace(SIZED, **{field: getattr(SIZED, field) / 2 or 7})
    before, after = shown(SIZED), shown(other)
    assert sum(before[label] != after[label] for label in before) == 1


def test_the_decision_stands_first_with_mode_seats_money_and_availability():
    page = plan_page(decision())
    first = page[page.index('id="decision"') : page.index('id="cost"')].replace(SPACE, " ")
    base = HYBRID.over(3).total.base
    assert f"Hybrid, 100 seats: ≥ ¥{base / 1000000:.2f} M over 3 years" in first
    for expected in (
        "99.932 %",
        "99.9 %",
        "99.83 %",
        "5.9 h",
        "On premises would cost",
        "What to know before deciding",
    ):
        assert expected in first
    assert [page.index(f'id="{part}"') for part in ("cost", "curves", "drawing", "hosts", "assumptions")] == sorted(
        page.index(f'id="{part}"') for part in ("cost", "curves", "drawing", "hosts", "assumptions")
    )


def test_availability_below_what_was_asked_is_said():
    good = plan_page(decision(availability=dataclasses.replace(AVAILABILITY, contract=99.95)))
    assert "is asked" not in good
    bad = plan_page(decision(availability=dataclasses.replace(AVAILABILITY, model=99.87)))
    assert "Failures, repair and failover give 99.87" in bad
    assert 'aria-label="less than asked"' in bad


@pytest.mark.parametrize("shape", ["wide", "tall"])
def test_bars_show_capital_operating_low_and_high_of_every_total(shape):
    svg = drawings(plan_page(decision()), "cost", shape)
    value = scale(svg, "x", yuan)
    rects = list(svg.iter("rect"))
    reaches = [whisker for whisker in svg.iter("line") if whisker.get("class") == "whisker"][::3]
    expected = [bill.over(years) for years in (1, 3, 5) for bill in COMPARISON.bills]
    near = 2 * abs(value(0.2) - value(0))
    for index, total in enumerate(expected):
        capex, opex = ((float(r.get("x")), float(r.get("width"))) for r in rects[2 * index : 2 * index + 2])
        assert value(sum(capex)) == pytest.approx(float(total.capex.base), abs=near)
        assert value(sum(opex)) == pytest.approx(float(total.total.base), abs=near)
        assert value(float(reaches[index].get("x1"))) == pytest.approx(float(total.total.low), abs=near)
        assert value(float(reaches[index].get("x2"))) == pytest.approx(float(total.total.high), abs=near)


@pytest.mark.parametrize("shape", ["wide", "tall"])
def test_the_break_even_chart_passes_through_the_totals(shape):
    svg = drawings(plan_page(decision()), "break-even", shape)
    value, month = scale(svg, "y", yuan), scale(svg, "x", float)
    near = 2 * abs(value(0.2) - value(0))
    lines = [line for line in svg.iter("polyline") if "series" in line.get("class")]
    for bill, drawn in zip(COMPARISON.bills, lines, strict=True):
        points = [tuple(map(float, point.split(","))) for point in drawn.get("points").split()]
        assert [round(month(x)) for x, _ in points] == list(range(61))
        for years in (1, 3, 5):
            assert value(points[12 * years][1]) == pytest.approx(float(bill.over(years).total.base), abs=near)
    (guide,) = (line for line in svg.iter("line") if line.get("class") == "guide")
    assert round(month(float(guide.get("x1")))) == COMPARISON.break_even_month


@pytest.mark.parametrize(
    ("name", "curve", "planned"), [("service", "service_curve", 81), ("blocking", "blocking_curve", 112)]
)
@pytest.mark.parametrize("shape", ["wide", "tall"])
def test_curves_show_their_values_and_the_planned_point(name, curve, planned, shape):
    made = decision()
    svg = drawings(plan_page(made), name, shape)
    values = getattr(made, curve)
    value, count = scale(svg, "y", percent), scale(svg, "x", float)
    (drawn,) = svg.iter("polyline")
    points = [tuple(map(float, point.split(","))) for point in drawn.get("points").split()]
    for (x, y), (number, share) in zip(points, values, strict=True):
        assert count(x) == pytest.approx(number, abs=0.05)
        assert value(y) == pytest.approx(share, abs=0.002)
    (point,) = (dot for dot in svg.iter("circle") if dot.get("class") == "planned")
    assert count(float(point.get("cx"))) == pytest.approx(planned, abs=0.05)
    assert value(float(point.get("cy"))) == pytest.approx(dict(values)[planned], abs=0.002)


def test_a_curve_that_lacks_the_planned_number_is_drawn_without_a_mark():
    svg = drawings(plan_page(decision(service_curve=((10, 0.2), (11, 0.5), (12, 0.8)))), "service")
    assert not [dot for dot in svg.iter("circle") if dot.get("class") == "planned"]


def test_without_curves_there_is_no_empty_part():
    assert 'id="curves"' not in plan_page(decision(service_curve=(), blocking_curve=((112, 0.01),)))


@LANGUAGES
def test_every_chart_says_in_words_what_it_shows(lang):
    page = plan_page(decision(), lang)
    for name in ("cost", "break-even", "service", "blocking"):
        svg = drawings(page, name)
        assert svg.get("role") == "img"
        assert svg.get("aria-labelledby") == f"{name}-wide-title {name}-wide-desc"
        assert svg.find("title").text
        assert len(svg.find("desc").text) > 10


@LANGUAGES
def test_missing_prices_are_shown_as_missing_and_never_as_zero(lang):
    page = plan_page(decision(), lang)
    texts = Texts(page).found
    listed = page[page.index('id="missing"') : page.index('id="totals"')]
    for item in HYBRID.missing:
        assert item in listed
    assert texts.count({"en": "no price", "zh": "无价格"}[lang]) == len(HYBRID.missing) + 1  # and one group in whole
    exact = f"{HYBRID.over(3).total.base:,.0f}"
    assert any(exact in text and text.startswith("≥") for text in texts)


def test_a_complete_bill_has_no_lower_bound():
    whole = dataclasses.replace(COMPARISON, bills=COMPARISON.bills[:2])
    page = plan_page(decision("onprem", comparison=whole))
    assert "≥" not in page
    assert 'id="missing"' not in page
    assert f"¥{ONPREM.over(5).total.base:,.0f}" in page


@LANGUAGES
def test_what_could_not_be_priced_is_said(lang):
    page = plan_page(decision(comparison=None), lang)
    assert {"en": "Nothing could be priced", "zh": "无法计价"}[lang] in page
    assert "¥" not in page
    assert 'id="cost-wide-title"' not in page


def test_a_line_that_is_only_shown_is_not_counted():
    extra = line("labour.agent", "labour", Kind.OPEX, Every.MONTH, 116, 6000, "pay", "person-month", added=False)
    more = dataclasses.replace(ONPREM, lines=(*ONPREM.lines, extra))
    assert costs.cumulative(more) == costs.cumulative(ONPREM)
    assert "not added" in plan_page(decision())


def test_what_is_paid_is_paid_when_it_is_due():
    once = line("a", "servers", Kind.CAPEX, Every.ONCE, 1, 1000, "")
    month = line("b", "lines", Kind.OPEX, Every.MONTH, 2, 30, "")
    year = line("c", "operation", Kind.OPEX, Every.YEAR, 1, 120, "")
    paid = costs.cumulative(dataclasses.replace(ONPREM, lines=(once, month, year)))
    assert len(paid) == 61
    assert [round(paid[n].base, 6) for n in (0, 1, 12, 60)] == [1000, 1070, 1840, 5200]
    assert paid[60].high == pytest.approx(Decimal("6760"))


def test_contradictions_and_sensitivities_are_tables():
    texts = Texts(plan_page(decision())).found
    for contradiction in COMPARISON.contradictions:
        assert contradiction.reading in texts
        for said, source in contradiction.says:
            assert said in texts
            assert source in texts
    moved = COMPARISON.sensitivities[0].totals["cloud"]
    base = COMPARISON.bill("cloud").over(3).total.base
    assert f"¥3.30 M (+{(moved - base) / base * 100:.1f} %)" in texts


@pytest.mark.parametrize(
    ("month", "said"), [(41, "From month 41 on"), (None, "do not break even"), (75, "From month 75 on")]
)
def test_break_even_is_said_in_words(month, said):
    assert said in plan_page(decision(comparison=dataclasses.replace(COMPARISON, break_even_month=month)))


def test_nothing_is_said_of_break_even_between_modes_without_a_bill():
    alone = dataclasses.replace(COMPARISON, bills=(HYBRID,), break_even_month=None, sensitivities=())
    page = plan_page(decision(comparison=alone))
    assert "break even" not in page
    assert "would cost" not in page


EVIL = "<script>alert(1)</script>'&"


@LANGUAGES
def test_hostile_names_stay_text(lang):
    made = decision()
    renamed = planning.dump(made.plan).replace('"edge1"', f'"{EVIL}"').replace('"hybrid",', f'"{EVIL}",')
    plan = dataclasses.replace(planning.load(renamed), mode="hybrid")
    evil = line(EVIL, EVIL, Kind.OPEX, Every.MONTH, 1, 10, EVIL, EVIL)
    bills = tuple(dataclasses.replace(bill, lines=(*bill.lines, evil)) for bill in COMPARISON.bills)
    contradiction = dataclasses.replace(COMPARISON.contradictions[0], what=EVIL, says=((EVIL, EVIL),), reading=EVIL)
    sensitivity = dataclasses.replace(COMPARISON.sensitivities[0], what=EVIL, change=EVIL)
    page = plan_page(
        dataclasses.replace(
            made,
            plan=plan,
            comparison=dataclasses.replace(
                COMPARISON, bills=bills, contradictions=(contradiction,), sensitivities=(sensitivity,), rate_note=EVIL
            ),
            availability=dataclasses.replace(
                AVAILABILITY,
                elements=(dataclasses.replace(AVAILABILITY.elements[0], name=EVIL, why=EVIL),),
                notes=(EVIL,),
            ),
            notes=(EVIL,),
            assumptions=(Assumed(EVIL, EVIL, EVIL, EVIL, EVIL),),
        ),
        lang,
    )
    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;&#39;&amp;") > 20
    assert Texts(page).found.count(EVIL) > 10
    for name in ("cost", "break-even", "service", "blocking"):
        assert drawings(page, name) is not None
