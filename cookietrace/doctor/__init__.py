"""Why traffic is missing: facts about this machine, and checks that read nothing else."""

from __future__ import annotations

from cookietrace.doctor.brief import brief_findings
from cookietrace.doctor.checks import CHECKS
from cookietrace.doctor.facts import Facts
from cookietrace.doctor.finding import Finding, Fix, Sure
from cookietrace.doctor.looking.gather import Wanted, gather, of_listeners
from cookietrace.doctor.report import (
    LABELS,
    Found,
    diagnose,
    finding_lines,
    report_entry,
    report_lines,
    short_fix,
    without_guesses,
)

__all__ = [
    "CHECKS",
    "LABELS",
    "Facts",
    "Finding",
    "Fix",
    "Found",
    "Sure",
    "Wanted",
    "brief_findings",
    "diagnose",
    "finding_lines",
    "gather",
    "of_listeners",
    "report_entry",
    "report_lines",
    "short_fix",
    "without_guesses",
]
