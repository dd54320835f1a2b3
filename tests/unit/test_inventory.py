"""What Ansible is told about each host."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from seatworks import inventory, ssh
from seatworks.plan.model import CloudOutputs, Target
from tests.examples import NAMES, live_plan_of, managed_plan_of, plan_of, vpn_plan_of

CONFIG = Path("/project/build/x/lab/ssh/config")
OUTPUTS = CloudOutputs(public_addresses={"cloud-edge1": "52.80.0.1", "cloud-edge2": "52.80.0.2"})


@pytest.mark.parametrize("name", NAMES)
def test_there_is_one_group_per_role_with_the_hosts_of_the_plan(name: str) -> None:
    plan = plan_of(name)
    built = inventory.build(plan, OUTPUTS, CONFIG)
    assert set(built.hosts) == {host.name for host in plan.standing}
    for host in plan.standing:
        assert {role for role in host.roles if host.name not in built.groups[role]} == set()


@pytest.mark.parametrize("name", NAMES)
def test_every_variable_belongs_to_a_role_of_the_host_or_to_ansible(name: str) -> None:
    plan = plan_of(name)
    for host, variables in inventory.build(plan, OUTPUTS, CONFIG).hosts.items():
        for variable in variables:
            assert variable.split("_")[0] in {*plan.host(host).roles, "packages", "ansible"}


def test_the_firewall_opens_what_the_flows_name_and_nothing_else() -> None:
    plan = plan_of("hybrid")
    rules = inventory.build(plan, OUTPUTS, CONFIG).hosts["record1"]["firewall_rules"]
    assert [(rule["name"], rule["protocol"], rule["first_port"]) for rule in rules] == [
        ("management", "tcp", 22),
        ("recordings", "tcp", 2022),
    ]
    assert rules[1]["sources"] == ["10.20.0.21/32", "10.20.0.22/32"]


def test_the_site_calls_the_cloud_through_the_link_and_not_the_other_way() -> None:
    hosts = inventory.build(plan_of("hybrid"), OUTPUTS, CONFIG).hosts
    assert [peer["endpoint"] for peer in hosts["edge1"]["link_peers"]] == ["52.80.0.1:51820", "52.80.0.2:51820"]
    assert [peer["endpoint"] for peer in hosts["cloud-edge1"]["link_peers"]] == ["", ""]


def test_with_a_vpn_edges_know_each_other_by_their_own_addresses_and_no_host_makes_a_link() -> None:
    built = inventory.build(vpn_plan_of(), OUTPUTS, CONFIG)
    edge, outer = built.hosts["edge1"], built.hosts["cloud-edge1"]
    assert edge["kamailio_access_edges"] == ["10.60.0.11", "10.60.1.11"]
    assert outer["kamailio_registrars"] == ["10.20.0.11", "10.20.0.12"]
    assert {each[key] for each in (edge, outer) for key in ("kamailio_link_address", "rtpengine_link_address")} == {""}
    assert built.groups["link"] == []


def test_secrets_are_references_to_the_vault() -> None:
    hosts = inventory.build(plan_of("hybrid"), OUTPUTS, CONFIG).hosts
    text = json.dumps(hosts)
    assert "{{ vault_seat_passwords['1001'] }}" in text
    for variables in hosts.values():
        for name, value in variables.items():
            if name.endswith(("_password", "_private_key", "_certificate_key", "_upload_key", "_host_key")):
                assert str(value).startswith("{{ vault_")


def test_database_hosts_are_told_the_same_and_find_out_who_is_the_primary() -> None:
    hosts = inventory.build(plan_of("onprem"), OUTPUTS, CONFIG).hosts
    own = {"postgresql_name", "postgresql_address", "postgresql_certificate", "postgresql_certificate_key"}
    told = [
        {key: value for key, value in hosts[name].items() if key.startswith("postgresql_") and key not in own}
        for name in ("db1", "db2")
    ]
    assert told[0] == told[1]
    assert [server["name"] for server in told[0]["postgresql_servers"]] == ["db1", "db2"]


def test_nobody_reaches_ssh_where_nobody_is_named() -> None:
    plan = live_plan_of("cloud")
    assert plan.by_session
    assert not plan_of("cloud").by_session
    assert not managed_plan_of(target=Target.LIVE).by_session
    for variables in inventory.build(plan, OUTPUTS, CONFIG).hosts.values():
        assert not [rule for rule in variables["firewall_rules"] if rule["first_port"] <= 22 <= rule["last_port"]]


def test_a_managed_database_is_rehearsed_by_a_host_with_a_master_and_nothing_else() -> None:
    hosts = inventory.build(managed_plan_of(), OUTPUTS, CONFIG).hosts
    found = hosts["db1"]
    assert found["postgresql_managed"]
    assert found["postgresql_users"] == {"seatworks_master": "{{ vault_database_passwords.master }}"}
    assert found["postgresql_parameters"]["log_connections"] == "1"
    assert not [name for name in found["postgresql_parameters"] if name.startswith("rds.")]
    assert hosts["call1"]["database_host"] == "db1"
    assert hosts["call2"]["asterisk_database"]["hosts"] == ["db1"]
    assert hosts["call2"]["asterisk_database_authority"] == "{{ vault_ca_certificate }}"


def test_a_real_managed_database_is_met_by_the_name_that_the_cloud_gave_and_its_master_is_asked_for_late() -> None:
    outputs = dataclasses.replace(OUTPUTS, database_endpoint="x.rds.example", database_secret_arn="arn:aws-cn:x")  # noqa: S106 - a name
    built = inventory.build(managed_plan_of(target=Target.LIVE), outputs, CONFIG)
    assert "db1" not in built.hosts
    assert built.groups["postgresql"] == []
    assert built.groups["database"] == ["call1"]
    call = built.hosts["call1"]
    assert call["database_host"] == "x.rds.example"
    assert call["asterisk_database"]["hosts"] == ["x.rds.example"]
    asked_for = call["database_master_password"]
    assert asked_for == "{{ lookup('database_master', 'cn-north-1', 'arn:aws-cn:x') }}"
    authority = "{{ lookup('ansible.builtin.file', '/project/build/x/database-authority.pem') }}"
    assert call["database_authority"] == call["asterisk_database_authority"] == authority
    assert "db1" not in {entry["name"] for entry in call["baseline_hosts"]}
    assert "Host db1" not in ssh.config(managed_plan_of(target=Target.LIVE), outputs, CONFIG)


def test_trunks_are_told_apart_by_address_and_port_and_those_behind_one_port_are_one() -> None:
    plan = plan_of("hybrid")
    sip = plan.trunks[0]
    lines = [
        dataclasses.replace(sip, name="unicom", port=5060, channels=30),
        dataclasses.replace(sip, name="mobile", port=5080, channels=20),
        dataclasses.replace(sip, name="telecom", kind="e1", port=5060, channels=60),
    ]
    told = inventory.build(dataclasses.replace(plan, trunks=tuple(lines)), OUTPUTS, CONFIG).hosts["edge1"]
    assert told["trunk_carriers"] == [
        {"name": "unicom+telecom", "address": str(sip.address), "port": 5060, "channels": 90},
        {"name": "mobile", "address": str(sip.address), "port": 5080, "channels": 20},
    ]
