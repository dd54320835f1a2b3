"""Templates are plain: what a host gets can be read off them, without Ansible and without other hosts.

What no value goes into is no template: units, settings and programs as they stand lie with their role.
"""

from __future__ import annotations

import re

import jinja2
import jinja2.meta
import jinja2.nodes
import pytest

from tests.repository import tree

ENVIRONMENT = jinja2.Environment(autoescape=False)  # noqa: S701 - only parsed, and not for HTML
DECIDES = (
    jinja2.nodes.Assign,
    jinja2.nodes.AssignBlock,
    jinja2.nodes.Macro,
    jinja2.nodes.Import,
    jinja2.nodes.FromImport,
)
OTHER_HOSTS = {"hostvars", "groups", "group_names", "play_hosts", "lookup", "query", "q"}
TEMPLATES = tuple(path for path in tree.files() if tree.short(path).startswith("templates/") and path.suffix == ".j2")
OF_ROLES = tuple(path for path in TEMPLATES if path.parts[len(tree.ROOT.parts) + 1] not in ("init", "report"))
# Texts that a role writes as they stand. Programs say themselves what they are.
AS_THEY_STAND = tuple(
    path
    for path in tree.files()
    if re.match(r"roles/\w+/files/", tree.short(path)) and path.suffix not in (".py", ".sh")
)


def role_of(path):
    return path.relative_to(tree.ROOT / "templates").parts[0]


def says_where_it_comes_from(path, role):
    head = path.read_text(encoding="utf-8").splitlines()[:5]
    where = [n for n, line in enumerate(head) if f"Written by role {role} from {tree.short(path)}." in line]
    assert where, head
    assert "Edits here are lost; change inventories/<deployment>/seatworks.yml." in head[where[0] + 1]


def role_text(role):
    found = (tree.ROOT / "roles" / role).rglob("*.yml")
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(found))


def parsed(path):
    return ENVIRONMENT.parse(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", OF_ROLES, ids=tree.short)
class TestRoleTemplate:
    """One template of a role."""

    def test_says_where_it_comes_from(self, path):
        says_where_it_comes_from(path, role_of(path))

    def test_a_value_goes_into_it(self, path):
        assert jinja2.meta.find_undeclared_variables(parsed(path)), f"move it to roles/{role_of(path)}/files/"

    def test_chooses_nothing(self, path):
        found = [type(node).__name__ for node in parsed(path).find_all(DECIDES)]
        assert not found

    def test_uses_jinja_alone(self, path):
        template = parsed(path)
        unknown = {node.name for node in template.find_all(jinja2.nodes.Filter)} - set(ENVIRONMENT.filters)
        unknown |= {node.name for node in template.find_all(jinja2.nodes.Test)} - set(ENVIRONMENT.tests)
        assert not unknown

    def test_reads_its_role_and_nothing_else(self, path):
        role = role_of(path)
        named = jinja2.meta.find_undeclared_variables(parsed(path))
        assert not named & OTHER_HOSTS
        constants = {name for name in named if name.startswith(f"__{role}_")}
        assert named - constants <= set(tree.options(role)) | {"ansible_facts"}

    def test_is_used_by_its_role(self, path):
        role = role_of(path)
        included = any(f"'{role}/{path.name}'" in other.read_text(encoding="utf-8") for other in OF_ROLES)
        # A task may name it by its stem, from a list.
        assert included or path.stem in role_text(role)


@pytest.mark.parametrize("role", tree.ROLES)
def test_templates_named_by_a_role_exist(role):
    for named in re.findall(rf"\b{role}/([\w./-]+\.j2)", role_text(role)):
        assert (tree.ROOT / "templates" / role / named).is_file(), named


@pytest.mark.parametrize("path", AS_THEY_STAND, ids=tree.short)
def test_a_text_of_a_role_says_where_it_comes_from(path):
    says_where_it_comes_from(path, path.parts[len(tree.ROOT.parts) + 1])


@pytest.mark.parametrize("path", AS_THEY_STAND, ids=tree.short)
def test_a_text_of_a_role_is_used_by_it(path):
    assert path.name in role_text(path.parts[len(tree.ROOT.parts) + 1])


def test_only_templates_and_pages_lie_among_the_templates():
    named = (tree.short(path) for path in tree.files() if tree.short(path).startswith("templates/"))
    assert not [name for name in named if not name.endswith(".j2") and not name.startswith("templates/report/")]


def test_each_folder_is_a_role():
    assert {role_of(path) for path in OF_ROLES} <= set(tree.ROLES)
