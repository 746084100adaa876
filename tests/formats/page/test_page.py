"""The page as a file: complete, small, strict, accessible, and safe with hostile text."""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from base64 import b64encode
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cookietrace.formats.page
from cookietrace.errors import FormatError
from cookietrace.events import Capture, Event
from cookietrace.formats import export, format_for_file
from cookietrace.formats.page.content import MOST_STEPS
from cookietrace.formats.page.highlighting import highlighted
from cookietrace.formats.page.rendering import json_in_script
from cookietrace.formats.page.step_ranges import ranges, steps_in_words
from cookietrace.lesson.modes import MODES
from cookietrace.lesson.table import Table
from tests.formats.awkward import EVENTS
from tests.formats.page.reading import Element, inlined, read_page
from tests.formats.page.stories import PAYLOADS, hostile_story, rich_story
from tests.lesson.random_traces import random_story
from tests.story import Story, seed_story

LARGEST = 340_000
"""The most bytes of a page with a hundred steps, with a question about each of them."""

ASSETS = Path(cookietrace.formats.page.__file__).parent / "assets"

NEVER_FROM_THE_WIRE = {
    "flow.step",
    "kind",
    "loop.index",
    "cell.tone",
    "mark",
    "row.kind.value",
    "sign",
    "'cookie-action' if remark.is_action else 'value'",
}
"""The expressions allowed in an attribute without quotes: numbers and our own words."""

PAGES: dict[str, tuple[Event, ...]] = {
    "seed": tuple(seed_story().events),
    "rich": tuple(rich_story(20).events),
    "hostile": tuple(hostile_story().events),
    "awkward": EVENTS,
    "empty": EVENTS[:2],
    **{f"chance {seed}": tuple(random_story(seed).events) for seed in range(4)},
}


def written(events: tuple[Event, ...], *, show_values: bool = True) -> str:
    """Return the page of a capture."""
    return b"".join(export(events, "html", show_values=show_values)).decode()


@pytest.fixture(scope="module", params=PAGES)
def html(request: pytest.FixtureRequest) -> str:
    """Return the page of each of several captures."""
    return written(PAGES[request.param])


@pytest.fixture(scope="module")
def page(html: str) -> Element:
    """Return the parsed page."""
    return read_page(html)


@pytest.mark.parametrize("sensitive", [False, True], ids=["values", "redacted"])
def test_a_hundred_steps_fit(sensitive: bool) -> None:
    """Two hosts, a witness, refusals and a counter that changes: still a small file."""
    first, *others = rich_story(100).events
    assert isinstance(first, Capture)
    events = (msgspec.structs.replace(first, sensitive=sensitive), *others)
    exported = written(events, show_values=False)
    assert len(read_page(exported).one("section", id="table").one("tbody").all("tr")) >= 100
    assert len(exported.encode()) <= LARGEST


def test_a_page_with_too_many_steps() -> None:
    """The error says how many steps there would be, and what to do."""
    story = Story()
    for _ in range(MOST_STEPS + 1):
        story.ask()
    with pytest.raises(FormatError, match=rf"up to {MOST_STEPS} steps.*--cookie"):
        written(tuple(story.events))
    assert len(Table(story.trace())) == MOST_STEPS + 1


def test_the_suffix_names_it() -> None:
    """``-o lesson.html`` is enough."""
    assert format_for_file(Path("lesson.html")).name == "html"


def test_nine_modes_in_the_order_of_their_keys(page: Element) -> None:
    """Nine sections, each under its heading, and a link to each."""
    sections = page.one("main").all("section", class_="mode")
    assert [section.attributes["id"] for section in sections] == [mode.slug for mode in MODES]
    headings = [section.all("h2")[0].words for section in sections]
    assert headings == [f"{mode.key} {mode.title}" for mode in MODES]
    links = page.one("nav").all("a")
    assert [link.attributes["href"] for link in links] == [f"#{mode.slug}" for mode in MODES]


def test_only_our_style_and_script_are_allowed(html: str, page: Element) -> None:
    """The policy allows the exact style and script in the page, and nothing else."""
    policy = page.one("meta", http_equiv="Content-Security-Policy").attributes["content"]
    for tag, directive in (("style", "style-src"), ("script", "script-src")):
        digest = hashlib.sha256(inlined(html, tag).encode()).digest()
        assert f"{directive} 'sha256-{b64encode(digest).decode()}'" in policy.split("; ")
    assert "default-src 'none'" in policy.split("; ")
    assert "unsafe" not in policy
    assert len(page.all("script")) == 2
    assert len(page.all("style")) == 1


