"""CSV: readable by the csv module, and never a formula."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cookietrace.events import Body, Event, Request, Response
from cookietrace.formats import export
from cookietrace.formats.csv_table import guarded
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.table import Table
from cookietrace.trace import fold
from tests.checking.sign_ins import SECRET, broken_sign_in
from tests.formats.awkward import EVENTS


def rows(events: tuple[Event, ...] | list[Event], focus: Focus | None = None) -> list[list[str]]:
    """Return an export as the csv module reads it."""
    text = b"".join(export(events, "csv", focus, show_values=True)).decode()
    assert text.replace("\r\n", "").count("\r") == 0
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def test_it_is_the_execution_table() -> None:
    """The headings, then each step with the cells of the table and its verdict."""
    table = Table(fold(EVENTS))
    written = rows(EVENTS)
    assert tuple(written[0]) == (*table.headings, "Verdict", "Reason", "Fix")
    assert [tuple(row[:6]) for row in written[1:]] == [
        tuple(guarded(cell) for cell in table.row(step).cells) for step in range(1, len(table) + 1)
    ]


def test_the_verdicts() -> None:
    """A problem or warning has its cause and its fix; other rows say what happened, in words."""
    written = rows(broken_sign_in())
    assert [row[6] for row in written[1:]] == [
        "no cookies sent",
        "'oauth_state' stored",
        "Problem: 'oauth_state' withheld: SameSite=Lax, cross-site POST",
        "'oauth_state' sent",
        "'oauth_state' deleted; 'cart' stored",
        "Warning: 'cart' withheld: request without credentials",
    ]
    assert [bool(row[7] and row[8]) for row in written[1:]] == [
        False, False, True, False, False, True,
    ]  # fmt: skip
    assert "The app needed it: the response was 403." in written[3][7]


def test_the_verdicts_hold_no_secret() -> None:
    """Redacted like the cells."""
    text = b"".join(export(broken_sign_in(), "csv")).decode()
    assert SECRET not in text
    assert "'redacted-" in text


def test_a_focus_chooses_the_steps() -> None:
    """With one cookie in focus the headings name it."""
    written = rows(EVENTS, Focus(path="/", cookies=("user",)))
    assert written[0][3] == "Read Cookie 'user'"
    assert [row[0] for row in written[1:]] == ["1", "2"]


@pytest.mark.parametrize("start", list("=+-@\t\r\n＝＋－＠"))
def test_a_formula_becomes_text(start: str) -> None:
    """A cell that a spreadsheet would run gets an apostrophe."""
    assert guarded(f"{start}1") == f"'{start}1"
    assert guarded(f"1{start}") == f"1{start}"
    assert guarded("") == ""


@settings(max_examples=50, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_any_body_is_one_cell(page: str) -> None:
    """Whatever a server sends, the file has nine columns and no formula."""
    request = next(event for event in EVENTS if isinstance(event, Request))
    response = next(event for event in EVENTS if isinstance(event, Response))
    body = next(event for event in EVENTS if isinstance(event, Body))
    changed = Body(
        exchange_id=body.exchange_id,
        at=body.at,
        of="response",
        content_type="text/plain",
        size=len(page.encode()),
        content=page,
        base64=None,
        truncated=False,
    )
    written = rows([*EVENTS[:3], request, response, changed])
    assert {len(row) for row in written} == {9}
    assert not any(
        cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in written for cell in row
    )
