"""PostgreSQL as a service: in two zones, TLS only, under a key of its own, deleted by nobody by mistake.

No password is made here: the service makes the master's, keeps it in Secrets Manager and renews it every week. Tables
and users come later, over TLS from a call server (roles/database).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from seatworks.inputs import MASTER
from seatworks.plan.model import Database as Settings
from seatworks.plan.model import Host
from stacks.components.alarms import Metric, alarm
from stacks.components.kms import data_key
from stacks.components.network import Network
from stacks.components.place import Place, policy, trust

# Both begin while it is night in China; the backup first, so that it holds what maintenance changes.
BACKUP_WINDOW, MAINTENANCE_WINDOW = "17:00-17:30", "sat:18:00-sat:18:30"
LOGS = ("postgresql", "upgrade")
GIB = 1024**3


@dataclass(frozen=True, slots=True)
class DatabaseArgs:
    """The plan's managed host, how it is run, what it stands on, its port, days of its logs, and whom it alarms."""

    place: Place
    host: Host
    settings: Settings
    network: Network
    port: int
    log_retention_days: int
    cpu_percent: int
    topic_arn: pulumi.Output[str]


class Database(pulumi.ComponentResource):
    """The instance with its key, its parameters, its place in the network, its logs and the role that watches it."""

    endpoint: pulumi.Output[str]
    secret_arn: pulumi.Output[str]
    key_arn: pulumi.Output[str]
    instance_arn: pulumi.Output[str]

    def __init__(self, name: str, args: DatabaseArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("seatworks:aws:Database", name, None, opts)
        here = pulumi.ResourceOptions(parent=self)
        place, settings, identifier = args.place, args.settings, f"seatworks-{name}"
        key = data_key(self, place, f"{name}-database", "Call detail", _logs_encrypt(place, identifier))
        # Made before the instance, which would make them without a key and keep them for ever.
        logs = [
            aws.cloudwatch.LogGroup(
                f"{name}-database-{kind}",
                name=f"/aws/rds/instance/{identifier}/{kind}",
                kms_key_id=key.arn,
                retention_in_days=args.log_retention_days,
                opts=place.keep(self),
            )
            for kind in LOGS
        ]
        subnets = aws.rds.SubnetGroup(
            f"{name}-database",
            name=identifier,
            description=f"Where the database of deployment {name} may stand",
            subnet_ids=[args.network.subnet_ids[network] for network in settings.networks],
            opts=here,
        )
        # The major version in the name: another one needs a group beside this, while the instance still uses it.
        parameters = aws.rds.ParameterGroup(
            f"{name}-database",
            name=f"{identifier}-postgres{settings.version}",
            family=f"postgres{settings.version}",
            description=f"PostgreSQL of deployment {name}",
            parameters=[
                {"name": parameter, "value": value, "apply_method": "immediate"}
                for parameter, value in settings.parameters
            ],
            opts=here,
        )
        watcher = self._watcher(name, args)
        instance = aws.rds.Instance(
            f"{name}-{args.host.name}",
            identifier=identifier,
            engine="postgres",
            engine_version=str(settings.version),
            auto_minor_version_upgrade=True,
            instance_class=args.host.instance_type,
            allocated_storage=args.host.disk_gb,
            max_allocated_storage=settings.storage_max_gb,
            storage_type="gp3",
            storage_encrypted=True,
            kms_key_id=key.arn,
            multi_az=True,
            db_subnet_group_name=subnets.name,
            vpc_security_group_ids=[args.network.security_group_ids[args.host.group]],
            publicly_accessible=False,
            port=args.port,
            parameter_group_name=parameters.name,
            ca_cert_identifier="rds-ca-rsa2048-g1",
            username=MASTER,
            manage_master_user_password=True,
            master_user_secret_kms_key_id=key.arn,
            # Nobody has it until a user is granted rds_iam; then people come with their own identity.
            iam_database_authentication_enabled=True,
            backup_retention_period=settings.backup_days,
            backup_window=BACKUP_WINDOW,
            maintenance_window=MAINTENANCE_WINDOW,
            copy_tags_to_snapshot=True,
            delete_automated_backups=not place.keeps_data,
            deletion_protection=place.keeps_data,
            skip_final_snapshot=not place.keeps_data,
            final_snapshot_identifier=f"{identifier}-final" if place.keeps_data else None,
            enabled_cloudwatch_logs_exports=list(LOGS),
            monitoring_interval=60,
            monitoring_role_arn=watcher,
            performance_insights_enabled=True,
            performance_insights_kms_key_id=key.arn,
            performance_insights_retention_period=7,
            # Calls do not wait for the database: their detail is spooled while it moves.
            apply_immediately=True,
            tags={"Name": f"{name}-{args.host.name}", "Group": args.host.group},
            opts=pulumi.ResourceOptions.merge(place.keep(self), pulumi.ResourceOptions(depends_on=logs)),
        )
        self._alarms(name, args, instance.identifier)
        self.endpoint, self.key_arn, self.instance_arn = instance.address, key.arn, instance.arn
        self.secret_arn = instance.master_user_secrets.apply(lambda secrets: str(secrets[0].secret_arn))
        self.register_outputs({"endpoint": self.endpoint, "secret_arn": self.secret_arn})

    def _alarms(self, name: str, args: DatabaseArgs, identifier: pulumi.Output[str]) -> None:
        """Two alarms: a full disk stops call detail, and load beyond the sized one is seen before it hurts."""
        here, one = pulumi.ResourceOptions(parent=self), {"DBInstanceIdentifier": identifier}
        least = args.host.disk_gb * GIB // 10
        alarm(
            f"{name}-database-room",
            args.topic_arn,
            "Less than a tenth of the database's disk is free, though it grows by itself: look at its largest size.",
            Metric(
                "AWS/RDS",
                "FreeStorageSpace",
                least,
                one,
                statistic="Average",
                comparison="LessThanThreshold",
                period_s=300,
                periods=3,
            ),
            here,
        )
        alarm(
            f"{name}-database-load",
            args.topic_arn,
            f"The database has worked at {args.cpu_percent} % or more for 15 minutes: more than it was sized for.",
            Metric("AWS/RDS", "CPUUtilization", args.cpu_percent, one, statistic="Average", period_s=300, periods=3),
            here,
        )

    def _watcher(self, name: str, args: DatabaseArgs) -> pulumi.Output[str]:
        """The role with which the service writes figures of its operating system; the rights it needs and no more."""
        here = pulumi.ResourceOptions(parent=self)
        role = aws.iam.Role(
            f"{name}-database-watch",
            description=f"Writes figures of the database of deployment {name}",
            assume_role_policy=trust(
                args.place.principal("monitoring.rds"), {"StringEquals": {"aws:SourceAccount": args.place.account}}
            ),
            opts=here,
        )
        groups = args.place.arn("logs", "log-group:RDSOSMetrics")
        rights = aws.iam.RolePolicy(
            f"{name}-database-watch-write",
            role=role.id,
            policy=policy(
                {"Effect": "Allow", "Action": ["logs:CreateLogGroup", "logs:PutRetentionPolicy"], "Resource": groups},
                {
                    "Effect": "Allow",
                    "Action": [
                        "logs:CreateLogStream",
                        "logs:PutLogEvents",
                        "logs:DescribeLogStreams",
                        "logs:GetLogEvents",
                    ],
                    "Resource": pulumi.Output.concat(groups, ":log-stream:*"),
                },
            ),
            opts=here,
        )
        # The service tries the role when the instance is made.
        return pulumi.Output.all(role.arn, rights.id).apply(lambda found: str(found[0]))


def _logs_encrypt(place: Place, identifier: str) -> Mapping[str, Any]:
    groups = place.arn("logs", f"log-group:/aws/rds/instance/{identifier}/*")
    return {
        "Sid": "LogsEncrypt",
        "Effect": "Allow",
        "Principal": {"Service": place.principal("logs", regional=True)},
        "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
        "Resource": "*",
        "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": groups}},
    }
