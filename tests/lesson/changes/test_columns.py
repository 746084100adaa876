"""Two captures as two columns: which rows there are, and what stands in them."""

from __future__ import annotations

import re

import pytest

from cookietrace.formats.page.changes import render_changes
from cookietrace.lesson.changes import (
    TraceJourney,
    blocks,
    cause,
    cells,
    changes_entry,
    changes_lines,
    compare,
    first_shown,
    pairs,
)
from tests.lesson.changes.test_changes import GOOD, LINE, journey, told
from tests.story import Story

BAD = journey(LINE.replace("; Secure", "").replace("Lax", "None"), sent=False)
NASTY = "<script>alert(1)</script>\x1b[31m\u202e"


def page_of(before: Story, after: Story) -> str:
    """Return the page for two stories, in which ``abc123`` is to be hidden."""
    one, other = before.trace(), after.trace()
    journeys = TraceJourney(one), TraceJourney(other)
    hide = (lambda text: text.replace("abc123", "HIDDEN"),) * 2
    return render_changes(compare(one, other), journeys, ("good", "bad"), hide)


def test_the_rows() -> None:
    """Pairs in order, with what only one side has in its place; the signs are those of diff -y."""
    before = told(asked=("/", "/a", "/only-a", "/b", "/c"))
    after = told(asked=("/", "/only-b", "/a", "/b", "/c", "/end"))
    found = compare(before.trace(), after.trace())
    rows = pairs(found)
    assert [(row.before, row.after, row.sign) for row in rows] == [
        (0, 0, ""),
        (None, 1, ">"),
        (1, 2, ""),
        (2, None, "<"),
        (3, 3, ""),
        (4, 4, ""),
        (None, 5, ">"),
    ]
    assert first_shown(found, rows) == 1
    assert cause(found) is None


def test_the_first_difference_is_selected_and_the_cause() -> None:
    """Its row has both sides with their reasons; later ones say what they follow from."""
    before, after = GOOD.trace(), BAD.trace()
    found = compare(before, after)
    rows = pairs(found)
    at = first_shown(found, rows)
    assert (at, rows[at].sign) == (1, "≠")
    one, two = blocks(found, rows[at])
    assert (one.before, one.after) == (("Secure, SameSite=Lax",), ("SameSite=None, no Secure",))
    assert two.before == ("Stored",)
    assert two.after[0] == "Refused"
    assert two.after[1].endswith("without Secure. (RFC 6265bis, section 5.7 step 19)")
    assert blocks(found, rows[3])[0].follows == "Probably because of the difference in step 2."
    first = cause(found)
    assert first is not None
    assert first.where == "Step 2: shop.example/login"
    assert first.fixes[0].startswith("Add Secure")
    (mine,), (theirs,) = cells(TraceJourney(before), [1]), cells(TraceJourney(after), [1])
    assert (mine.sets, mine.refused, theirs.sets, theirs.refused) == (("sid",), (), (), ("sid",))


@pytest.mark.parametrize(
    ("line", "refused", "missed"),
    [
        ("sid=; Max-Age=0; Path=/other", (), ("sid",)),
        ("sid=; Max-Age=0", (), ()),
        ("nothing=; Max-Age=0", (), ()),
        ("sid=1; Max-Age=0; Domain=other.test", ("sid",), ()),
    ],
)
def test_a_deletion_that_missed_is_not_refused(
    line: str, refused: tuple[str, ...], missed: tuple[str, ...]
) -> None:
    """It has the sign that the table gives it."""
    story = Story()
    story.visit("/", None, "sid=1; Path=/")
    story.visit("/logout", "sid=1", line)
    (cell,) = cells(TraceJourney(story.trace()), [1])
    assert (cell.refused, cell.missed) == (refused, missed)
    assert ("¬" in page_of(story, journey())) is bool(missed)


def test_a_deletion_that_missed_has_its_reason_and_fix() -> None:
    """In every form, as ``explain`` and ``check`` say it."""
    stories = []
    for line in ("sid=; Max-Age=0; Path=/", "sid=; Max-Age=0; Path=/other"):
        story = Story("https://shop.test")
        story.visit("/", None, "sid=1; Path=/")
        story.visit("/logout", "sid=1", line)
        stories.append(story)
    one, other = stories
    found = compare(one.trace(), other.trace())
    sentence = (
        "The jar holds 'sid' for shop.test only, path /, but this deletes 'sid' for shop.test "
        "only, path /other: to a browser, these are two different cookies."
    )
    fix = "Delete it with Path=/, exactly as it was set."
    text = "\n".join(changes_lines(found, width=1000, most=9))
    assert f"B: {sentence} (RFC 6265bis, section 5.7 step 23)\n    Fix: {fix}" in text, text
    entry = changes_entry(found)["differences"][-1]
    assert entry["a"]["reasons"] == []
    assert entry["b"]["reasons"] == [
        {"code": "deleted-nothing", "section": "5.7 step 23", "sentence": sentence, "fix": fix}
    ]
    first = cause(found)
    assert first is not None
    assert first.fixes == (fix,)
    assert fix in page_of(one, other)


def test_the_page() -> None:
    """It has the cause, both columns, and the rows that are the same in brief."""
    html = page_of(GOOD, BAD)
    assert "Likely cause" in html
    assert html.count('class="pair differs"') == 2
    assert "not in B" not in html
    lonely = page_of(told(asked=("/", *(f"/{name}" for name in "abcdefghij"), "/z")), told())
    assert "not in B" in lonely
    same = page_of(GOOD, GOOD)
    assert "The requests that both have do not differ." in same
    assert "… 4 more requests" in same
    assert "no request in common" in page_of(GOOD, journey(base="https://b.test"))


def test_the_page_lets_nothing_through() -> None:
    """Text from the wire is no markup, values are hidden, and nothing is loaded."""
    line = LINE.replace("Path=/", f"Path=/{NASTY}/abc123")
    html = page_of(GOOD, journey(line, path=f"/{NASTY}", base="https://shop.example"))
    assert "alert(1)" in html
    assert "<script>alert" not in html
    assert not re.search("[\x1b\u202e]", html)
    assert "abc123" not in html
    assert "HIDDEN" in html
    assert "default-src 'none'" in html
    assert not re.search(r'(?:src|href)="(?!#)', html)
