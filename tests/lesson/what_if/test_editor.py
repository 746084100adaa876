"""What an imagined request sends, in fewer steps than in general."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from cookietrace.lesson.what_if import editor

FIELDS = st.text(st.sampled_from("ab=; \t1,"), max_size=12)
PAIRS = st.tuples(st.sampled_from(("", "a", "b")), st.sampled_from(("", "1", "a")))


@given(FIELDS, FIELDS, st.sets(PAIRS, max_size=2))
@example("a=1; b=2", "b=2", {("a", "1")})
@example("", " a = 1;;=b", set())
def test_a_client_that_sent_what_was_predicted(
    sent: str, expected: str, lost: set[tuple[str, str]]
) -> None:
    """It sends what the imagined jar predicts, and has nothing of its own to add or leave out."""
    before = seen = editor._pairs(sent)
    own = [pair for pair in seen if pair not in before and pair not in lost]
    in_general = [
        pair
        for pair in editor._pairs(expected)
        if pair[0] not in dict(own) and (pair in seen or pair not in before)
    ]
    assert editor._as_predicted(expected) == editor._header_of([*in_general, *own])
