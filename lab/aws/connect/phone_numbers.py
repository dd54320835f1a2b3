"""Phone numbers: looked for, claimed, tied to the flow that answers them, released."""

from __future__ import annotations

import re

from lab.aws.connect.model import refused
from lab.aws.connect.store import Params, Store, fresh, page

# Country codes of telephony (ITU-T E.164) where the service has numbers; a rehearsal knows some.
_CODES = {
    "AT": "43", "AU": "61", "BE": "32", "CA": "1", "CH": "41", "DE": "49", "DK": "45", "ES": "34", "FI": "358",
    "FR": "33", "GB": "44", "IE": "353", "IT": "39", "JP": "81", "KR": "82", "NL": "31", "NO": "47", "NZ": "64",
    "PL": "48", "PT": "351", "SE": "46", "SG": "65", "US": "1", "ZA": "27",
}  # fmt: skip
_NUMBER = re.compile(r"\+[1-9]\d{6,14}")
_LENGTH, _OFFERED = 12, 10


def _search(store: Store, params: Params) -> Params:
    """Free numbers, drawn at random behind the asked beginning; a whole number is offered itself when it is free."""
    from moto.moto_api._internal import mock_random

    store.instance(params.get("TargetArn") or params.get("InstanceId", ""))
    country = params["PhoneNumberCountryCode"]
    if country not in _CODES:
        raise refused("InvalidParameterException", f"no numbers of country {country}")
    prefix = params.get("PhoneNumberPrefix") or f"+{_CODES[country]}"
    if not prefix.startswith(f"+{_CODES[country]}"):
        raise refused("InvalidParameterException", f"{prefix} is no number of {country}: they begin +{_CODES[country]}")
    taken = {each["PhoneNumber"] for each in store.numbers.values()}
    missing = max(0, _LENGTH - len(prefix))
    offered = [prefix + "".join(mock_random.choice("0123456789") for _ in range(missing)) for _ in range(_OFFERED)]
    found = [
        {
            "PhoneNumber": number,
            "PhoneNumberCountryCode": country,
            "PhoneNumberType": params["PhoneNumberType"],
        }
        for number in dict.fromkeys(offered)
        if number not in taken
    ]
    return page(found, {"MaxResults": 10, **params}, "AvailableNumbersList")


def _claim(store: Store, params: Params) -> Params:
    instance, number = store.instance(params.get("TargetArn") or params.get("InstanceId", "")), params["PhoneNumber"]
    countries = [country for country, code in _CODES.items() if number.startswith(f"+{code}")]
    if not _NUMBER.fullmatch(number) or not countries:
        raise refused("InvalidParameterException", f"{number} is no number that can be claimed")
    if any(each["PhoneNumber"] == number for each in store.numbers.values()):
        raise refused("InvalidParameterException", f"{number} is claimed already")
    id_ = fresh()
    arn = store.arn(f"phone-number/{id_}")
    store.numbers[id_] = {
        "PhoneNumberId": id_,
        "PhoneNumberArn": arn,
        "PhoneNumber": number,
        "PhoneNumberCountryCode": countries[0],
        "PhoneNumberType": "TOLL_FREE" if number.startswith(("+1800", "+49800", "+44800", "+33800")) else "DID",
        "PhoneNumberDescription": params.get("PhoneNumberDescription", ""),
        "TargetArn": instance.arn,
        "InstanceId": instance.id,
        "PhoneNumberStatus": {"Status": "CLAIMED"},
        "instance": instance.id,
        "flow": "",
    }
    store.tag(arn, params)
    return {"PhoneNumberId": id_, "PhoneNumberArn": arn}


def _number(store: Store, params: Params) -> Params:
    found = store.numbers.get(params["PhoneNumberId"].rpartition("/")[2])
    if found is None:
        raise refused("ResourceNotFoundException", f"no number {params['PhoneNumberId']}")
    return found


def _told(store: Store, record: Params) -> Params:
    shown = {key: value for key, value in record.items() if key not in {"instance", "flow"}}
    return {**shown, **store.tags(record["PhoneNumberArn"])}


def _list(store: Store, params: Params) -> Params:
    target = params.get("TargetArn") or params.get("InstanceId")
    wanted = target.rpartition("/")[2] if target else None
    keys = ("PhoneNumberId", "PhoneNumberArn", "PhoneNumber", "PhoneNumberCountryCode", "PhoneNumberType", "TargetArn")
    found = [{key: each[key] for key in keys} for each in store.numbers.values() if wanted in (None, each["instance"])]
    return page(found, params, "ListPhoneNumbersSummaryList")


def _release(store: Store, params: Params) -> None:
    del store.numbers[_number(store, params)["PhoneNumberId"]]


def _describe_it(store: Store, params: Params) -> None:
    _number(store, params)["PhoneNumberDescription"] = params.get("PhoneNumberDescription", "")


def _of_instance(store: Store, params: Params) -> Params:
    found = _number(store, params)
    if found["instance"] != store.instance(params["InstanceId"]).id:
        raise refused("ResourceNotFoundException", f"number {found['PhoneNumber']} is not of this instance")
    return found


def _tie(store: Store, params: Params) -> None:
    number = _of_instance(store, params)
    flow = store.one(params, "ContactFlow", params["ContactFlowId"])
    if flow["Type"] != "CONTACT_FLOW":
        raise refused("InvalidParameterException", f"flow {flow['Name']} is a {flow['Type']}, it answers no number")
    number["flow"] = flow["Id"]


def _untie(store: Store, params: Params) -> None:
    _of_instance(store, params)["flow"] = ""


def _ties(store: Store, params: Params) -> Params:
    instance = store.instance(params["InstanceId"]).id
    found = [
        {
            "ResourceId": each["PhoneNumberArn"],
            "FlowId": store.one(params, "ContactFlow", each["flow"])["Arn"],
            "ResourceType": "VOICE_PHONE_NUMBER",
        }
        for each in store.numbers.values()
        if each["instance"] == instance and each["flow"]
    ]
    asked = {given.rpartition("/")[2] for given in params.get("ResourceIds", ())}
    wanted = [each for each in found if not asked or each["ResourceId"].rpartition("/")[2] in asked]
    of_kind = params.get("ResourceType", "VOICE_PHONE_NUMBER") == "VOICE_PHONE_NUMBER"
    return page(wanted if of_kind else [], params, "FlowAssociationSummaryList")


CALLS = {
    "SearchAvailablePhoneNumbers": _search,
    "ClaimPhoneNumber": _claim,
    "DescribePhoneNumber": lambda store, params: {"ClaimedPhoneNumberSummary": _told(store, _number(store, params))},
    "ListPhoneNumbersV2": _list,
    "UpdatePhoneNumberMetadata": _describe_it,
    "ReleasePhoneNumber": _release,
    "AssociatePhoneNumberContactFlow": _tie,
    "DisassociatePhoneNumberContactFlow": _untie,
    "ListFlowAssociations": _ties,
    "BatchGetFlowAssociation": _ties,
}
