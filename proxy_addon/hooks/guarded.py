"""Hooks whose errors are recording trouble: mitmproxy would swallow them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

_Hook = TypeVar("_Hook", bound=Callable[..., None])


def never_raises(hook: _Hook) -> _Hook:
    """Report an error of a hook to the journal of its addon, and let traffic continue."""

    @functools.wraps(hook)
    def guarded(self: Any, about: Any) -> None:
        try:
            hook(self, about)
        except Exception as error:  # noqa: BLE001 (traffic must continue)
            self.journal.fail(error)

    return guarded  # type: ignore[return-value]
