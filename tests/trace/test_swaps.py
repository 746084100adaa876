"""When a second jar in one client is suspected: as soon as nothing else explains what is seen."""

from __future__ import annotations

import pytest

from cookietrace.fold.exchange import NoteKind
from tests.story import TYPED, Story

Visit = tuple[str | None, str | None, str | None]
"""What a request carries, what its response sets, and its connection."""

HTTP_ONLY = "; HttpOnly; Path=/"


def suspected(*visits: Visit) -> list[int]:
    """Return the numbers of the requests at which a second jar is suspected."""
    story = Story("https://shop.test")
    for carried, sets, connection in visits:
        exchange_id = story.ask("/", carried, headers=TYPED, connection=connection)
        story.respond(exchange_id, *([sets] if sets is not None else []))
    trace = story.trace()
    return [
        sum(each.request.position <= note.position for each in trace.exchanges)
        for note in trace.notes
        if note.kind is NoteKind.TWO_JARS
    ]


@pytest.mark.parametrize(
    ("about", "visits", "at"),
    [
        (
            "a private window signs in, and the first window continues",
            [
                (None, f"sid=a{HTTP_ONLY}", "1"),
                ("sid=a", None, "1"),
                (None, f"sid=b{HTTP_ONLY}", "2"),
                ("sid=b", None, "2"),
                ("sid=a", None, "1"),
            ],
            [5],
        ),
        (
            "so long that the jar has given the first window's cookie up",
            [
                (None, f"sid=a{HTTP_ONLY}", None),
                (None, None, None),
                (None, f"sid=b{HTTP_ONLY}", None),
                ("sid=b", None, None),
                ("sid=a", None, None),
            ],
            [5],
        ),
        (
            "a script can bring an old value back, if it is not HttpOnly",
            [
                (None, "sid=a; Path=/", "1"),
                ("sid=a", "sid=b; Path=/", "1"),
                ("sid=b", None, "1"),
                ("sid=a", None, "2"),
            ],
            [],
        ),
        (
            "the new value was never seen: the client did not take it",
            [
                (None, f"sid=a{HTTP_ONLY}", "1"),
                ("sid=a", f"sid=b{HTTP_ONLY}", "1"),
                ("sid=a", None, "2"),
            ],
            [],
        ),
        (
            "the connection has carried the new value: no other browser is behind it",
            [
                (None, f"sid=a{HTTP_ONLY}", "1"),
                ("sid=a", f"sid=b{HTTP_ONLY}", "1"),
                ("sid=b", None, "1"),
                ("sid=a", None, "1"),
            ],
            [],
        ),
        (
            "the server set the old value again",
            [
                (None, f"sid=a{HTTP_ONLY}", "1"),
                ("sid=a", f"sid=b{HTTP_ONLY}", "1"),
                ("sid=b", f"sid=a{HTTP_ONLY}", "1"),
                ("sid=a", None, "2"),
            ],
            [],
        ),
        (
            "a value that was never there before",
            [
                (None, f"sid=a{HTTP_ONLY}", "1"),
                ("sid=a", f"sid=b{HTTP_ONLY}", "1"),
                ("sid=b", None, "1"),
                ("sid=c", None, "2"),
            ],
            [],
        ),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_one_turn_is_enough_if_no_script_can_have_made_it(
    about: str, visits: list[Visit], at: list[int]
) -> None:
    """An HttpOnly cookie with a new value in a request, then with its old value again."""
    assert suspected(*visits) == at, about
