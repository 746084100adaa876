"""What can be said about a rule without any recording: for a list of rules in a report."""

from __future__ import annotations

import inspect
import re
from typing import NamedTuple

from cookietrace.cookies import Code
from cookietrace.cookies.verdicts import TABLE
from cookietrace.lesson.display_text import capitalized
from cookietrace.lesson.moments.rules import RULES
from cookietrace.lesson.prose import RULES_IN_SHORT
from cookietrace.lesson.reasons import TEXTS, Text

_DONE = {
    "rejected": "A cookie is refused",
    "withheld": "A cookie is withheld",
    "missing": "A cookie is missing",
    "warning": "A cookie is stored with a remark",
}
_FACT = re.compile(r"\{(\w+)\}")
_CODES = {code.value: code for code in Code}


class RuleText(NamedTuple):
    """The texts of one code."""

    short: str
    """One line."""
    full: str
    """One line, with the section of the standard if it is a rule of that."""
    help: str
    """What to do."""


def rule_text(code: str, rule: str) -> RuleText:
    """Return the texts of a code: of the reason of that name, or else of the rule that used it."""
    reason = _CODES.get(code)
    if reason is not None:
        return _of_reason(reason)
    documented = inspect.getdoc(RULES[code if code in RULES else rule]) or ""
    short = documented.partition("\n")[0] or capitalized(code.replace("-", " "))
    return RuleText(short, short, "Each result says what happened, why, and the fix.")


def _of_reason(code: Code) -> RuleText:
    entry, text = TABLE[code], TEXTS[code]
    done = _DONE[entry.where[0]]
    short = f"{done}: {RULES_IN_SHORT[code]}." if code in RULES_IN_SHORT else f"{done}."
    full = f"{short.removesuffix('.')} (cookie standard, {entry.section})."
    texts = [text] if isinstance(text, Text) else text.texts.values()
    fixes = dict.fromkeys(_FACT.sub(r"<\1>", each.fix) for each in texts)
    return RuleText(short, full, " ".join(fixes))
