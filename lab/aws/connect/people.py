"""Security profiles and users. Passwords are checked and not kept: no call tells them."""

from __future__ import annotations

import re

from lab.aws.connect.model import refused
from lab.aws.connect.store import (
    Params,
    Sort,
    Store,
    create,
    delete,
    describe,
    holders,
    listing,
    page,
    update,
)

# The pattern of the service's model, written there between slashes.
_PASSWORD = re.compile(r"(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[a-zA-Z\d\S]{8,64}")


def _permissions(store: Store, params: Params) -> Params:
    found = store.one(params, "SecurityProfile", params["SecurityProfileId"])
    held = found.get("Permissions", [])
    told = page([{"name": each} for each in held], params, "Permissions")
    return {**told, "Permissions": [each["name"] for each in told["Permissions"]]}


def _rights_used(store: Store, record: Params) -> str:
    return ", ".join(holders(store, record, "User", lambda each: record["Id"] in each["SecurityProfileIds"]))


def _user_fits(store: Store, record: Params) -> None:
    store.one(record, "RoutingProfile", record["RoutingProfileId"])
    for each in record["SecurityProfileIds"]:
        store.one(record, "SecurityProfile", each)
    if not 1 <= len(record["SecurityProfileIds"]) <= 10:
        raise refused("InvalidParameterException", "a user has 1 to 10 security profiles")
    phone = record.get("PhoneConfig", {})
    if (phone.get("PhoneType") == "DESK_PHONE") != bool(phone.get("DeskPhoneNumber")):
        raise refused("InvalidParameterException", "DeskPhoneNumber belongs to DESK_PHONE, and is needed there")


def _create_user(store: Store, params: Params) -> Params:
    managed = store.instance(params["InstanceId"]).identity_management_type == "CONNECT_MANAGED"
    password = params.pop("Password", None)
    if managed != (password is not None):
        raise refused(
            "InvalidRequestException", "Password is needed with CONNECT_MANAGED and refused with everything else"
        )
    if managed and not _PASSWORD.fullmatch(password):
        raise refused(
            "InvalidParameterException", "Password does not have 8 to 64 letters, large and small, and digits"
        )
    if managed and len(params["Username"]) > 20:
        raise refused("InvalidParameterException", "Username has more than 20 characters")
    return create(USER)(store, params)


RIGHTS = Sort(
    "SecurityProfile", "security-profile", "SecurityProfileId", "SecurityProfileArn", label="SecurityProfileName",
    hidden=("Permissions",), used=_rights_used,
)  # fmt: skip
USER = Sort("User", "agent", "UserId", "UserArn", label="Username", check=_user_fits)

CALLS = {
    "CreateSecurityProfile": create(RIGHTS),
    "DescribeSecurityProfile": describe(RIGHTS, "SecurityProfile"),
    "ListSecurityProfiles": listing(RIGHTS, "SecurityProfileSummaryList"),
    "ListSecurityProfilePermissions": _permissions,
    "UpdateSecurityProfile": update(RIGHTS, "Description", "Permissions"),
    "DeleteSecurityProfile": delete(RIGHTS),
    "CreateUser": _create_user,
    "DescribeUser": describe(USER, "User"),
    "ListUsers": listing(USER, "UserSummaryList"),
    "UpdateUserIdentityInfo": update(USER, "IdentityInfo"),
    "UpdateUserPhoneConfig": update(USER, "PhoneConfig"),
    "UpdateUserRoutingProfile": update(USER, "RoutingProfileId"),
    "UpdateUserSecurityProfiles": update(USER, "SecurityProfileIds"),
    "DeleteUser": delete(USER),
}
