"""Captures that are recorded and published, and closed at the end of a test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from cookietrace.publishing.options import PublishingOptions
from tests.publishing.local import Local, fresh_name
from tests.redis_server import RedisServer
from tests.story import Story

Recorded = Callable[..., Local]


@pytest.fixture
def recorded(tmp_path: Path, redis_server: RedisServer) -> Iterator[Recorded]:
    """Return a function that records a story, to be published on the given or the shared server."""
    with ExitStack() as stack:

        def made(
            story: Story,
            options: PublishingOptions | None = None,
            *,
            server: RedisServer | None = None,
            url: str | None = None,
        ) -> Local:
            url = url or (server or redis_server).url(fresh_name())
            return stack.enter_context(closing(Local(tmp_path, url, story, options)))

        yield made
