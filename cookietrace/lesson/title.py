"""What a lesson is about, as a question: the title of a page."""

from __future__ import annotations

from cookietrace.lesson.display_text import quoted
from cookietrace.lesson.table import Table


def title(table: Table) -> str:
    """Return the question that a table is about: what happened to which cookies, and where."""
    if table.focus.cookie is not None:
        return f"What happened to the cookie {quoted(table.focus.cookie)}?"
    hosts = table.hosts
    if not hosts:
        return "What happened to the cookies?"
    where = hosts[0] if len(hosts) == 1 else f"{len(hosts)} hosts"
    return f"What happened to the cookies of {where}?"
