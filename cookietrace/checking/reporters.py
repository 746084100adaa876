"""REPORTERS: every format of a report by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from cookietrace.checking import json_report, junit_report, sarif_report, text_report
from cookietrace.checking.reporter import Reporter

REPORTERS: Mapping[str, Reporter] = MappingProxyType(
    {
        module.REPORTER.name: module.REPORTER
        for module in (text_report, json_report, junit_report, sarif_report)
    }
)
"""The report formats, in the order in which the help lists them."""
