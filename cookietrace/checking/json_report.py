"""A report as one JSON object, for programs; docs/CHECK.md names the fields."""

from __future__ import annotations

from typing import Any

import msgspec

from cookietrace.checking.report import CheckReport, Entry
from cookietrace.checking.reporter import Reporter
from cookietrace.json_text import json_bytes
from cookietrace.lesson.moments.grades import Severity

VERSION = 1
"""Raised if a field changes its meaning or goes away; fields may be added."""


def as_json(report: CheckReport, fail_on: Severity = Severity.PROBLEM) -> str:
    """Return the report as indented JSON."""
    tally = report.tally
    content: dict[str, Any] = {
        "version": VERSION,
        "source": report.source,
        "requests": report.requests,
        "fail_on": fail_on.value,
        "failed": bool(report.failing(fail_on)),
        "problems": tally.problems,
        "warnings": tally.warnings,
        "found": [_entry(entry) for entry in report.entries],
        "ignored": [{**_entry(entry), "reasons": list(entry.ignored)} for entry in report.ignored],
        "unused_ignores": [msgspec.to_builtins(ignore) for ignore in report.unused],
        "remarks": list(report.remarks),
    }
    if report.by:
        content["by"] = report.by
        content["groups"] = [
            {
                "name": group.name,
                "problems": group.tally.problems,
                "warnings": group.tally.warnings,
                "found": [_entry(entry) for entry in group.entries],
            }
            for group in report.groups
        ]
    return msgspec.json.format(json_bytes(content), indent=2).decode() + "\n"


def _entry(entry: Entry) -> dict[str, Any]:
    place = entry.code_place
    return {
        "severity": entry.severity.value,
        "code": entry.code,
        "rule": entry.rule,
        "host": entry.host,
        "cookies": list(entry.cookies),
        "step": entry.step,
        "row": entry.row,
        "request": entry.request,
        "question": entry.question,
        "cause": entry.cause,
        "fix": entry.fix,
        "count": entry.count,
        "recorders": list(entry.recorders),
        "file": place.file if place is not None else None,
        "line": place.line if place is not None else None,
        "function": place.function if place is not None else None,
        "fingerprint": entry.fingerprint,
    }


REPORTER = Reporter(name="json", title="JSON: one object", write=as_json)
