"""One Set-Cookie line in every browser and version: what each does with it, and why."""

from cookietrace.lesson.compared.circumstance import Circumstance, requests
from cookietrace.lesson.compared.opinions import BROWSERS, Basis, Opinion, Sending, opinions
from cookietrace.lesson.compared.wording import comparison_entry, comparison_lines

__all__ = [
    "BROWSERS",
    "Basis",
    "Circumstance",
    "Opinion",
    "Sending",
    "comparison_entry",
    "comparison_lines",
    "opinions",
    "requests",
]
