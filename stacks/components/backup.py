"""Daily copies of what holds data in the cloud, in a locked vault, and again in another region of the country."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from seatworks.plan.model import Copies as Copied
from seatworks.plan.model import Guard
from stacks.components.account_guard import tell
from stacks.components.kms import data_key
from stacks.components.place import Place, trust

# Days in which a lock that nobody lifts can still be taken back: the least that AWS Backup offers.
COMPLIANCE_AFTER_DAYS = 3
# Minutes within which a copy begins, and by which it must be done.
STARTS_WITHIN_MIN, DONE_WITHIN_MIN = 60, 480


@dataclass(frozen=True, slots=True)
class CopiesArgs:
    """The account, what is copied and how long, how hard copies are locked, and where failures are told."""

    place: Place
    guard: Guard
    lock_mode: str
    topic_arn: pulumi.Output[str]


class Copies(pulumi.ComponentResource):
    """A vault, a plan per class of data, and what each copies: everything tagged with the deployment and the group.

    An instance bears its group in the tag Group; a database service joins by the same tag (`Group=db`).
    """

    vault_name: pulumi.Output[str]

    def __init__(self, name: str, args: CopiesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("seatworks:aws:Copies", name, None, opts)
        here = pulumi.ResourceOptions(parent=self)
        place, guard = args.place, args.guard
        vault = self._vault(f"{name}-copies", args, None)
        self.vault_name = vault.name
        away = self._vault(f"{name}-copies-away", args, guard.copy_region) if guard.copy_region else None
        role = aws.iam.Role(
            f"{name}-copies",
            description=f"Copies instances and databases of deployment {name}",
            assume_role_policy=trust(place.principal("backup"), {"StringEquals": {"aws:SourceAccount": place.account}}),
            opts=here,
        )
        # AWS keeps this policy in step with what its own service calls; it cannot restore.
        may = aws.iam.RolePolicyAttachment(
            f"{name}-copies",
            role=role.name,
            policy_arn=f"arn:{place.partition}:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup",
            opts=here,
        )
        for entry in guard.copies:
            plan = aws.backup.Plan(
                f"{name}-copies-{entry.data_class}",
                name=f"seatworks-{name}-{entry.data_class}",
                rules=[_daily(guard, entry, vault, away)],
                opts=here,
            )
            for group in entry.groups:
                aws.backup.Selection(
                    f"{name}-copies-{entry.data_class}-{group}",
                    name=f"{name}-{group}",
                    plan_id=plan.id,
                    iam_role_arn=role.arn,
                    resources=["*"],
                    conditions=[
                        {
                            "string_equals": [
                                {"key": "aws:ResourceTag/Deployment", "value": name},
                                {"key": "aws:ResourceTag/Group", "value": group},
                            ]
                        }
                    ],
                    opts=pulumi.ResourceOptions(parent=self, depends_on=[may]),
                )
        failed: dict[str, object] = {
            "source": ["aws.backup"],
            "detail-type": ["Backup Job State Change", "Copy Job State Change"],
            "detail": {"state": ["FAILED", "ABORTED", "EXPIRED"]},
        }
        tell(f"{name}-copy-failed", "A copy of the deployment's data failed.", failed, args.topic_arn, here)
        self.register_outputs({"vault_name": vault.name})

    def _vault(self, name: str, args: CopiesArgs, region: str | None) -> aws.backup.Vault:
        key = data_key(self, args.place, name, "Copies", region=region)
        vault = aws.backup.Vault(
            name, name=f"seatworks-{name}", kms_key_arn=key.arn, region=region, opts=args.place.keep(self)
        )
        days = [entry.retention_days for entry in args.guard.copies]
        aws.backup.VaultLockConfiguration(
            f"{name}-lock",
            backup_vault_name=vault.name,
            min_retention_days=min(days),
            max_retention_days=max(days),
            changeable_for_days=COMPLIANCE_AFTER_DAYS if args.lock_mode == "COMPLIANCE" else None,
            region=region,
            opts=args.place.keep(self),
        )
        return vault


def _daily(
    guard: Guard, entry: Copied, vault: aws.backup.Vault, away: aws.backup.Vault | None
) -> aws.backup.PlanRuleArgsDict:
    kept: aws.backup.PlanRuleLifecycleArgsDict = {"delete_after": entry.retention_days}
    rule: aws.backup.PlanRuleArgsDict = {
        "rule_name": "daily",
        "target_vault_name": vault.name,
        "schedule": f"cron(0 {guard.copy_hour_utc} * * ? *)",
        "start_window": STARTS_WITHIN_MIN,
        "completion_window": DONE_WITHIN_MIN,
        "lifecycle": kept,
    }
    if away:
        rule["copy_actions"] = [
            {"destination_vault_arn": away.arn, "lifecycle": {"delete_after": entry.retention_days}}
        ]
    return rule
