"""``request.cookies`` as the witness provides it: the same cookies, with every read noted."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.datastructures import ImmutableMultiDict

from cookietrace.witness.notes import ENTRIES_LIMIT, Notes
from cookietrace.witness.werkzeug_cookies import RecordingCookies

PLAIN = ImmutableMultiDict([("a", "1"), ("b", "2"), ("b", "3")])
ALL = ["a", "b"]


def recording() -> tuple[RecordingCookies, Notes]:
    """Return the plain cookies as recorded ones, and their notes."""
    notes = Notes({})
    return RecordingCookies.of(PLAIN, notes), notes


def as_list(value: Any) -> Any:
    """Return a result in a form that can be compared."""
    return value if isinstance(value, str | dict | type(None) | bool | int) else list(value)


@pytest.mark.parametrize(
    ("ask", "asked"),
    [
        (lambda cookies: cookies.get("a"), ["a"]),
        (lambda cookies: cookies.get("c", "default"), ["c"]),
        (lambda cookies: cookies.get("a", type=int), ["a"]),
        (lambda cookies: cookies["b"], ["b"]),
        (lambda cookies: "a" in cookies, ["a"]),
        (lambda cookies: "c" in cookies, ["c"]),
        (lambda cookies: 1 in cookies, []),
        (lambda cookies: cookies.getlist("b"), ["b"]),
        (lambda cookies: cookies.getlist("c"), ["c"]),
        (list, ALL),
        (dict, ALL),
        (lambda cookies: {**cookies}, ALL),
        (lambda cookies: cookies.keys(), ALL),
        (lambda cookies: cookies.values(), ALL),
        (lambda cookies: cookies.items(), ALL),
        (lambda cookies: cookies.items(multi=True), ALL),
        (lambda cookies: cookies.lists(), ALL),
        (lambda cookies: cookies.listvalues(), ALL),
        (lambda cookies: cookies.to_dict(), ALL),
        (lambda cookies: cookies.to_dict(flat=False), ALL),
        (lambda cookies: cookies.copy().getlist("b"), ALL),
        (json.dumps, ALL),
        (len, []),
        (bool, []),
        (lambda cookies: cookies == PLAIN, []),
    ],
)
def test_same_result(ask: Callable[[Any], Any], asked: list[str]) -> None:
    """The result is that of the plain cookies, and the names asked for are noted."""
    cookies, notes = recording()
    assert as_list(ask(PLAIN)) == as_list(ask(cookies))
    assert list(dict.fromkeys(read.name for read in notes.reads)) == asked


def test_values() -> None:
    """A name is noted with its first value, or None."""
    cookies, notes = recording()
    cookies.get("b")
    cookies.get("c")
    assert [(read.name, read.value) for read in notes.reads] == [("b", "2"), ("c", None)]


def test_copies() -> None:
    """It can be copied and pickled like the plain one; a pickle holds no notes."""
    cookies, _ = recording()
    assert copy.copy(cookies) == PLAIN == copy.deepcopy(cookies)
    assert pickle.loads(pickle.dumps(cookies)) == PLAIN


def test_missing() -> None:
    """A missing name raises what the plain one raises."""
    cookies, _ = recording()
    with pytest.raises(KeyError) as error:
        cookies["c"]
    with pytest.raises(type(error.value)):
        PLAIN["c"]


def test_endless_reads() -> None:
    """Reads are noted up to the limit; equal reads count once."""
    cookies, notes = recording()
    for number in range(ENTRIES_LIMIT * 2):
        cookies.get(str(number))
        cookies.get("0")
    assert len(notes.reads) == ENTRIES_LIMIT
    cookies, notes = recording()
    for _ in range(10):
        cookies.get("a")
    assert len(notes.reads) == 1
