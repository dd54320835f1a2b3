"""A specification is read as meant, or refused with every problem, its line and what to do."""

from __future__ import annotations

import copy
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from seatworks import spec
from seatworks.errors import Problem, SpecError

ROOT = Path(__file__).resolve().parents[2]
HYBRID = (ROOT / "inventories/hybrid/seatworks.yml").read_text(encoding="utf-8")
SHIPPED = ("hybrid", "onprem", "cloud")


def _yaml(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


BROKEN = _yaml((Path(__file__).parent / "cases/broken_specs.yml").read_text(encoding="utf-8"))


def write(folder: Path, text: str | bytes) -> Path:
    """A specification in a folder of its own name."""
    path = folder / "hybrid" / "seatworks.yml"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def refused(path: Path) -> SpecError:
    """The refusal of a file."""
    with pytest.raises(SpecError) as caught:
        spec.load(path)
    return caught.value


def changed(case: dict[str, Any]) -> str:
    """The text of a case of broken_specs.yml."""
    if "raw" in case:
        return str(case["raw"])
    text = HYBRID
    for old, new in case.get("replace", []):
        assert old in text, f"{old!r} is not in the hybrid example"
        text = text.replace(old, new, 1)
    return text + case.get("append", "")


def meets(problem: Any, expected: dict[str, Any], lines: list[str]) -> bool:
    """Whether a problem is the expected one: key, line and words."""
    place, _, key = problem.place.partition(" ")
    number = int(place.rpartition(":")[2])
    says = expected["says"] if isinstance(expected["says"], list) else [expected["says"]]
    said = f"{problem.message} -> {problem.remedy}"
    return (
        key == expected.get("key", key)
        and expected.get("line", "") in (lines[number - 1] if lines else "")
        and all(str(words) in said for words in says)
    )


@pytest.mark.parametrize("case", BROKEN, ids=[case["name"] for case in BROKEN])
def test_broken_specification_is_refused(case: dict[str, Any], tmp_path: Path) -> None:
    text = changed(case)
    error = refused(write(tmp_path, text))
    lines = text.splitlines()
    for expected in case["expect"]:
        assert any(meets(problem, expected, lines) for problem in error.problems), f"{expected} not in\n{error}"
    assert len(error.problems) == len(case["expect"]), str(error)
    assert error.exit_code == 2
    # The words of the library are not the words of the field.
    for jargon in ("pydantic", "ruamel", "Input should", "validation error", "Traceback", "NoneType", "model_"):
        assert jargon not in str(error)


def test_there_are_enough_broken_specifications() -> None:
    assert len({case["name"] for case in BROKEN}) == len(BROKEN) >= 60


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_specification_is_accepted(name: str) -> None:
    read = spec.load(ROOT / f"inventories/{name}/seatworks.yml")
    assert read.name == name
    assert read.mode == name
    assert read.domain == f"{name}.internal"


def test_hybrid_example_is_the_documented_one() -> None:
    read = spec.load(ROOT / "inventories/hybrid/seatworks.yml")
    assert read.seats == spec.Seats(onprem=80, cloud=20, peak_extra=20)
    assert (read.traffic.busy_hour_calls, read.traffic.talk_s, read.traffic.blocking) == (1300, 180, 0.01)
    assert read.service.numbers[0].number == "01012345678"
    assert read.service.menus["main"].digits == {"1": "support", "2": "sales"}
    assert read.cloud is not None
    assert read.cloud.zones == ("cn-north-1a", "cn-north-1b")
    assert str(read.trunks[0].address) == "198.51.100.10"


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_specification_names_the_schema(name: str) -> None:
    first = (ROOT / f"inventories/{name}/seatworks.yml").read_text(encoding="utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=../../docs/seatworks.schema.json"


def test_schema_file_is_the_exported_one() -> None:
    assert (ROOT / "docs/seatworks.schema.json").read_text(encoding="utf-8") == spec.schema_text()
    assert json.loads(spec.schema_text())["properties"]["mode"]


def test_missing_file(tmp_path: Path) -> None:
    error = refused(tmp_path / "nowhere" / "seatworks.yml")
    assert "there is no such file" in str(error)
    assert "shipped examples" in str(error)


def test_folder_instead_of_a_file(tmp_path: Path) -> None:
    assert "is a folder" in str(refused(tmp_path))


def test_file_that_is_not_utf8(tmp_path: Path) -> None:
    error = refused(write(tmp_path, HYBRID.encode() + "# 呼叫中心\n".encode("gbk")))
    assert "is not UTF-8" in str(error)
    assert f":{len(HYBRID.splitlines()) + 1}" in error.problems[0].place


def test_file_in_utf16(tmp_path: Path) -> None:
    assert "is not UTF-8" in str(refused(write(tmp_path, HYBRID.encode("utf-16"))))


def test_huge_file(tmp_path: Path) -> None:
    assert "is larger than 512 KiB" in str(refused(write(tmp_path, HYBRID + "# x\n" * 200_000)))


def test_endless_device_is_not_read() -> None:
    assert "is not an ordinary file" in str(refused(Path("/dev/zero")))


def test_deeply_nested_file(tmp_path: Path) -> None:
    assert "nested too deeply" in str(refused(write(tmp_path, "a: " + "[" * 500 + "]" * 500)))


def test_path_is_shown_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, HYBRID.replace("onprem: 80", "onprem: many"))
    monkeypatch.chdir(tmp_path)
    assert refused(path).problems[0].place == "hybrid/seatworks.yml:11 seats.onprem"
    assert refused(Path("hybrid/seatworks.yml")).problems[0].place == "hybrid/seatworks.yml:11 seats.onprem"


def test_problems_come_in_the_order_of_the_file(tmp_path: Path) -> None:
    broken = next(case for case in BROKEN if case["name"] == "everything at once")
    error = refused(write(tmp_path, changed(broken)))
    lines = [int(problem.place.split(" ")[0].rpartition(":")[2]) for problem in error.problems]
    assert lines == sorted(lines)
    assert len(lines) == 8


def test_anchors_merges_and_bare_digits_are_understood(tmp_path: Path) -> None:
    text = HYBRID.replace(
        "    support:\n      strategy: leastrecent ", "    support: &queue\n      strategy: ringall #"
    )
    text = text.replace("    sales:\n      strategy: leastrecent", "    sales:\n      <<: *queue")
    text = text.replace('"1": support', "1: support")
    read = spec.load(write(tmp_path, text))
    assert read.service.queues["sales"].strategy == "ringall"
    assert read.service.queues["sales"].seats == ("cloud", "onprem")
    assert read.service.menus["main"].digits["1"] == "support"


def test_a_byte_order_mark_and_windows_lines_are_read(tmp_path: Path) -> None:
    assert spec.load(write(tmp_path, b"\xef\xbb\xbf" + HYBRID.replace("\n", "\r\n").encode())).name == "hybrid"


def test_values_do_not_change(tmp_path: Path) -> None:
    read = spec.load(write(tmp_path, HYBRID))
    with pytest.raises(ValueError, match="frozen"):
        read.seats.onprem = 5


def test_live_site_with_its_facts_is_accepted(tmp_path: Path) -> None:
    text = HYBRID.replace("target: lab", "target: live").replace(
        "  # hosts: {edge1: 10.20.0.11}", "  hosts: {edge1: 10.20.0.11} #"
    )
    read = spec.load(write(tmp_path, text + "management: {networks: [10.0.5.0/24]}\n"))
    assert read.onprem is not None
    assert str(read.onprem.hosts["edge1"]) == "10.20.0.11"


def test_a_live_centre_without_a_site_need_not_say_who_may_use_ssh(tmp_path: Path) -> None:
    text = (ROOT / "inventories/cloud/seatworks.yml").read_text(encoding="utf-8")
    read = spec.load(
        write(tmp_path, text.replace("target: lab", "target: live").replace("name: cloud", "name: hybrid"))
    )
    assert (read.target, read.management) == ("live", None)


def test_e1_trunk_on_a_gateway_is_accepted(tmp_path: Path) -> None:
    text = (
        HYBRID.replace("#  - {name: telecom", "  - {name: telecom")
        .replace("# gateways:", "gateways:")
        .replace("#  - {name: gw1", "  - {name: gw1")
    )
    read = spec.load(write(tmp_path, text))
    assert [trunk.kind for trunk in read.trunks] == ["sip", "sip", "e1"]


def test_time_servers_are_names_in_any_case_or_addresses(tmp_path: Path) -> None:
    text = HYBRID.replace("[ntp.aliyun.com, ntp.tencent.com]", "[NTP.ALIYUN.COM, 203.107.6.88]")
    assert spec.load(write(tmp_path, text)).time_servers == ("ntp.aliyun.com", "203.107.6.88")


def test_a_word_on_a_chinese_keyboard_is_no_key(tmp_path: Path) -> None:
    text = HYBRID + "# 注意\N{FULLWIDTH COLON}电话\nindustry2: {\n"
    (problem,) = refused(write(tmp_path, text)).problems
    assert "fullwidth" not in problem.message


def _paths(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [path, *(found for key, value in inner for found in _paths(value, (*path, key)))]


DATA = _yaml(HYBRID)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-10, 10**13),
    st.floats(),
    st.text(st.characters(codec="utf-8"), max_size=12),
    st.sampled_from(["cloud", "onprem", "hybrid", "e1", "sip", "10.20.0.0/24", "10.98.0.1", "live", "g722", "finance"]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text("abcxyz019_", max_size=6), inner, max_size=3)
    ),
    max_leaves=5,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.tuples(st.sampled_from(_paths(DATA)[1:]), VALUES, st.booleans()), min_size=1, max_size=5))
