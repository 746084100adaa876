"""A report as JUnit XML: one test case for each problem, warning and ignored one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from xml.etree import ElementTree as Xml

from cookietrace.checking.report import CheckReport, Entry, fails
from cookietrace.checking.reporter import Reporter
from cookietrace.checking.text_report import entry_lines
from cookietrace.lesson.moments.grades import Severity

_SUITE = "cookietrace check"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 does not allow, not even as a character reference (its production 2)."""


def junit(report: CheckReport, fail_on: Severity = Severity.PROBLEM) -> str:
    """Return the report; a warning that does not fail the check is a case that passes."""
    cases = list(_cases(report, fail_on))
    counts = {
        "tests": str(len(cases)),
        "failures": str(len(report.failing(fail_on))),
        "errors": "0",
        "skipped": str(len(report.ignored)),
    }
    root = Xml.Element("testsuites", {"name": _SUITE, **counts})
    suite = Xml.SubElement(root, "testsuite", {"name": _text(report.source), **counts})
    suite.extend(cases)
    Xml.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{Xml.tostring(root, "unicode")}\n'


def _cases(report: CheckReport, fail_on: Severity) -> Iterator[Xml.Element]:
    """Yield the test cases; one that passes if there is nothing to report."""
    names: Counter[str] = Counter()
    for entry in (*report.entries, *report.ignored):
        names[entry.title] += 1
        again = f" #{names[entry.title]}" if names[entry.title] > 1 else ""
        yield _case(entry, f"{entry.title}{again}", fail_on)
    if not names:
        yield Xml.Element("testcase", {"classname": _SUITE, "name": "no problems"})


def _case(entry: Entry, name: str, fail_on: Severity) -> Xml.Element:
    case = Xml.Element("testcase", {"classname": _SUITE, "name": _text(name)})
    story = _text("\n".join(entry_lines(entry)))
    if entry.ignored:
        Xml.SubElement(case, "skipped", {"message": _text("; ".join(entry.ignored))})
    elif fails(entry, fail_on):
        about = {"type": entry.severity.value, "message": _text(entry.question)}
        Xml.SubElement(case, "failure", about).text = story
    else:
        Xml.SubElement(case, "system-out").text = story
    place = entry.code_place
    if place is not None:
        case.set("file", _text(place.file))
        if place.line is not None:
            case.set("line", str(place.line))
    return case


def _text(text: str) -> str:
    """Return a text with an escape instead of each character that XML does not allow."""
    return _NOT_XML.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


REPORTER = Reporter(name="junit", title="JUnit XML, for the test report of a CI", write=junit)
