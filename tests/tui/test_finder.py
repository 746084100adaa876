"""Finding rows by text."""

from __future__ import annotations

import pytest

from cookietrace.fold.exchange import RowKind
from cookietrace.lesson.mask import masked
from cookietrace.lesson.moments import key_moments
from cookietrace.lesson.table import Table
from cookietrace.trace import fold
from tests.tui import captures
from tui.state.finder import Finder

TABLE = Table(fold(captures.rich()))
STEPS = range(1, len(TABLE) + 1)


def found(needle: str) -> Finder:
    """Search the whole rich trace."""
    finder = Finder()
    finder.look_for(needle)
    finder.scan(TABLE)
    return finder


def test_finds_in_any_column_and_any_case() -> None:
    """The matches are the steps whose rows contain the text, in order."""
    finder = found("STORES COOKIE")
    stored = [step for step in STEPS if "stores cookie" in TABLE.row(step).action]
    assert finder.matches == stored != []


@pytest.mark.parametrize(
    ("needle", "kinds"),
    [
        ("is a public suffix", {RowKind.EXCHANGE, RowKind.REFUSED}),
        ("set domain to your own domain", {RowKind.EXCHANGE, RowKind.REFUSED}),
        ("sec-fetch-dest: image", {RowKind.EXCHANGE}),
        ("302 found", {RowKind.EXCHANGE}),
        ("404 NOT", {RowKind.EXCHANGE}),
        ("not 127.0.0.1/nowhere", set()),
    ],
    ids=["reason", "fix", "header", "redirect", "status", "nothing"],
)
def test_finds_what_is_told_of_a_step(needle: str, kinds: set[RowKind]) -> None:
    """Reasons, fixes, headers and statuses are searched, too."""
    assert {TABLE.trace_row(step).kind for step in found(needle).matches} == kinds


def test_finds_the_texts_of_a_problem() -> None:
    """The row of a problem matches the texts about it."""
    (moment, *_) = key_moments(TABLE)
    finder = Finder({3: moment}.get)
    finder.look_for(moment.question)
    finder.scan(TABLE)
    assert finder.matches == [3]


def test_hidden_values_are_not_found() -> None:
    """With a mask, no header gives a value away."""
    trace = fold(captures.rich())
    finder = Finder()
    finder.look_for("eyJ1c2VyIjoiYWxpY2UifQ")
    finder.scan(Table(trace, mask=masked))
    assert finder.matches == []


def test_slices_find_the_same() -> None:
    """Searching a few rows at a time finds the same as searching all, and says how far it is."""
    finder, percents = Finder(), []
    finder.look_for("shop")
    while (progress := finder.progress(TABLE)) is not None:
        percents.append(progress.percent)
        finder.scan(TABLE, 0.0)
    assert finder.matches == found("shop").matches
    assert percents[0] == 0 < percents[1] < 100


def test_wraps_around() -> None:
    """The last match is followed by the first, and the other way round."""
    finder = found("login")
    first, last = finder.matches[0], finder.matches[-1]
    assert finder.after(last) == first
    assert finder.before(first) == last
    assert finder.after(0) == first


def test_an_empty_text_finds_nothing() -> None:
    """An empty text has no matches."""
    finder = found("")
    assert finder.matches == []
    assert finder.after(1) is None


def test_a_changed_row_is_searched_again() -> None:
    """A row that no longer contains the text is removed, and one that now does is added."""
    finder = found("login")
    finder.matches = [*finder.matches[1:], len(TABLE)]
    steps = range(1, len(TABLE) + 1)
    assert finder.recheck(TABLE, steps)
    assert finder.matches == found("login").matches
    assert not finder.recheck(TABLE, steps)
