"""Asks the real AWS provider about a document: validates it and plans it. Needs Terraform (tests/optional.py)."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lab.cloud.server import CREDENTIALS

_PROVIDER = "registry.terraform.io/hashicorp/aws"
_STEP_S = 120


class Oracle:
    """Terraform with its AWS provider, in a folder of its own, without the Internet."""

    def __init__(self, program: str, mirror: Path, folder: Path) -> None:
        self._program, self._folder = program, folder
        settings = folder / "terraform.rc"
        settings.write_text(f'provider_installation {{\n  filesystem_mirror {{ path = "{mirror}" }}\n}}\n')
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "TF_"))}
        self._environment = {
            **kept,
            **CREDENTIALS,
            "TF_CLI_CONFIG_FILE": str(settings),
            "CHECKPOINT_DISABLE": "1",
            # Whatever does not go to the account on this computer meets a closed door.
            "HTTPS_PROXY": "http://127.0.0.1:9",
            "NO_PROXY": "127.0.0.1",
        }
        self.write({"terraform": {"required_providers": {"aws": {"source": "hashicorp/aws"}}}}, "versions.tf.json")
        self._run("init", "-input=false")

    def write(self, document: Mapping[str, Any], name: str = "main.tf.json") -> None:
        """Put a document in place."""
        (self._folder / name).write_text(json.dumps(document, indent=1), encoding="utf-8")

    def schemas(self) -> Mapping[str, Any]:
        """The provider's schema of every resource type."""
        found = json.loads(self._run("providers", "schema", "-json").stdout)
        schemas: Mapping[str, Any] = found["provider_schemas"][_PROVIDER]["resource_schemas"]
        return schemas

    def validate(self) -> list[str]:
        """What is wrong by the provider's rules alone."""
        answer = json.loads(self._run("validate", "-json", check=False).stdout)
        return [_said(entry) for entry in answer["diagnostics"] if entry["severity"] == "error"]

    def plan(self, url: str) -> tuple[int, list[str]]:
        """How many resources the provider would make in the account at `url`, and what it refuses."""
        lines = self._run("plan", "-json", "-input=false", "-lock=false", check=False, AWS_ENDPOINT_URL=url).stdout
        events = [json.loads(line) for line in lines.splitlines()]
        errors = [_said(event["diagnostic"]) for event in events if event.get("@level") == "error"]
        made = sum(event["changes"]["add"] for event in events if event["type"] == "change_summary")
        return made, errors

    def _run(self, *words: str, check: bool = True, **extra: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self._program, f"-chdir={self._folder}", *words],
            env={**self._environment, **extra},
            capture_output=True,
            text=True,
            timeout=_STEP_S,
            check=check,
        )


def _said(diagnostic: Mapping[str, Any]) -> str:
    return f"{diagnostic.get('address', '')}: {diagnostic['summary']}: {diagnostic.get('detail', '')}"
