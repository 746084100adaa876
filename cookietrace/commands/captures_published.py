"""The listing of the captures that are published on a Redis server."""

from __future__ import annotations

from collections.abc import Iterator

from cookietrace.errors import CaptureError
from cookietrace.lesson.display_text import plural
from cookietrace.safe_text import safe
from cookietrace.stores import is_redis_url
from cookietrace.stores.redis_streams.address import parse_redis_url
from cookietrace.stores.redis_streams.opening import Published, published


def listed(url: str) -> Iterator[str]:
    """Yield the lines of the listing. Raises ``CaptureError``."""
    if not is_redis_url(url):
        raise CaptureError(
            f"{safe(url)} is not the URL of a Redis server: write it as in "
            "redis://localhost:6379, or give none to list the captures on this machine"
        )
    address = parse_redis_url(url)
    found = published(address)
    if not found:
        yield f"No captures at {address.server} yet. `cookietrace publish` adds one."
        return
    yield f"At {address.server}:"
    for each in found:
        yield _line(each)


def _line(capture: Published) -> str:
    """Return one line of the list."""
    state = capture.state
    if state is None:
        return f"  {capture.name}  cannot be read: {capture.trouble}"
    facts = [f"on {safe(state.host)}", plural(state.position, "event")]
    facts.append(_activity(capture))
    if capture.behind:
        facts.append(f"{plural(capture.behind, 'event')} behind")
    if state.lost:
        facts.append(f"{plural(state.lost, 'gap')} ({safe(state.lost_message[:200])})")
    if not state.redacted:
        facts.append("with values")
    return f"  {capture.name}  {', '.join(facts)}"


def _activity(capture: Published) -> str:
    """Return what is known about the capture's recorder and publisher."""
    state = capture.state
    assert state is not None
    if capture.alive:
        return "published now" if state.recorder == "stopped" else "recording now"
    if state.ended:
        return "complete" if state.recorder == "stopped" else "no longer published"
    return f"not heard of for {capture.silent:.0f} s"
