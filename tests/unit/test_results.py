"""Results survive being written and read, and only what was shown counts as passed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from seatworks.errors import SeatworksError
from seatworks.results import Check, Outcome, Phase, Results, from_junit, sentence_of, to_junit

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PASSED = Check("test_a[ssh://edge1]", "A", "kamailio", "edge1", Outcome.PASSED, 0.5, {"state": "up <&> 起"}, "", "甲")
FAILED = Check("test_b", "B", "calls", "", Outcome.FAILED, 1.0, {}, "line one\nline two")
ERROR = Check("test_c", "C", "calls", "", Outcome.ERROR, 0.0, {}, "broke")
SKIPPED = Check("test_d", "D", "load", "", Outcome.SKIPPED, 0.0, {}, "not asked")

PYTEST = """<?xml version="1.0" encoding="utf-8"?>
<testsuites><testsuite name="pytest" tests="4">
<testcase classname="tests.infra.test_kamailio" name="test_answers_options[ssh://root@edge1]" time="0.40">
  <properties><property name="reply" value="200 OK"/></properties></testcase>
<testcase classname="tests.calls.test_answered_calls" name="test_seat_answers[onprem]" time="9.1">
  <properties>
    <property name="sentence" value="A seat on site answers"/>
    <property name="sentence_zh" value="本地坐席接听"/><property name="host" value=""/>
    <property name="seat" value="1007"/>
  </properties><failure message="AssertionError: silence">E  silence</failure></testcase>
<testcase classname="tests.calls.test_answered_calls" name="test_seat_answers[onprem]" time="0.1">
  <error message="tear-down broke">E  tear-down</error></testcase>
<testcase classname="tests.infra.test_link.TestTunnel" name="test_shakes_hands" time="0">
  <skipped type="pytest.skip" message="no reason"/></testcase>
</testsuite></testsuites>
"""


def results(*checks, phases=()):
    return Results("hybrid", NOON, NOON, phases, checks)


def test_junit_written_and_read_gives_the_same_checks(tmp_path):
    checks = (PASSED, FAILED, ERROR, SKIPPED)
    path = tmp_path / "junit.xml"
    path.write_text(to_junit("hybrid", checks), encoding="utf-8")
    assert from_junit(path) == checks


def test_junit_counts_every_ending():
    text = to_junit("hybrid", (PASSED, FAILED, ERROR, SKIPPED))
    assert 'tests="4" failures="1" errors="1" skipped="1"' in text


def test_characters_that_xml_cannot_hold_do_not_break_the_document(tmp_path):
    path = tmp_path / "junit.xml"
    odd = Check("test_a", "A", "calls", "", Outcome.FAILED, 0, {"log": "\x1b[31mred"}, "a\x00b")
    path.write_text(to_junit("hybrid", [odd]), encoding="utf-8")
    (read,) = from_junit(path)
    assert read.evidence == {"log": "\N{REPLACEMENT CHARACTER}[31mred"}
    assert read.message == "a\N{REPLACEMENT CHARACTER}b"


def test_checks_of_a_pytest_run_are_described_by_name_or_by_properties(tmp_path):
    path = tmp_path / "junit.xml"
    path.write_text(PYTEST, encoding="utf-8")
    options, call, link = from_junit(path)
    assert (options.sentence, options.area, options.host) == ("Answers options", "kamailio", "edge1")
    assert (options.outcome, options.evidence) == (Outcome.PASSED, {"reply": "200 OK"})
    assert (call.sentence, call.sentence_zh, call.area, call.host) == (
        "A seat on site answers",
        "本地坐席接听",
        "calls",
        "",
    )
    assert call.evidence == {"seat": "1007"}
    assert (link.area, link.outcome, link.message) == ("link", Outcome.SKIPPED, "no reason")


def test_a_failure_is_not_covered_by_its_tear_down(tmp_path):
    path = tmp_path / "junit.xml"
    path.write_text(PYTEST, encoding="utf-8")
    call = from_junit(path)[1]
    assert call.outcome is Outcome.FAILED
    assert "silence" in call.message
    assert "tear-down" in call.message


@pytest.mark.parametrize("text", [None, "", "<testsuites>"])
def test_a_run_that_wrote_no_result_is_an_error(tmp_path, text):
    path = tmp_path / "junit.xml"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(SeatworksError):
        from_junit(path)


def test_json_written_and_read_gives_the_same_results():
    whole = results(PASSED, FAILED, phases=(Phase("cloud", 2.5, Outcome.PASSED, "54 resources"),))
    assert Results.load(whole.dump()) == whole


@pytest.mark.parametrize("bad", [FAILED, ERROR, SKIPPED], ids=lambda check: check.outcome)
def test_one_check_that_did_not_pass_refuses_the_deployment(bad):
    assert not results(PASSED, bad).accepted
    assert results(PASSED, bad).failures == (bad,)


def test_accepted_needs_a_check_and_no_broken_phase():
    assert results(PASSED).accepted
    assert not results().accepted
    assert not results(PASSED, phases=(Phase("hosts", 1, Outcome.FAILED),)).accepted
    assert results(PASSED, phases=(Phase("cloud", 0, Outcome.SKIPPED, "no cloud half"),)).accepted


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("test_calls_survive", "Calls survive"), ("caller-hears-agent", "Caller hears agent"), ("", "")],
)
def test_a_name_reads_as_a_sentence(name, sentence):
    assert sentence_of(name) == sentence