def test_any_change_is_accepted_or_refused_kindly(
    tmp_path: Path, changes: list[tuple[tuple[Any, ...], Any, bool]]
) -> None:
    data = copy.deepcopy(DATA)
    for path, value, remove in changes:
        node = data
        try:
            for step in path[:-1]:
                node = node[step]
            if remove:
                del node[path[-1]]
            else:
                node[path[-1]] = value
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took this place away
    text = io.StringIO()
    YAML(typ="safe", pure=True).dump(data, text)
    _load_kindly(write(tmp_path, text.getvalue()))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    start=st.integers(0, len(HYBRID)),
    length=st.integers(0, 60),
    new=st.text(st.sampled_from("ab1 :-[]{}\"'#&*!|>%@\t\n,?"), max_size=8),
)
def test_any_slip_of_the_keyboard_is_accepted_or_refused_kindly(
    tmp_path: Path, start: int, length: int, new: str
) -> None:
    _load_kindly(write(tmp_path, HYBRID[:start] + new + HYBRID[start + length :]))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=80))
def test_any_bytes_are_refused_kindly(tmp_path: Path, content: bytes) -> None:
    _load_kindly(write(tmp_path, content))


def _load_kindly(path: Path) -> None:
    problems: Sequence[Problem] = ()
    try:
        assert spec.load(path).name == "hybrid"
    except SpecError as error:
        problems = error.problems
    assert all(problem.place.startswith(str(path)) and problem.message for problem in problems)
