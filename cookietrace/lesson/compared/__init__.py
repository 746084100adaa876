"""One Set-Cookie line in every browser and version: what each does with it, and why."""

from cookietrace.lesson.compared.at_step import Comparison, comparisons
from cookietrace.lesson.compared.circumstance import Circumstance, requests
from cookietrace.lesson.compared.everywhere import (
    Everywhere,
    VerdictsEverywhere,
    everywhere_entry,
    everywhere_lines,
)
from cookietrace.lesson.compared.opinions import BROWSERS, Basis, Opinion, Sending, fate, opinions
from cookietrace.lesson.compared.wording import (
    YES,
    comparison_entry,
    comparison_lines,
    step_lines,
)

__all__ = [
    "BROWSERS",
    "YES",
    "Basis",
    "Circumstance",
    "Comparison",
    "Everywhere",
    "Opinion",
    "Sending",
    "VerdictsEverywhere",
    "comparison_entry",
    "comparison_lines",
    "comparisons",
    "everywhere_entry",
    "everywhere_lines",
    "fate",
    "opinions",
    "requests",
    "step_lines",
]
