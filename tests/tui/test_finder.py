"""Finding rows by text."""

from __future__ import annotations

from cookietrace.lesson.table import Table
from cookietrace.trace import fold
from tests.tui import captures
from tui.state.finder import Finder

TABLE = Table(fold(captures.rich()))


def found(needle: str, slice_rows: int = 1000) -> Finder:
    """Search the whole rich trace."""
    finder = Finder()
    finder.look_for(needle)
    while finder.behind(TABLE):
        finder.scan(TABLE, slice_rows)
    return finder


def test_finds_in_any_column_and_any_case() -> None:
    """The matches are the steps whose rows contain the text, in order."""
    finder = found("LOGIN")
    assert finder.matches
    assert finder.matches == sorted(finder.matches)
    assert all("login" in " ".join(TABLE.row(step).cells).casefold() for step in finder.matches)


def test_slices_find_the_same() -> None:
    """Searching a few rows at a time finds the same as searching all."""
    assert found("shop", 2).matches == found("shop").matches


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
