"""What a run found, as documents: one page for people, JSON and JUnit with the same data for programs."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from seatworks import plan as planning
from seatworks import results as found
from seatworks.plan.model import CloudOutputs, Plan
from seatworks.report import drawing, view
from seatworks.report.words import Words
from seatworks.results import Results

_TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "report"


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


def plan_page(plan: Plan, notes: Sequence[str] = ()) -> str:
    """The plan as a page for people who decide. `notes` are warnings and assumptions of the sizing."""
    words = Words.load(_TEMPLATES / "words.yml")
    return _render("plan.html.j2", words, _plan_parts(plan, CloudOutputs(), words) | {"notes": list(notes)})


def _report_page(plan: Plan, outputs: CloudOutputs, resources: Sequence[Mapping[str, Any]], results: Results) -> str:
    words = Words.load(_TEMPLATES / "words.yml")
    parts = {
        "results": results,
        "reasons": view.reason(results, words),
        "failed": view.areas(results.failures, words),
        "broken": view.broken(results, words),
        "calls": view.calls(results.checks, words),
        "areas": [area for area in view.areas(results.checks, words) if area.name != found.CALLS],
        "phases": view.phases(results, words),
        "cloud": view.cloud(outputs, resources),
        "took": (results.finished - results.started).total_seconds(),
    }
    return _render("report.html.j2", words, _plan_parts(plan, outputs, words) | parts)


def _plan_parts(plan: Plan, outputs: CloudOutputs, words: Words) -> dict[str, Any]:
    return {
        "plan": plan,
        "asked": view.asked(plan, words),
        "sized": view.sized(plan, words),
        "numbers": view.numbers(plan, words),
        "queues": view.queues(plan),
        "flows": view.flows(plan),
        "everywhere": [
            words.say("drawing.everywhere", service=drawing.service(plan, flow), sources=", ".join(flow.sources))
            for flow in drawing.everywhere(plan)
        ],
        "drawings": [drawing.draw(plan, shape) for shape in (drawing.WIDE, drawing.TALL)],
        "notes": [],
        "public": outputs.public_addresses,
        "linked": any(host.link_address for host in plan.hosts),
        "published": any(host.public for host in plan.hosts),
    }


def _render(template: str, words: Words, parts: Mapping[str, Any]) -> str:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "duration": view.duration,
        "label": view.label,
        "place": view.place,
        "spoken": view.spoken,
        "names": view.names,
    }
    return environment.get_template(template).render(say=words.say, svg=words.svg, named=words.name, **parts)


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
