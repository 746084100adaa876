"""Checks of a capture for CI: its problems, what a project ignores, and reports of both."""

from __future__ import annotations

from cookietrace.checking.checker import check
from cookietrace.checking.ignores import Ignore
from cookietrace.checking.project_file import NAME, find_project_file, read_ignores
from cookietrace.checking.report import CheckReport, CodePlace, Entry
from cookietrace.checking.reporters import REPORTERS
from cookietrace.checking.text_report import as_text
from cookietrace.lesson.moments.grades import Severity

__all__ = [
    "NAME",
    "REPORTERS",
    "CheckReport",
    "CodePlace",
    "Entry",
    "Ignore",
    "Severity",
    "as_text",
    "check",
    "find_project_file",
    "read_ignores",
]
