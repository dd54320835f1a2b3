"""What was planned and what a run found: pages for people, JSON and JUnit with the same data for programs."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from seatworks import plan as planning
from seatworks import results as found
from seatworks.plan.model import CloudOutputs, Plan
from seatworks.report import view
from seatworks.report.decision import Assumed, Decision, plan_page
from seatworks.report.failed import failures
from seatworks.report.page import load_words, render
from seatworks.report.parts import plan_parts
from seatworks.results import Results

__all__ = ["Assumed", "Decision", "plan_page", "write"]


def write(
    plan: Plan,
    outputs: CloudOutputs,
    resources: Sequence[Mapping[str, Any]],
    results: Results,
    folder: Path,
) -> Path:
    """Write report.html, report.json and junit.xml into `folder`; the page's path.

    `resources` is the content of resources.json: every resource that the cloud stack registered.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.json").write_text(_document(plan, outputs, resources, results), encoding="utf-8")
    (folder / "junit.xml").write_text(found.to_junit(results.env, results.checks), encoding="utf-8")
    page = folder / "report.html"
    page.write_text(_report_page(plan, outputs, resources, results), encoding="utf-8")
    return page


def _report_page(plan: Plan, outputs: CloudOutputs, resources: Sequence[Mapping[str, Any]], results: Results) -> str:
    words = load_words()
    parts = {
        "results": results,
        "reasons": view.reason(results, words),
        "failed": failures(results, words),
        "broken": view.broken(results, words),
        "calls": view.calls(results.checks, words),
        "areas": [area for area in view.areas(results.checks, words) if area.name != found.CALLS],
        "phases": view.phases(results, words),
        "cloud": view.cloud(outputs, resources),
        "took": (results.finished - results.started).total_seconds(),
    }
    return render("report.html.j2", words, plan_parts(plan, outputs, words) | parts)


def _document(plan: Plan, outputs: CloudOutputs, resources: Sequence[Mapping[str, Any]], results: Results) -> str:
    created = view.cloud(outputs, resources)
    document = {
        "accepted": results.accepted,
        "results": json.loads(results.dump()),
        "plan": json.loads(planning.dump(plan)),
        "cloud": {
            "outputs": dataclasses.asdict(outputs),
            "counts": dict(created.counts),
            "resources": [{"type": kind, "name": name, "id": identity} for kind, name, identity in created.rows],
        },
    }
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
