"""A report as SARIF 2.1.0, for code scanning: results at the view's line where it is known.

Sections are those of the OASIS standard "Static Analysis Results Interchange Format (SARIF)
Version 2.1.0".
"""

from __future__ import annotations

from pathlib import PurePath
from typing import Any
from urllib.parse import quote

import msgspec

import cookietrace
from cookietrace.checking.report import CheckReport, Entry
from cookietrace.checking.reporter import Reporter
from cookietrace.checking.rule_texts import rule_text
from cookietrace.json_text import json_bytes
from cookietrace.lesson.moments.grades import Severity

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
FINGERPRINT = "cookietrace/v1"
"""The name of the fingerprint; raised if it is computed in another way (3.27.17)."""

_LEVELS = {Severity.PROBLEM: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}


def sarif(report: CheckReport, fail_on: Severity = Severity.PROBLEM) -> str:
    """Return the report as indented JSON; what fails the check is in each result's level."""
    del fail_on
    entries = (*report.entries, *report.ignored)
    rules = {entry.code: entry for entry in reversed(entries)}
    places = {code: index for index, code in enumerate(sorted(rules))}
    driver = {
        "name": "cookietrace",
        "version": cookietrace.__version__,
        "rules": [_rule(rules[code]) for code in places],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "utf16CodeUnits",
        "results": [_result(entry, places[entry.code], report.source) for entry in entries],
    }
    content = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return msgspec.json.format(json_bytes(content), indent=2).decode() + "\n"


def _rule(entry: Entry) -> dict[str, Any]:
    """Return a rule: what all results with one code have in common (3.49)."""
    text = rule_text(entry.code, entry.rule)
    return {
        "id": entry.code,
        "shortDescription": {"text": text.short},
        "fullDescription": {"text": text.full},
        "help": {"text": text.help},
        "defaultConfiguration": {"level": _LEVELS[entry.severity]},
        "properties": {"tags": ["cookies", "http"]},
    }


def _result(entry: Entry, rule_index: int, source: str) -> dict[str, Any]:
    """Return a result (3.27)."""
    message = f"{entry.question} {entry.cause}"
    if entry.fix:
        message += f" Fix: {entry.fix}"
    result: dict[str, Any] = {
        "ruleId": entry.code,
        "ruleIndex": rule_index,
        "level": _LEVELS[entry.severity],
        "message": {"text": message},
        "locations": [_location(entry, source)],
        "partialFingerprints": {FINGERPRINT: entry.fingerprint},
        "properties": {
            "step": entry.step,
            "row": entry.row,
            "cookies": list(entry.cookies),
            "host": entry.host,
        },
    }
    if entry.ignored:
        result["suppressions"] = [
            {"kind": "external", "justification": reason} for reason in entry.ignored
        ]
    return result


def _location(entry: Entry, source: str) -> dict[str, Any]:
    """Return where to look (3.28): the view's line, or else the capture; and the request.

    Code scanning refuses a whole file in which one result has no physical location.
    """
    place = entry.code_place
    if place is not None:
        file, line = place.file, place.line
    else:
        file, line = PurePath(source).name if PurePath(source).is_absolute() else source, None
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": _uri(file)},
            "region": {"startLine": max(1, line or 1)},
        },
        "logicalLocations": [
            {"fullyQualifiedName": f"step {entry.row}: {entry.request}", "kind": "resource"}
        ],
    }


def _uri(file: str) -> str:
    """Return a relative URI for a relative path, and a ``file:`` URI for an absolute one."""
    path = quote(file.replace("\\", "/"))
    return f"file://{path}" if path.startswith("/") else path


REPORTER = Reporter(name="sarif", title="SARIF 2.1.0, for code scanning", write=sarif)
