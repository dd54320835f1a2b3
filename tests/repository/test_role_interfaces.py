"""Every role declares each of its inputs once: meaning and type in the spec, the value in defaults."""

from __future__ import annotations

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from tests.repository import tree

pytestmark = pytest.mark.parametrize("role", tree.ROLES)


def every_option(declared):
    for name, option in declared.items():
        yield name, option
        yield from every_option(option.get("options", {}))


def defaults(role):
    return tree.load(tree.ROOT / "roles" / role / "defaults" / "main.yml")


def test_inputs_are_the_defaults_and_what_is_required(role):
    declared = tree.options(role)
    required = {name for name, option in declared.items() if option.get("required")}
    assert set(defaults(role)) | required == set(declared)
    assert not set(defaults(role)) & required


def test_defaults_have_the_declared_types(role):
    values = defaults(role)
    spec = tree.validator_spec(tree.options(role), required=False)
    result = ArgumentSpecValidator(spec).validate(values)
    assert not result.error_messages
    coerced = {name: result.validated_parameters[name] for name in values}
    assert coerced == values
    assert None not in values.values()


def test_defaults_are_literals(role):
    assert "{{" not in str(defaults(role))


def test_spec_says_what_each_input_means_and_repeats_no_default(role):
    for name, option in every_option(tree.options(role)):
        assert option.get("description"), name
        assert option.get("type"), name
        assert "default" not in option, name


def test_names_carry_the_role(role):
    assert all(name.startswith(f"{role}_") for name in tree.options(role))
    constants = tree.load(tree.ROOT / "roles" / role / "vars" / "main.yml")
    assert all(name.startswith(f"__{role}_") for name in constants)


def test_roles_do_not_depend_on_roles(role):
    assert tree.load(tree.ROOT / "roles" / role / "meta" / "main.yml").get("dependencies") == []
