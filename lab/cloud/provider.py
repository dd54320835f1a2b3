"""The provider of the lab: checks, compares, makes and deletes AWS resources.

It knows nothing of the program, of state files or of the protocol. What it can make is a table of rows, one per
type, in `lab/kinds/`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from lab.aws.account import Account, suffix
from lab.kinds._kind import Kind
from seatworks.errors import CloudError, Problem
from stacks.likeness import alike
from stacks.values import Properties, has_unknown


@dataclass(frozen=True, slots=True)
class Difference:
    """What a new set of inputs means for an existing resource.

    `forcing` are the changed properties that need a new one; `delete_first` says that it cannot stand beside the old.
    """

    changed: tuple[str, ...]
    forcing: tuple[str, ...]
    delete_first: bool = False

    @property
    def replace(self) -> bool:
        """Whether the resource must be made anew."""
        return bool(self.forcing)


class Provider:
    """Everything the lab can make, in one account."""

    def __init__(self, account: Account, kinds: Mapping[str, Kind]) -> None:
        self._account = account
        self._kinds = kinds

    def check(self, type_: str, name: str, inputs: Properties, old: Properties | None, default_tags: str) -> Properties:
        """Complete inputs: generated name, default tags. Raises CloudError for a type or inputs it cannot make."""
        kind = self._kind(type_)
        missing = [key for key in kind.required if key not in inputs]
        if missing:
            raise CloudError(Problem(f"{type_} {name}", f"{', '.join(missing)} must be given"))
        complete = dict(inputs)
        if kind.named and kind.named not in complete:
            kept = (old or {}).get(kind.named)
            complete[kind.named] = kept or f"{name}-{suffix(name)}"
        if kind.tags:
            common = json.loads(default_tags).get("tags", {}) if default_tags else {}
            complete["tagsAll"] = {**common, **complete.get("tags", {})}
        return complete

    def compare(self, type_: str, old: Properties, new: Properties) -> Difference:
        """Which properties differ, and whether the resource must be made anew for them."""
        kind = self._kind(type_)
        # `tags` are a part of `tagsAll`.
        keys = sorted((old.keys() | new.keys()) - ({"tags"} if kind.tags else set()))
        changed = tuple(key for key in keys if has_unknown(new.get(key)) or not alike(old.get(key), new.get(key)))
        movable = {*kind.in_place, *({"tagsAll"} if kind.tags else ())}
        forcing = tuple(key for key in changed if key not in movable)
        # A name is given once, so its next bearer waits for the last one to go.
        return Difference(changed, forcing, delete_first=bool(kind.named) and kind.named not in changed)

    def create(
        self, type_: str, name: str, inputs: Properties, seed: str, recorded: Properties | None = None
    ) -> tuple[str, Properties]:
        """Make it. The same seed and inputs give the same identifier.

        `recorded` are the outputs it had when it was first made, when this is the account being made again.
        """
        kind = self._kind(type_)
        kept = {key: recorded[key] for key in kind.chosen} if recorded else {}
        with self._account.drawing(seed):
            id_, outputs = self._ask(type_, name, lambda: kind.create(self._at(inputs), {**inputs, **kept}))
        return id_, {**inputs, **outputs}

    def delete(self, type_: str, name: str, id_: str, outputs: Properties) -> None:
        """Take it away. It is no error when it is not there."""
        kind = self._kind(type_)
        with self._account.drawing(id_):
            try:
                kind.delete(self._at(outputs), id_, outputs)
            except ClientError as refused:
                if not _is_absent(refused):
                    raise CloudError(Problem(f"{type_} {name}", str(refused))) from None

    def invoke(self, function: str, args: Properties) -> Properties:
        """Answer one of the provider's functions."""
        if function == "aws:index/getCallerIdentity:getCallerIdentity":
            found = self._account.client("sts").get_caller_identity()
            return {"accountId": found["Account"], "arn": found["Arn"], "id": found["Account"], "userId": "lab"}
        if function == "aws:ec2/getAmi:getAmi":
            return self._image(args)
        raise CloudError(Problem(function, "the lab has no answer to this function", "add it to Provider.invoke"))

    def _image(self, args: Properties) -> Properties:
        filters = [{"Name": entry["name"], "Values": entry["values"]} for entry in args.get("filters", [])]
        found = self._account.client("ec2").describe_images(Owners=args.get("owners", []), Filters=filters)["Images"]
        if not found:
            raise CloudError(Problem("aws:ec2/getAmi:getAmi", "no machine image fits", "see lab/aws/images.json"))
        newest = max(found, key=lambda image: str(image["CreationDate"]))
        told = {"id": newest["ImageId"], "imageId": newest["ImageId"], "name": newest["Name"]}
        return {**args, **told, "rootDeviceName": newest["RootDeviceName"]}

    def _at(self, properties: Properties) -> Account:
        """The account in the region that a resource names for itself, which is seldom another than the stack's."""
        return self._account.at(properties.get("region"))

    def _kind(self, type_: str) -> Kind:
        kind = self._kinds.get(type_)
        if kind is None:
            raise CloudError(Problem(type_, "the lab cannot make this type of resource", "add a row to lab/kinds/"))
        return kind

    def _ask(self, type_: str, name: str, request: Callable[[], Any]) -> Any:
        try:
            return request()
        except (ClientError, BotoCoreError) as refused:
            raise CloudError(Problem(f"{type_} {name}", str(refused))) from None


def _is_absent(refused: ClientError) -> bool:
    code = str(refused.response.get("Error", {}).get("Code", ""))
    return "NotFound" in code or code.startswith("NoSuch") or code in {"404", "NotFoundException"}
