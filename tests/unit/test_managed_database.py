"""Who runs the database of a cloud centre, and what the plan then holds."""

from __future__ import annotations

from ipaddress import IPv4Network

import pytest

from seatworks import plan as planning
from seatworks import sizing
from seatworks.explain import explain
from seatworks.plan.model import Plan, Site, Tier, WayOut
from seatworks.sizing import database
from seatworks.spec import Database, Spec, Target
from tests.examples import managed_plan_of, plan_of, spec_of


def cloud_spec(asked: Database | None, region: str = "cn-north-1") -> Spec:
    """The cloud example with another database or another region."""
    spec = spec_of("cloud")
    assert spec.cloud
    zones = (f"{region}a", f"{region}b")
    changed = spec.cloud.model_copy(update={"database": asked, "region": region, "zones": zones})
    return spec.model_copy(update={"cloud": changed})


@pytest.fixture
def plan() -> Plan:
    """The cloud example with a managed database."""
    return managed_plan_of()


@pytest.mark.parametrize(("asked", "managed"), [(Database.MANAGED, True), (Database.INSTANCES, False)])
def test_what_the_specification_says_wins(asked: Database, managed: bool) -> None:
    found = sizing.size(cloud_spec(asked)).database
    assert (found.managed, found.why) == (managed, f"cloud.database is {asked}")


def test_without_a_price_nobody_is_led_into_the_service() -> None:
    sized = sizing.size(cloud_spec(None))
    assert not sized.database.managed
    assert "no aws.cn-north-1.rds.m6i.large.postgres.two_zones" in sized.database.why


def test_where_the_price_is_known_the_cloud_runs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    item = database.price_item("eu-central-1", "db.m6i.large")
    monkeypatch.setattr(database, "_priced", lambda: frozenset({item}))
    assert sizing.size(cloud_spec(None, "eu-central-1")).database.managed
    assert not sizing.size(cloud_spec(None, "cn-north-1")).database.managed


@pytest.mark.parametrize("name", ["hybrid", "onprem"])
def test_a_core_on_the_site_keeps_its_call_detail_there(name: str) -> None:
    assert not plan_of(name).database.managed
    assert {host.site for host in plan_of(name).group("db")} == {Site.ONPREM}


def test_the_choice_can_be_asked_why() -> None:
    figure = explain(sizing.size(cloud_spec(Database.MANAGED)), "database_managed")
    assert figure.value == 1
    assert figure.formula == "cloud.database is managed"


def test_one_service_stands_in_for_two_hosts_in_every_network_of_the_cloud(plan: Plan) -> None:
    (host,) = plan.group("db")
    assert (host.name, host.managed, host.instance_type) == ("db1", True, "db.m6i.large")
    data = [network for network in plan.networks if network.tier is Tier.DATA]
    assert set(plan.database.networks) == {network.name for network in data}
    assert {network.way_out for network in data} == {WayOut.NONE}, "the service fetches nothing"
    assert len({plan.network(name).zone for name in plan.database.networks}) == 2
    assert host.network in plan.database.networks
    assert plan.database.storage_max_gb >= 1.26 * host.disk_gb, "RDS asks for at least 26 % more"


def test_it_is_met_anywhere_in_its_networks_and_others_at_their_address(plan: Plan) -> None:
    assert plan.seen_at(plan.host("db1")) == tuple(plan.network(name).cidr for name in plan.database.networks)
    assert plan.seen_at(plan.host("call1")) == (IPv4Network(f"{plan.host('call1').address}/32"),)


def test_a_call_server_keeps_what_is_in_it(plan: Plan) -> None:
    assert [host.name for host in plan.running("database")] == ["call1"]
    assert plan_of("cloud").running("database") == ()


def test_the_real_service_is_entered_by_nobody_and_its_stand_in_is() -> None:
    rehearsed, real = managed_plan_of(), managed_plan_of(target=Target.LIVE)
    assert rehearsed.servers == rehearsed.hosts
    assert {host.name for host in real.hosts} - {host.name for host in real.servers} == {"db1"}
    for plan in (rehearsed, real):
        assert [(flow.name, flow.targets) for flow in plan.cloud_flows if "db1" in flow.targets] == [
            ("call-detail", ("db1",))
        ]
    assert not [flow for flow in real.flows if "db1" in flow.targets and flow.first_port == real.ports.ssh]


def test_the_document_gives_it_back(plan: Plan) -> None:
    assert planning.load(planning.dump(plan)) == plan
    assert dict(plan.database.parameters)["rds.force_ssl"] == "1"


def test_hosts_of_ours_have_no_settings_of_the_service() -> None:
    found = plan_of("cloud").database
    assert (found.networks, found.backup_days, found.parameters) == ((), 0, ())
