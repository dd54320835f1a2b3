"""The page says what happened: whole, in both languages, from disk, and with nothing it was not told."""

from __future__ import annotations

import dataclasses
import functools
import json
import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from seatworks import plan as planning
from seatworks import report
from seatworks.cost.model import Every, Kind
from seatworks.environment import Environment
from seatworks.plan.model import CloudOutputs, Target
from seatworks.report import drawing
from seatworks.report.names import NAMES
from seatworks.results import CALLS, Check, Outcome, Phase, Results, from_junit, sentence_of
from seatworks.tables import text_table

ROOT = Path(__file__).resolve().parents[2]
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
DONE = (Phase("verify", 9, Outcome.PASSED),)
RESOURCES = [
    {"type": "aws:ec2/vpc:Vpc", "name": "hybrid", "id": "vpc-1", "inputs": {"password": "never-shown"}},
    {"type": "aws:ec2/eip:Eip", "name": "edge1", "id": "eip-1"},
    {"type": "aws:ec2/eip:Eip", "name": "edge2", "id": "eip-2"},
    {"type": "seatworks:cloud:Network", "name": "group", "id": ""},
]
VOID = {"meta", "br", "rect", "polyline", "path", "link"}


class Page(HTMLParser):
    """A page as a browser takes it apart; complains about a tag that nobody closes."""

    def __init__(self, text):
        super().__init__()
        self.open, self.attributes, self.identities = [], [], []
        self.feed(text)
        assert not self.open, self.open

    def handle_starttag(self, tag, attrs):
        self.attributes += [(tag, *pair) for pair in attrs]
        self.identities += [value for name, value in attrs if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.attributes += [(tag, *pair) for pair in attrs]

    def handle_endtag(self, tag):
        assert self.open, tag
        assert self.open.pop() == tag


def check(outcome=Outcome.PASSED, area="calls", **more):
    values = {"name": "test_x", "sentence": "A seat answers", "host": "", "seconds": 9.0, **more}
    return Check(area=area, outcome=outcome, **values)


def results(*checks, phases=DONE):
    return Results("hybrid", NOON, NOON + timedelta(minutes=3), phases, checks)


@functools.cache
def plan_of(name):
    return Environment.find(name, ROOT).plan()


@pytest.fixture(scope="module")
def plan():
    return plan_of("hybrid")


@pytest.fixture
def page(plan, tmp_path):
    def render(*checks, **more):
        path = report.write(plan, CloudOutputs(region="cn-north-1"), RESOURCES, results(*checks, **more), tmp_path)
        return path.read_text(encoding="utf-8")

    return render


def test_page_is_whole_and_needs_no_network(page):
    text = page(check(), check(area="kamailio", host="edge1"))
    parsed = Page(text)
    assert len(parsed.identities) == len(set(parsed.identities))
    loaded = [entry for entry in parsed.attributes if entry[1] in ("src", "href", "srcset", "data")]
    assert not loaded
    assert not re.search(r"@import|url\((?!#)|https?://", text)


def test_a_passed_deployment_is_accepted(page):
    text = page(check())
    assert ">Accepted<" in text
    assert "验收通过" in text
    assert 'id="failed"' not in text


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.ERROR, Outcome.SKIPPED])
def test_what_did_not_pass_stands_first_and_open(page, outcome):
    text = page(check(), check(outcome, area="postgresql", host="db2", message="no standby", sentence="It streams"))
    assert "Not accepted" in text
    assert text.index('id="failed"') < text.index('id="calls"')
    assert text.count("no standby") == 2
    assert '<details class="card fold" open>' in text


def test_a_cause_is_told_once_with_what_it_took_down_and_where_to_look(page):
    seen = "the seat was refused: 403 Forbidden by edge1\nREGISTER sip:example"
    refused = [
        check(Outcome.ERROR, name=f"test_{n}", area="calls", host="", message=seen, sentence=f"It is so {n}")
        for n in range(20)
    ]
    late = check(Outcome.FAILED, area="baseline", host="db2", message="3 s apart", sentence="Clocks agree")
    text = page(late, *(dataclasses.replace(each, look_at="journal of edge1") for each in refused))
    failed = text[text.index('id="failed"') : text.index('id="calls"')]
    assert failed.count("403 Forbidden by edge1") == 1
    assert "20 checks did not pass because of it" in failed
    assert failed.count("Look at journal of edge1") == 1
    assert failed.index("403 Forbidden") < failed.index("3 s apart")
    assert text.count("REGISTER sip:example") == 1


def test_a_phase_that_failed_is_named_even_without_checks(page):
    text = page(phases=(Phase("cloud", 3, Outcome.FAILED, "no credentials"),))
    assert "The phase “Cloud” failed." in text
    assert "“云资源”阶段失败。" in text
    assert text.index("no credentials") < text.index('id="calls"')
    assert "Nothing was checked." in text


