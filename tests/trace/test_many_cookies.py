"""A header with very many cookies is read in time linear in their number."""

from __future__ import annotations

from functools import partial

from tests.story import Story
from tests.work import lines_run


def request_after_response(cookies: int) -> int:
    """Return the work on a request with this many cookies of one name, shortly after a response.

    The response set as many, for other paths, and may not have arrived.
    """
    story = Story()
    story.respond(story.ask(), *(f"c=v; Path=/p{number}" for number in range(cookies)))
    trace = story.trace()
    story.ask("/", "; ".join(f"c={number}" for number in range(cookies)), after=0.3)
    return lines_run(partial(trace.apply, story.events[-1]))


def test_one_name_many_times_beside_responses_under_way() -> None:
    """The responses are looked at once for a name, not once for each of its cookies."""
    request_after_response(10)  # what is cached for good
    assert request_after_response(800) <= 4.4 * request_after_response(200)
