"""Traces what async frameworks run in threads: sync views, dependencies and middleware.

The functions that hand over to threads are wrapped once, as the first marked request
arrives. They do what they did, except during a marked request.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from typing import Any

from cookietrace.witness.sight import current_sight, watching


def trace_anyio() -> None:
    """Trace what ``anyio.to_thread.run_sync`` runs: Starlette's and FastAPI's."""
    import anyio.to_thread

    original: Callable[..., Any] = anyio.to_thread.run_sync
    if hasattr(original, "_cookietrace"):
        return

    @functools.wraps(original)
    async def run_sync(func: Callable[..., Any], *args: Any, **named: Any) -> Any:
        return await original(watching(func), *args, **named)

    run_sync._cookietrace = True  # type: ignore[attr-defined]
    anyio.to_thread.run_sync = run_sync  # type: ignore[assignment]


def trace_asgiref() -> None:
    """Trace what ``asgiref.sync.SyncToAsync`` runs: Django's."""
    from asgiref.sync import SyncToAsync

    original: Callable[..., Any] = SyncToAsync.__call__
    if hasattr(original, "_cookietrace"):
        return

    @functools.wraps(original)
    async def call(self: Any, *args: Any, **named: Any) -> Any:
        if current_sight.get() is not None:
            following = copy.copy(self)
            following.func = watching(self.func)
            self = following
        return await original(self, *args, **named)

    call._cookietrace = True  # type: ignore[attr-defined]
    SyncToAsync.__call__ = call  # type: ignore[method-assign]
