"""A failure is told in words: from what a real pytest writes, and without a letter of Python."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from seatworks import causes, results, verify
from seatworks.results import Check, Outcome

# What stands around the words when a fixture breaks, a comparison is bare, a command fails, an exception is not ours.
TESTS = """
import pytest

class PhoneError(AssertionError): pass
class CommandResult:
    def __repr__(self):
        return (
            "CommandResult(backend=<testinfra.backend.ssh.SshBackend object at 0x7f>, exit_status=2, "
            "command=b'systemctl is-active kamailio', _stdout=b'', _stderr=b'first\\\\nno such unit')"
        )

@pytest.fixture
def seat(request):
    raise PhoneError(
        "the seat was refused: 403 Forbidden by edge1\\n"
        "look at: journal of kamailio on edge1\\n"
        "--- seat-1001 on phones: messages\\nREGISTER sip:example SIP/2.0"
    )

@pytest.fixture(params=[{"menu_digit": "1"}, {"menu_digit": "2"}], ids=str)
def wish(request): return request.param

@pytest.mark.parametrize("number", range(10))
def test_a_seat_answers(number, seat): pass
@pytest.mark.parametrize("number", range(10))
def test_a_seat_hears(number, seat): pass
def test_row_names_the_queue(wish): assert {"menu_digit": "3"} == wish
def test_row_says_it():
    row = {"menu_digit": "1", "queue": None}
    assert row["queue"] == "sales", f"call detail is {row}"
def test_unit_runs(): raise AssertionError(f"Unexpected exit code 2 for {CommandResult()}")
def test_breaks(): {}["menu"]
def test_list(): assert [] == ["1001"], ["1001", "1002"]
def test_object(): assert False, f"not {object()}"
@pytest.fixture
def tidy():
    yield
    raise PhoneError("the phone does not stop")
def test_leaves(tidy): pass
def test_fails_in_words(): pytest.fail("edge1: expected 5060, found 5061")
"""
# `{'`, `['`, `= <`, `0x7f`, a name of a class with its arguments, an exception's name.
PYTHON = re.compile(r"""[\[{(]b?['"]|<\w|0x[0-9a-f]|\w+Error|assert |SubRequest|CommandResult""")


@pytest.fixture(scope="module")
def checks(tmp_path_factory: pytest.TempPathFactory) -> tuple[Check, ...]:
    """What comes out of a run of them."""
    folder = tmp_path_factory.mktemp("run")
    (folder / "test_calls.py").write_text(TESTS, encoding="utf-8")
    junit = folder / "junit.xml"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={junit}"]
    done = subprocess.run([*command, "test_calls.py"], cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1, done.stdout + done.stderr
    return results.from_junit(junit)


def test_a_seat_that_was_refused_is_told_once_and_first(checks: tuple[Check, ...]) -> None:
    first, *others = verify.failures(checks, Path("calls.log"))
    assert first.message == "the seat was refused: 403 Forbidden by edge1: 20 checks did not pass because of it"
    assert first.remedy == "look at journal of kamailio on edge1"
    assert not any("refused" in str(problem) for problem in others)
    assert all(problem.remedy == "read calls.log" for problem in others)


def test_what_was_seen_stays_with_it(checks: tuple[Check, ...]) -> None:
    assert results.by_cause(checks)[0].seen == "--- seat-1001 on phones: messages\nREGISTER sip:example SIP/2.0"


def test_each_kind_of_failure_has_its_words(checks: tuple[Check, ...]) -> None:
    told = {check.sentence: check.cause for check in checks if "seat" not in check.sentence}
    assert told == {
        "Row names the queue": "",
        "Row says it": "call detail is menu digit 1, queue none",
        "Unit runs": "“systemctl is-active kamailio” ended with 2: no such unit",
        "Breaks": "the check itself broke (KeyError)",
        "List": "1001, 1002",
        "Object": "",
        "Leaves": "the phone does not stop",
        "Fails in words": "edge1: expected 5060, found 5061",
    }


def test_no_python_is_shown(checks: tuple[Check, ...]) -> None:
    shown = "\n".join(map(str, verify.failures(checks))).replace("the check itself broke (KeyError)", "")
    assert not PYTHON.search(shown), shown
    assert PYTHON.search(TESTS)


def test_without_words_the_sentence_stands_for_the_cause_with_its_hosts() -> None:
    bare = [Check("test_x", "It listens", "kamailio", host, Outcome.FAILED, 0.1) for host in ("edge1", "edge2")]
    assert [str(problem) for problem in verify.failures(bare)] == ["It listens: not so on edge1, edge2"]


def test_one_cause_on_one_host_names_both() -> None:
    late = Check("test_x", "Clocks agree", "baseline", "db1", Outcome.FAILED, 0.1, message="3 s apart")
    assert [str(problem) for problem in verify.failures([late])] == ["Clocks agree (db1): 3 s apart"]


@pytest.mark.parametrize(
    ("message", "line"),
    [
        ("tests.calls.phones.PhoneError: edge1: silent", "edge1: silent"),
        ('failed on setup with "seatworks.errors.VerifyError: hybrid: is not deployed"', "hybrid: is not deployed"),
        ("AssertionError: closed\nassert False", "closed"),
        ("assert 1 == 2\n +  where 1 = f()", ""),
        ("worker 'gw0' crashed while running 'test_x'", "worker 'gw0' crashed while running 'test_x'"),
        ("edge1: closed", "edge1: closed"),
        ("subprocess.TimeoutExpired: Command '['ssh']' timed out", "the check itself broke (TimeoutExpired)"),
        ("", ""),
    ],
)
def test_the_first_line_of_what_a_test_said_is_the_cause(message: str, line: str) -> None:
    assert causes.of(message).line == line


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"menu_digit": "1", "queue": ""}, "menu digit 1, queue none"),
        ([], "none"),
        ({"b", "a"}, "a, b"),
        (("1001", 5), "1001, 5"),
        (7, "7"),
        (None, "none"),
    ],
)
def test_values_are_said_in_words(value: object, words: str) -> None:
    assert causes.spoken(value) == words
