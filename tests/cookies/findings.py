"""A check that holds for every finding of the engine."""

from __future__ import annotations

from collections.abc import Iterable

from cookietrace.cookies import Finding
from cookietrace.cookies.verdicts import Where, checked_finding
from cookietrace.lesson.reasons import fix, sentence


def check_findings(findings: Iterable[Finding], where: Where) -> None:
    """Assert that findings have the facts of the table, and that each has a sentence and a fix."""
    for finding in findings:
        assert checked_finding(finding.code, dict(finding.facts), where) == finding
        assert sentence(finding)
        assert fix(finding)
