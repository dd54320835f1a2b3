"""The roles that services and hosts take on, and what they may do."""

from __future__ import annotations

from lab.aws.account import Account
from lab.kinds._kind import Kind
from lab.kinds._members import members, request
from lab.kinds._tags import tag_list
from stacks.values import Properties

_ROLE = members(
    *("description", "path", "maxSessionDuration"),
    name="RoleName",
    permissionsBoundary="PermissionsBoundary",
    assumeRolePolicy="AssumeRolePolicyDocument",
)


def _role(account: Account, inputs: Properties) -> tuple[str, Properties]:
    made = account.client("iam").create_role(**request(_ROLE, inputs), Tags=tag_list(inputs))["Role"]
    return inputs["name"], {"arn": made["Arn"], "uniqueId": made["RoleId"]}


def _role_policy(account: Account, inputs: Properties) -> tuple[str, Properties]:
    account.client("iam").put_role_policy(
        RoleName=inputs["role"], PolicyName=inputs["name"], PolicyDocument=inputs["policy"]
    )
    return f"{inputs['role']}:{inputs['name']}", {}


def _attached(account: Account, inputs: Properties) -> tuple[str, Properties]:
    account.client("iam").attach_role_policy(RoleName=inputs["role"], PolicyArn=inputs["policyArn"])
    return f"{inputs['role']}/{inputs['policyArn']}", {}


def _profile(account: Account, inputs: Properties) -> tuple[str, Properties]:
    iam = account.client("iam")
    made = iam.create_instance_profile(InstanceProfileName=inputs["name"], Tags=tag_list(inputs))["InstanceProfile"]
    iam.add_role_to_instance_profile(InstanceProfileName=inputs["name"], RoleName=inputs["role"])
    return inputs["name"], {"arn": made["Arn"], "uniqueId": made["InstanceProfileId"]}


def _no_profile(account: Account, id_: str, outputs: Properties) -> None:
    iam = account.client("iam")
    iam.remove_role_from_instance_profile(InstanceProfileName=id_, RoleName=outputs["role"])
    iam.delete_instance_profile(InstanceProfileName=id_)


IDENTITY = {
    "aws:iam/role:Role": Kind(
        create=_role,
        delete=lambda account, id_, _: account.client("iam").delete_role(RoleName=id_),
        in_place=("assumeRolePolicy", "description"),
        named="name",
        tags=True,
        required=("assumeRolePolicy",),
    ),
    "aws:iam/rolePolicy:RolePolicy": Kind(
        create=_role_policy,
        delete=lambda account, _id, outputs: account.client("iam").delete_role_policy(
            RoleName=outputs["role"], PolicyName=outputs["name"]
        ),
        in_place=("policy",),
        named="name",
        required=("role", "policy"),
    ),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": Kind(
        create=_attached,
        delete=lambda account, _id, outputs: account.client("iam").detach_role_policy(
            RoleName=outputs["role"], PolicyArn=outputs["policyArn"]
        ),
        required=("role", "policyArn"),
    ),
    "aws:iam/instanceProfile:InstanceProfile": Kind(
        create=_profile,
        delete=_no_profile,
        named="name",
        tags=True,
        required=("role",),
    ),
}
