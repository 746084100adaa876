"""A scenario that visits URLs which set cookies, then URLs which show what was stored."""

from __future__ import annotations

from collections.abc import Mapping

from tests.judge.scenario import Go, Response, Scenario


def visits(
    name: str, promise: str, set_cookies: Mapping[str, tuple[bytes, ...]], *then: str
) -> Scenario:
    """Return a scenario: each URL sets its cookies on the first visit, then all others follow."""
    return Scenario(
        name=name,
        promise=promise,
        group="added",
        responses={
            url: (Response(set_cookies=lines), Response()) for url, lines in set_cookies.items()
        },
        steps=(*map(Go, set_cookies), *map(Go, then)),
    )
