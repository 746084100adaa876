"""The user's own text above the lesson."""

from __future__ import annotations

import pytest

from cookietrace.errors import FormatError
from cookietrace.formats import PageOptions, export
from cookietrace.formats.page.intro import MOST_CHARACTERS, introduction
from tests.formats.page.reading import read_page
from tests.formats.page.stories import PAYLOADS
from tests.story import seed_story


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("", []),
        ("One\npart.\n\nAnother.", [("paragraph", "One part."), ("paragraph", "Another.")]),
        ("# Aim\nTo see.\n## B", [("heading", "Aim"), ("paragraph", "To see."), ("heading", "B")]),
        ("Look:\n- one\n* two\n  and more\n\nEnd.", [
            ("paragraph", "Look:"), ("list", "one", "two and more"), ("paragraph", "End."),
        ]),
        ("\ufeff- a\r\n- b\r\n\r\n- c", [("list", "a", "b"), ("list", "c")]),
        ("#\n-\n#no", [("paragraph", "# - #no")]),
        ("a\x00\u202eb", [("paragraph", "a\\x00\\u202eb")]),
        ("**not** [markup](http://a.test)", [("paragraph", "**not** [markup](http://a.test)")]),
    ],
)  # fmt: skip
def test_blocks(text: str, blocks: list[tuple[str, ...]]) -> None:
    """Paragraphs, headings and lists are recognised; everything else is plain text."""
    assert [(block.kind.value, *block.texts) for block in introduction(text)] == blocks


def test_a_text_that_is_too_long() -> None:
    """The error says how long it may be."""
    assert introduction("x" * MOST_CHARACTERS)
    with pytest.raises(FormatError, match="up to 20,000 characters"):
        introduction("x" * (MOST_CHARACTERS + 1))


def test_it_is_on_the_page_as_text() -> None:
    """Title and introduction are at the top; markup in them is only text."""
    intro = "\n\n".join(PAYLOADS) + "\n\n# <b>Aim</b>\n- <i>one</i>"
    options = PageOptions(title=PAYLOADS[1] + "\u202e", intro=intro)
    html = b"".join(export(seed_story().events, "html", page=options)).decode()
    page = read_page(html)
    assert page.one("h1").words == PAYLOADS[1] + "\\u202e"
    section = page.one("section", class_="intro")
    for payload in PAYLOADS[:-1]:
        assert payload in section.text
    assert {element.tag for element in section} == {"p", "h2", "ul", "li"}
    assert [heading.words for heading in section.all("h2")] == ["<b>Aim</b>"]
    assert len(page.all("script")) == 2
