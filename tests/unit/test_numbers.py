"""A number is one number, however the file or a carrier writes it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatworks import inventory
from seatworks.plan.model import CloudOutputs
from seatworks.spec.numbers import forms
from tests.rendering import rendered, sections
from tests.specs import environment

FORMS = [
    {"01012345678", "+861012345678", "861012345678", "00861012345678"},
    {"075512345678", "+8675512345678", "8675512345678", "008675512345678"},
    {"4008001234", "+864008001234", "864008001234", "00864008001234"},
    {"13800138000", "+8613800138000", "8613800138000", "008613800138000"},
    {"95588", "+8695588", "8695588", "008695588"},
]


@pytest.mark.parametrize("every", FORMS)
def test_each_form_of_a_number_gives_all_of_them(every: set[str]) -> None:
    for form in every:
        assert forms(form, china=True)[0] == form
        assert set(forms(form, china=True)) == every


@pytest.mark.parametrize("number", ["62345678", "114", "12345"])
def test_a_number_that_lacks_its_area_code_is_known_as_it_is_written(number: str) -> None:
    assert forms(number, china=True) == (number,)


def test_numbers_of_other_countries_keep_theirs() -> None:
    assert forms("+4930123456", china=True) == ("+4930123456", "4930123456", "004930123456")
    assert forms("01012345678", china=False) == ("01012345678",)
    assert "01012345678" in forms("+861012345678", china=False)


@given(number=st.from_regex(r"\A\+?[0-9]{3,15}\Z"), china=st.booleans())
def test_forms_are_closed_whatever_the_number(number: str, china: bool) -> None:
    every = forms(number, china=china)
    assert every[0] == number
    assert len(set(every)) == len(every)
    if len(every) > 1:
        # Whoever writes another form in the file means the same number.
        assert all(set(forms(form, china=china)) >= set(every) - {number} for form in every if form.startswith("+"))


def test_edges_and_call_servers_know_every_form_and_call_detail_has_one(tmp_path: Path) -> None:
    numbers = [{"number": "+861012345678", "menu": "main"}]
    plan = environment(tmp_path, service__numbers=numbers).plan()
    told = inventory.build(plan, CloudOutputs(), Path("/x/build/hybrid/lab/ssh/config")).hosts
    assert {each["number"] for each in told["edge1"]["kamailio_numbers"]} == FORMS[0]
    assert len({each["set"] for each in told["edge1"]["kamailio_numbers"]}) == 1
    lines = dict(sections(rendered(plan, "call1", "asterisk/extensions.conf.j2")))["from-edge"]
    assert " same = n,Gosub(call-start,s,1(+861012345678))" in lines
    assert {line for line in lines if ",1,Goto(" in line} == {
        f"exten = {form},1,Goto(+861012345678,1)" for form in FORMS[0] - {"+861012345678"}
    }