def test_what_a_check_saw_cannot_become_markup(page):
    evil = "<script>alert(1)</script>\"'&"
    text = page(check(Outcome.FAILED, sentence=evil, message=evil, evidence={evil: evil}, host=evil, sentence_zh=evil))
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text
    Page(text)


def test_evidence_and_cloud_resources_are_shown_without_their_inputs(page):
    text = page(check(evidence={"recording_s": "10.1"}))
    assert "recording s" in text
    assert "10.1" in text
    assert "vpc-1" in text
    assert "never-shown" not in text


def test_json_and_junit_hold_the_same_data(plan, tmp_path):
    found = results(check(evidence={"seat": "1007"}), check(Outcome.FAILED, name="test_y", message="silence"))
    report.write(plan, CloudOutputs(), RESOURCES, found, tmp_path)
    document = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert document["accepted"] is False
    assert Results.load(json.dumps(document["results"])) == found
    assert document["cloud"]["counts"] == {"ec2 Eip": 2, "ec2 Vpc": 1}
    assert planning.load(json.dumps(document["plan"])) == plan
    assert from_junit(tmp_path / "junit.xml") == found.checks


@pytest.mark.parametrize("name", ["hybrid", "cloud", "onprem"])
@pytest.mark.parametrize("shape", [drawing.WIDE, drawing.TALL], ids=lambda shape: shape.name)
class TestDrawing:
    """The drawing of one environment in one shape."""

    def test_every_group_and_every_conversation_is_drawn(self, name, shape):
        plan = plan_of(name)
        drawn = drawing.draw(plan, shape)
        boxes = {box.key for box in drawn.boxes}
        assert {host.group for host in plan.hosts} <= boxes
        assert "carrier" in boxes
        said = {label for line in drawn.lines for label in line.labels}
        said |= {part for box in drawn.boxes for note in box.notes for part in note.removeprefix("⟲ ").split(" · ")}
        expected = {drawing.service(plan, f) for f in plan.flows if f not in drawing.everywhere(plan)}
        assert expected <= said

    def test_nothing_overlaps_or_leaves_the_page(self, name, shape):
        drawn = drawing.draw(plan_of(name), shape)
        for index, box in enumerate(drawn.boxes):
            assert box.x >= 0
            assert box.y >= 0
            assert box.right <= drawn.width
            assert box.bottom <= drawn.height
            for other in drawn.boxes[index + 1 :]:
                apart = box.right <= other.x or other.right <= box.x
                assert apart or box.bottom <= other.y or other.bottom <= box.y, (box.key, other.key)

    def test_each_line_ends_at_its_boxes(self, name, shape):
        drawn = drawing.draw(plan_of(name), shape)
        boxes = {box.key: box for box in drawn.boxes}
        for line in drawn.lines:
            points = [tuple(map(float, point.split(","))) for point in line.points.split()]
            for (x, y), box in ((points[0], boxes[line.source]), (points[-1], boxes[line.target])):
                assert box.x <= x <= box.right, line
                assert box.y <= y <= box.bottom, line


@pytest.mark.parametrize("kind", NAMES)
def test_what_has_a_name_is_something_that_we_have(kind):
    plans = [plan_of(name) for name in ("cloud", "onprem", "hybrid")]
    had = {
        "site": {host.site for plan in plans for host in plan.hosts},
        "mode": {plan.mode for plan in plans},
        "target": set(Target),
        "box": {box.key for plan in plans for box in drawing.draw(plan, drawing.WIDE).boxes} | {"other"},
        "outcome": set(Outcome),
        "kind": set(Kind),
        "every": set(Every),
        "area": {CALLS},
    }
    if kind in had:
        assert {str(each) for each in had[kind]} == set(NAMES[kind])
    if kind in ("item", "unit"):
        items = text_table("price_items")
        figures = [text_table(name).values() for name in ("availability", "capacity", "cost")]
        units = {*items.values(), *(each["unit"] for table in figures for each in table if "unit" in each)}
        assert set(NAMES[kind]) <= ({*items, "operation.share"} if kind == "item" else units)


def test_what_is_known_about_one_call_stands_together(page):
    names = ("test_caller_hears_the_menu", "test_nobody_hears_himself", "test_other")
    text = page(
        *(check(name=f"{name}[first-key-caller-hangs-up]", sentence=sentence_of(name)) for name in names),
        check(name="test_stranger_is_refused", sentence="Stranger is refused"),
    )
    assert text.count('<article class="card call') == 2
    assert "第一个按键" in text
    assert "双方均无回声" in text
    assert text.index("Further calls") < text.index("Stranger is refused")