def test_nothing_is_loaded_and_nothing_is_inline(page: Element) -> None:
    """Links lead only into the page itself; no attribute holds a style or a handler."""
    for element in page:
        assert element.tag not in {"link", "img", "iframe", "object", "embed", "base", "audio"}
        for name, value in element.attributes.items():
            assert not name.startswith("on")
            assert name not in {"style", "src", "srcset", "action", "formaction", "xlink:href"}
            assert name != "href" or value.startswith("#")


def test_ids_and_references(page: Element) -> None:
    """Ids are unique, and every link and label refers to one."""
    ids = [element.attributes["id"] for element in page if "id" in element.attributes]
    assert len(ids) == len(set(ids))
    for element in page:
        target = element.attributes.get("href", "#main").removeprefix("#")
        assert {target, element.attributes.get("aria-labelledby", target)} <= set(ids)


def test_headings_make_an_outline(page: Element) -> None:
    """There is one heading of level 1, and no level is skipped."""
    levels = [int(element.tag[1]) for element in page if re.fullmatch("h[1-6]", element.tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_controls_have_names(page: Element) -> None:
    """Every button, field, link, table and group of options has a name."""
    for element in page:
        if element.tag in ("button", "a", "summary"):
            assert element.attributes.get("aria-label") or element.words
        if element.tag in ("input", "select"):
            assert element.attributes.get("aria-label") or (
                element.parent is not None
                and element.parent.tag == "label"
                and element.parent.words
            )
        if element.tag == "fieldset":
            assert element.one("legend").words
        if element.tag == "svg":
            assert element.attributes["aria-hidden"] == "true"
        if element.tag == "table":
            assert element.one("caption").words
    assert page.one("html").attributes["lang"] == "en"


def test_hostile_text_is_only_text() -> None:
    """Each payload is in the page as text, without control or invisible characters."""
    html = written(PAGES["hostile"])
    page = read_page(html)
    text = page.one("main").text
    for payload in PAYLOADS[:-1]:
        assert payload in text
    assert not re.search(
        "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]", html
    )
    assert {"svg", "script", "style", "img"} & {element.tag for element in page.one("main")} == {
        "svg"
    }


def test_secrets_are_redacted() -> None:
    """The page of a capture with secrets has tokens, and says so."""
    first, *others = rich_story(12).events
    assert isinstance(first, Capture)
    html = written((msgspec.structs.replace(first, sensitive=True), *others), show_values=False)
    assert "s3cr3t-session-value-0001" not in html
    assert re.search("redacted-[0-9a-f]{10}", html)
    assert "Cookie values are replaced by tokens" in html
    assert "Cookie values are replaced by tokens" not in written((first, *others))


def test_attributes_use_double_quotes() -> None:
    """No attribute uses single quotes, so these need no escaping in text."""
    for template in ASSETS.rglob("*.html"):
        bare = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", template.read_text(), flags=re.DOTALL)
        assert not re.search(r"='", bare), template.name
        unquoted = re.findall(r"=\{\{ ([^}]*) \}\}", template.read_text())
        assert set(unquoted) <= NEVER_FROM_THE_WIRE, template.name


@settings(max_examples=50)
@given(
    st.recursive(
        st.text(max_size=20),
        lambda inner: (
            st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=20), inner, max_size=4)
        ),
        max_leaves=8,
    )
)
def test_json_is_safe_in_a_script(value: object) -> None:
    """Any value can be read back, and nothing in it can end the element or a line."""
    try:
        text = json_in_script(value)
    except UnicodeEncodeError:
        return  # an unpaired surrogate: never display text
    assert json.loads(text) == value
    assert not set("<>&\u2028\u2029") & set(text)


@given(st.text(st.characters(exclude_characters="\n\r")))
def test_highlighting_changes_no_character(line: str) -> None:
    """The pieces of any line, joined, are the line."""
    assert "".join(piece.text for piece in highlighted(line)) == line


def test_highlighting() -> None:
    """Keywords, strings and comments are recognised."""
    found = [
        (piece.kind, piece.text) for piece in highlighted("if x == 'a': return f\"b\"  # c 'd'")
    ]
    assert found == [
        ("keyword", "if"),
        ("", " x == "),
        ("string", "'a'"),
        ("", ": "),
        ("keyword", "return"),
        ("", " "),
        ("string", 'f"b"'),
        ("", "  "),
        ("comment", "# c 'd'"),
    ]


@pytest.mark.parametrize(
    ("steps", "script", "words"),
    [
        ([5], "5", "step 5"),
        ([1, 2, 3, 5], "1-3 5", "steps 1–3, 5"),
        ([1, 2], "1-2", "steps 1–2"),
        ([1, 3], "1 3", "steps 1, 3"),
    ],
)
def test_ranges_of_steps(steps: list[int], script: str, words: str) -> None:
    """Ascending steps become ranges, for the script and in words."""
    assert ranges(steps) == script
    assert steps_in_words(steps, str) == words
