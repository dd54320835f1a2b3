"""Whose credentials these are, and whether they and the plan's region belong together."""

from __future__ import annotations

from seatworks.errors import PreflightError, Problem
from stacks.account_check.asking import Asker, Unanswered, no_answer, place
from stacks.components.place import partition_of

# A region of each partition where every account of it is at home: it cannot be switched off, so that a region that
# is switched off is not mistaken for wrong credentials.
HOMES = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
_AGAIN = "run `aws sts get-caller-identity` until it answers: with `aws configure`, AWS_PROFILE or `aws sso login`"


def identify(asker: Asker) -> None:
    """Ask who is asking; the asker then knows its account. Raises PreflightError when that is nobody, or a stranger."""
    partition = partition_of(asker.region)
    home = HOMES[partition]
    try:
        found = asker.one("sts", "get_caller_identity", region=home)
    except Unanswered as refused:
        if refused.silent:
            raise PreflightError(no_answer(refused)) from None
        raise PreflightError(_wrong(asker, partition, refused)) from None
    theirs = str(found["Arn"]).split(":")[1]
    if theirs != partition:
        raise PreflightError(_foreign(asker, theirs, partition))
    asker.account = str(found["Account"])


def _wrong(asker: Asker, partition: str, refused: Unanswered) -> Problem:
    """What is wrong with credentials that nobody takes."""
    if refused.code in {"InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId"}:
        # Partitions do not know each other's accounts. The secret stays here: a signature is good for one region.
        if theirs := _partition_that_knows(asker, partition):
            return _foreign(asker, theirs, partition)
        return Problem(_which(asker), "are not known to AWS: the key was deleted, or is misspelt", _AGAIN)
    if refused.code == "SignatureDoesNotMatch" and ("expired" in refused.why or "not yet current" in refused.why):
        return Problem(
            _which(asker),
            f"were refused for the time of this computer: {refused.why}",
            "set its clock: run `timedatectl set-ntp true`",
        )
    if refused.code == "SignatureDoesNotMatch":
        return Problem(_which(asker), "have a secret that does not belong to their key id", _AGAIN)
    if refused.code in {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}:
        return Problem(_which(asker), "have expired", "sign in again: run `aws sso login`, or take a new session token")
    return Problem(_which(asker), f"were not taken: {refused.why}", _AGAIN)


def _partition_that_knows(asker: Asker, own: str) -> str | None:
    for partition, home in HOMES.items():
        if partition != own:
            try:
                asker.one("sts", "get_caller_identity", region=home, attempts=1)
            except Unanswered:
                continue
            return partition
    return None


def _foreign(asker: Asker, theirs: str, partition: str) -> Problem:
    return Problem(
        _which(asker),
        f"are of the partition {theirs}; the region {asker.region} is of {partition}, which has accounts of its own",
        f"take credentials of an account in {partition}, or give a region of {theirs} as cloud.region",
    )


def _which(asker: Asker) -> str:
    """Where the credentials came from, as the client library calls it: env, shared-credentials-file, sso, ..."""
    from botocore.exceptions import BotoCoreError

    try:
        found = asker.session.get_credentials()
    except BotoCoreError:
        found = None
    return f"AWS credentials ({found.method})" if found else "AWS credentials"


def usable(asker: Asker) -> Problem | None:
    """What keeps the account out of the plan's region; None when nothing does. Raises Unanswered."""
    partition = partition_of(asker.region)
    listed = asker.all("ec2", "describe_regions", "Regions", region=HOMES[partition], AllRegions=True)
    regions = {str(region["RegionName"]): str(region.get("OptInStatus", "")) for region in listed}
    if asker.region not in regions:
        known = ", ".join(sorted(name for name, status in regions.items() if status != "not-opted-in"))
        return Problem(place(asker.region), f"is no region of {partition}", f"give one as cloud.region: {known}")
    if regions[asker.region] == "not-opted-in":
        return Problem(
            place(asker.region),
            f"is not switched on in account {asker.account}",
            f"run `aws account enable-region --region-name {asker.region}` and wait until "
            f"`aws account get-region-opt-status --region-name {asker.region}` says ENABLED",
        )
    return None
