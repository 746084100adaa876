"""The cookies and refusals of a jar as display text."""

from __future__ import annotations

import pytest

from cookietrace.lesson.jar.board import JarBoard
from cookietrace.lesson.jar.rows import JarRow, RefusedRow, lifetime, moment
from cookietrace.lesson.mask import Mask, masked, unmasked
from cookietrace.lesson.table import Table
from cookietrace.trace import Trace
from tests.story import Story


def story() -> Story:
    """A few cookies of every kind, and two refused ones."""
    visits = Story("https://shop.test")
    visits.visit(
        "/",
        "old=1",
        "sid=abc; Path=/; Secure; HttpOnly; SameSite=Strict",
        "wide=1; Domain=shop.test; Max-Age=7200; Path=/",
        "bad=1; Domain=other.test",
        "worse=1; SameSite=None",
    )
    return visits


def seen(
    trace: Trace, client_id: str = "c1", position: int | None = None, mask: Mask = unmasked
) -> tuple[list[JarRow], list[RefusedRow]]:
    """The rows of a jar's cookies and refusals, the first refused first."""
    board = JarBoard(Table(trace, mask=mask))
    assert board.update()
    view = board.view(client_id, trace.position if position is None else position)
    assert view.refused_count == len(view.refused)
    return (
        [board.row(cookie, view.now) for cookie in view.cookies],
        [board.refusal(row) for row in reversed(view.refused)],
    )


def test_rows() -> None:
    """Each cookie with its attributes, lifetime and state."""
    trace = story().trace()
    rows, _ = seen(trace)
    assert [
        (row.name, row.value, row.domain, row.path, row.expires, row.same_site, row.state)
        for row in rows
    ] == [
        ("old", "1", "shop.test", "/", "unknown", "unknown", "inferred"),
        ("sid", "abc", "shop.test", "/", "session", "Strict", ""),
        ("wide", "1", ".shop.test", "/", "in 2 hours", "Lax (default)", ""),
    ]
    assert [(row.secure, row.http_only, row.size) for row in rows] == [
        (False, False, 4),
        (True, True, 6),
        (False, False, 5),
    ]


def test_refused() -> None:
    """The refusals up to a position, each with its reason and fix."""
    trace = story().trace()
    _, refused = seen(trace)
    assert [(row.name, row.code, row.host) for row in refused] == [
        ("bad", "domain-mismatch", "shop.test"),
        ("worse", "same-site-none-insecure", "shop.test"),
    ]
    assert refused[0].sentence == "'Domain=other.test' does not cover the host shop.test."
    assert refused[0].fix
    assert refused[0].section == "5.7 step 10"
    assert seen(trace, position=trace.rows[0].position)[1] == []


def test_unknown_client_holds_nothing() -> None:
    """An unknown client has an empty jar; it is not an error."""
    assert seen(story().trace(), "nobody", 10) == ([], [])


def test_mask() -> None:
    """With a mask, no value is shown."""
    trace = story().trace()
    rows, refused = seen(trace, mask=masked)
    values = [row.value for row in rows] + [row.value for row in refused]
    assert all(value.startswith("•••") for value in values)


@pytest.mark.parametrize(
    ("expires_at", "words"),
    [
        (None, "session"),
        (99.0, "expired"),
        (100.0, "expired"),
        (100.5, "in less than a second"),
        (101.0, "in 1 second"),
        (190.0, "in 1 minute"),
        (100.0 + 7200, "in 2 hours"),
        (100.0 + 400 * 86400, "in 400 days"),
    ],
)
def test_lifetime(expires_at: float | None, words: str) -> None:
    """The time that a cookie has left, in the largest fitting unit."""
    assert lifetime(expires_at, 100.0) == words


def test_moment() -> None:
    """Dates have a time zone, and those outside the calendar do not fail."""
    assert moment(0) == "1970-01-01 00:00:00 UTC"
    assert moment(1e18) == "1000000000000000000 s after 1970"
