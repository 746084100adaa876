"""What can be copied from a step."""

from __future__ import annotations

from cookietrace.lesson.copies import step_texts
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.mask import masked
from cookietrace.lesson.table import Table
from cookietrace.trace import Trace
from tests.story import seed_story


def texts(table: Table, step: int) -> dict[str, str]:
    """Return the texts of a step by their names; every key letter is unique."""
    found = step_texts(table, step)
    assert len({each.key for each in found}) == len(found)
    return {each.name: each.text for each in found}


def seed_trace() -> Trace:
    """Return the seed trace: three steps, one cookie."""
    return seed_story().trace()


def test_a_request_with_a_cookie() -> None:
    """The row as tab-separated cells, both headers as sent, the URL, and the details."""
    table = Table(seed_trace(), Focus(path="/", cookies=("user",)))
    found = texts(table, 3)
    assert found["Row"] == "\t".join(table.row(3).cells)
    assert found["Request cookies"] == "{'user': 'Alice'}"
    assert found["Cookie header"] == "user=Alice"
    assert found["Set-Cookie"].startswith("user=Alice")
    assert found["URL"] == table.exchange(3).request.url
    assert found["Details"].startswith("What happened\n  ")


def test_empty_texts_are_left_out() -> None:
    """The first request has no Cookie header to copy."""
    assert "Cookie header" not in texts(Table(seed_trace()), 1)


def test_masked_values_stay_masked() -> None:
    """No text of a masked table contains a value."""
    for step in (1, 2, 3):
        for name, text in texts(Table(seed_trace(), mask=masked), step).items():
            if name in ("Cookie header", "Set-Cookie", "Request cookies"):
                assert "Alice" not in text, name
