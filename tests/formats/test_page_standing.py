"""The page says and draws what is not confirmed."""

from __future__ import annotations

from cookietrace.formats.format import Export
from cookietrace.formats.page import write_page
from tests.lesson.test_standing import IF_WITH, app
from tests.story import Story


def page(story: Story) -> str:
    """Return the page of a story."""
    return b"".join(write_page(Export(story.events))).decode()


def test_an_unconfirmed_cookie() -> None:
    """Table, flow, transcript and jar have the condition; the row has the sign."""
    text = page(app())
    assert text.count(IF_WITH) >= 2
    assert text.count("if requested with credentials") >= 2
    assert "<i class=unconfirmed data-sign=◌>" in text
    assert "<span class=state>unconfirmed</span>" in text
    assert "stored, if requested with credentials" in text


def test_a_refuted_one() -> None:
    """The row that corrects it is there, with its sign."""
    text = page(app(None))
    assert "class=refuted" in text
    assert "Client had not stored" in text
    assert "<i class=refuted data-sign=≠>" in text


def test_a_confirmed_one() -> None:
    """Once it is confirmed, only the jar remembers that it was not."""
    text = page(app("sid=s1"))
    assert "<i class=unconfirmed" not in text
    assert "<span class=state>unconfirmed</span>" in text


def test_a_step_in_doubt_is_drawn_so() -> None:
    """The flow and the table do not draw it as certain; a confirmed one they do."""
    assert text_has_unsure(page(app()))
    assert text_has_unsure(page(app(None)))
    assert not text_has_unsure(page(app("sid=s1")))


def text_has_unsure(text: str) -> bool:
    """Whether a step of the picture and its row are drawn as in doubt."""
    picture, row = 'class="picture stores unsure"' in text, 'class="stores unsure"' in text
    assert picture == row
    return picture
