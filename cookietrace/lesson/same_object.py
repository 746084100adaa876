"""Remembers what was worked out from one object while question after question is about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

_A = TypeVar("_A")
_R = TypeVar("_R")


def remembered(function: Callable[[_A], _R]) -> Callable[[_A], _R]:
    """Return a function that calls this one only if its argument is not the last call's object.

    The argument must not change, and need not be hashable: hashing the headers of a response with
    thousands of Set-Cookie lines would take as long as reading them.
    """
    last: tuple[_A, _R] | None = None

    def call(argument: _A) -> _R:
        nonlocal last
        known = last
        if known is None or known[0] is not argument:
            known = last = argument, function(argument)
        return known[1]

    return call
