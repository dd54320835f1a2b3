"""The recorded resources in the words of the real AWS provider, by that provider's own schema.

Pulumi's provider is made from Terraform's: a property's name is the schema's in camel case, in the plural where it
holds several, and a block of which there can be one only is an object instead of a list. This module goes that way
back. What has no counterpart is told, never left out in silence.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from stacks.values import MASK

Schema = Mapping[str, Any]
Json = dict[str, Any]

# Types whose name does not follow from the module and the type in Pulumi's.
TYPES = {
    "backup/vaultLockConfiguration": "aws_backup_vault_lock_configuration",
    "cfg/deliveryChannel": "aws_config_delivery_channel",
    "cfg/recorder": "aws_config_configuration_recorder",
    "cfg/recorderStatus": "aws_config_configuration_recorder_status",
    "cfg/rule": "aws_config_config_rule",
    "cloudtrail/trail": "aws_cloudtrail",
    "ec2/vpnConnection": "aws_vpn_connection",
    "rds/instance": "aws_db_instance",
    "rds/optionGroup": "aws_db_option_group",
    "rds/parameterGroup": "aws_db_parameter_group",
    "rds/subnetGroup": "aws_db_subnet_group",
    "lb/loadBalancer": "aws_lb",
}

# Properties that Pulumi calls by another name.
RENAMED = {("aws:cloudwatch/metricAlarm:MetricAlarm", "name"): "alarm_name"}

# What only the next major version of the provider knows (Pulumi's is made from it), and why that is no mistake here.
# A test sees to it that nothing stands here which the provider does know.
TYPES_ONLY_IN_V6: Mapping[str, str] = {
    "connect/phoneNumberContactFlowAssociation": "new in version 6; the link is checked in the account after a deploy",
}

# What Pulumi adds to every resource, and the provider works out again.
_BRIDGE = {"tagsAll"}


@dataclass(slots=True)
class Translation:
    """Terraform's document, and everything that could not be said in it."""

    document: Json
    untold: list[str] = field(default_factory=list)
    addresses: dict[str, str] = field(default_factory=dict)


def translate(resources: list[Json], schemas: Schema) -> Translation:
    """The document that asks for the same resources. Values are the recorded ones, so that all can be checked."""
    said = Translation({"resource": {}, "provider": {"aws": []}})
    for resource in resources:
        if resource["type"] == "pulumi:providers:aws":
            said.document["provider"]["aws"].append(_provider(resource))
        elif resource["custom"]:
            _resource(resource, schemas, said)
    return said


def type_of(token: str, known: Mapping[str, Any]) -> str | None:
    """Terraform's type for a token such as `aws:ec2/vpc:Vpc`, None when it has none."""
    module, _, name = _module_and_name(token).partition("/")
    snake = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
    wanted = (TYPES.get(f"{module}/{name}"), f"aws_{module}_{snake}", f"aws_{snake}")
    return next((found for found in wanted if found in known), None)


def _module_and_name(token: str) -> str:
    """`ec2/vpc` of `aws:ec2/vpc:Vpc`."""
    return token.split(":")[1]


def label(name: str) -> str:
    """A resource's name as Terraform allows it."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", name) if name[0].isalpha() else "_" + re.sub(r"[^A-Za-z0-9_-]", "_", name)


def _provider(resource: Json) -> Json:
    inputs = resource["inputs"]
    tags = json.loads(inputs["defaultTags"]) if "defaultTags" in inputs else {}
    return {
        "alias": label(resource["name"]),
        "region": inputs["region"],
        "default_tags": tags,
        "s3_use_path_style": True,
        "skip_metadata_api_check": True,
        "max_retries": 1,
    }


def _resource(resource: Json, schemas: Schema, said: Translation) -> None:
    type_ = type_of(resource["type"], schemas)
    place = f"{resource['type']} {resource['name']}"
    if type_ is None and _module_and_name(resource["type"]) in TYPES_ONLY_IN_V6:
        return
    if type_ is None:
        said.untold.append(f"{place}: the provider has no such type")
        return
    body = dict(_body(resource["type"], place, resource["inputs"], schemas[type_]["block"], said.untold))
    urn, _, _ = resource["provider"].rpartition("::")
    body["provider"] = f"aws.{label(urn.rpartition('::')[2])}"
    name = label(resource["name"])
    said.document["resource"].setdefault(type_, {})[name] = body
    said.addresses[f"{type_}.{name}"] = place


def _body(token: str, place: str, values: Json, block: Schema, untold: list[str]) -> Iterator[tuple[str, Any]]:
    names = _names(block)
    for key, value in values.items():
        name = RENAMED.get((token, key)) or names.get(key)
        if key in _BRIDGE:
            continue
        if name is None:
            untold.append(f"{place}: the provider has no property {key}")
        elif name in block.get("block_types", {}):
            inner = block["block_types"][name]["block"]
            entries = value if isinstance(value, list) else [value]
            yield name, [dict(_body(token, f"{place} {name}", entry, inner, untold)) for entry in entries]
        else:
            yield name, _value(value, block["attributes"][name]["type"], f"{place} {name}", untold)


def _value(value: Any, type_: Any, place: str, untold: list[str]) -> Any:
    """One attribute. A collection of one that Pulumi shows as its member is a collection again."""
    if isinstance(type_, str):
        return _escaped(value)
    kind, inner = type_
    if value == MASK:
        untold.append(f"{place}: is a secret that is no text")
        return None
    if kind == "map":
        return {key: _value(entry, inner, place, untold) for key, entry in value.items()}
    if kind == "object":
        names = {camel(name): name for name in inner}
        for key in value.keys() - names.keys():
            untold.append(f"{place}: the provider has no property {key}")
        told = {
            names[key]: _value(entry, inner[names[key]], place, untold) for key, entry in value.items() if key in names
        }
        return {**dict.fromkeys(inner), **told}
    return [_value(entry, inner, place, untold) for entry in (value if isinstance(value, list) else [value])]


def _names(block: Schema) -> Json:
    """The schema's names by those that Pulumi may give them."""
    found: Json = {}
    for name, attribute in block.get("attributes", {}).items():
        if not isinstance(attribute.get("type"), str):
            found[plural(camel(name))] = name
    for name, inner in block.get("block_types", {}).items():
        if inner.get("max_items") != 1:
            found[plural(camel(name))] = name
    # A name as it stands comes before one that was made of it.
    for name in (*block.get("attributes", {}), *block.get("block_types", {})):
        found[camel(name)] = name
    return found


@functools.cache
def camel(name: str) -> str:
    """`cidr_ipv4` as Pulumi writes it: `cidrIpv4`."""
    first, *rest = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)


def plural(name: str) -> str:
    """More than one of it, as Pulumi's bridge says it."""
    if name.endswith("y") and name[-2:-1] not in "aeiou":
        return name[:-1] + "ies"
    if name.endswith(("s", "x", "ch", "sh")):
        return name + "es"
    return name + "s"


def _escaped(value: Any) -> Any:
    """A text that Terraform takes as it stands, although it looks like one of its templates."""
    return value.replace("${", "$${").replace("%{", "%%{") if isinstance(value, str) else value
