"""The file itself: whole, small, strict, accessible, and deaf to whatever its texts hold."""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from base64 import b64encode
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
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

LARGEST = 300_000
"""Octets of a page of a hundred steps."""

ASSETS = Path(cookietrace.formats.page.__file__).parent / "assets"

NEVER_FROM_THE_WIRE = {
    "flow.step",
    "kind",
    "loop.index",
    "mark",
    "row.kind.value",
    "sign",
    "'cookie-action' if remark.is_action else 'value'",
}
"""What may stand in an attribute without quotes: numbers and words of ours."""

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
    """The page of each of several captures."""
    return written(PAGES[request.param])


@pytest.fixture(scope="module")
def page(html: str) -> Element:
    """The same, read back."""
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


def test_no_page_is_written_that_nobody_could_read() -> None:
    """One line says how many steps there would be, and what to do."""
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


def test_only_our_style_and_script_count(html: str, page: Element) -> None:
    """The policy names the digests of the very octets that stand in the page, and nothing else."""
    policy = page.one("meta", http_equiv="Content-Security-Policy").attributes["content"]
    for tag, directive in (("style", "style-src"), ("script", "script-src")):
        digest = hashlib.sha256(inlined(html, tag).encode()).digest()
        assert f"{directive} 'sha256-{b64encode(digest).decode()}'" in policy.split("; ")
    assert "default-src 'none'" in policy.split("; ")
    assert "unsafe" not in policy
    assert len(page.all("script")) == 2
    assert len(page.all("style")) == 1


def test_nothing_is_loaded_and_nothing_is_inline(page: Element) -> None:
    """No address but places in the page itself; no style or handler in an attribute."""
    for element in page:
        assert element.tag not in {"link", "img", "iframe", "object", "embed", "base", "audio"}
        for name, value in element.attributes.items():
            assert not name.startswith("on")
            assert name not in {"style", "src", "srcset", "action", "formaction", "xlink:href"}
            assert name != "href" or value.startswith("#")


def test_everything_referred_to_is_there_once(page: Element) -> None:
    """Identifiers are unique; every link and every label leads somewhere."""
    ids = [element.attributes["id"] for element in page if "id" in element.attributes]
    assert len(ids) == len(set(ids))
    for element in page:
        target = element.attributes.get("href", "#main").removeprefix("#")
        assert {target, element.attributes.get("aria-labelledby", target)} <= set(ids)


def test_headings_make_an_outline(page: Element) -> None:
    """One heading of the first level, and none that skips a level."""
    levels = [int(element.tag[1]) for element in page if re.fullmatch("h[1-6]", element.tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_what_can_be_used_has_a_name(page: Element) -> None:
    """Every button, field and link says what it does; every question names its options."""
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
    """Each payload is in the page, as text; no character in it acts or hides."""
    html = written(PAGES["hostile"])
    page = read_page(html)
    told = page.one("main").text
    for payload in PAYLOADS[:-1]:
        assert payload in told
    assert not re.search(
        "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]", html
    )
    assert {"svg", "script", "style", "img"} & {element.tag for element in page.one("main")} == {
        "svg"
    }


def test_secrets_stay_at_home() -> None:
    """A capture that holds secrets is written with tokens, and says so."""
    first, *others = rich_story(12).events
    assert isinstance(first, Capture)
    html = written((msgspec.structs.replace(first, sensitive=True), *others), show_values=False)
    assert "s3cr3t-session-value-0001" not in html
    assert re.search("redacted-[0-9a-f]{10}", html)
    assert "Cookie values are replaced by tokens" in html
    assert "Cookie values are replaced by tokens" not in written((first, *others))


def test_no_attribute_of_ours_is_in_single_quotes() -> None:
    """So that single quotes in texts, which are many, can stand as they are."""
    for template in ASSETS.rglob("*.html"):
        bare = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", template.read_text(), flags=re.DOTALL)
        assert not re.search(r"='", bare), template.name
        unquoted = re.findall(r"=\{\{ ([^}]*) \}\}", template.read_text())
        assert set(unquoted) <= NEVER_FROM_THE_WIRE, template.name


@given(st.recursive(st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_json_can_stand_in_a_script(value: object) -> None:
    """Any value comes back as it was, and nothing in it can end the element or a line."""
    try:
        text = json_in_script(value)
    except UnicodeEncodeError:
        return  # half a character: never display text
    assert json.loads(text) == value
    assert not set("<>&\u2028\u2029") & set(text)


@given(st.text(st.characters(exclude_characters="\n\r")))
def test_colouring_changes_no_character(line: str) -> None:
    """The pieces of any line are the line."""
    assert "".join(piece.text for piece in highlighted(line)) == line


def test_python_is_coloured() -> None:
    """Keywords, texts and comments are told apart."""
    told = [
        (piece.kind, piece.text) for piece in highlighted("if x == 'a': return f\"b\"  # c 'd'")
    ]
    assert told == [
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
    ("steps", "script", "people"),
    [
        ([5], "5", "step 5"),
        ([1, 2, 3, 5], "1-3 5", "steps 1–3, 5"),
        ([1, 2], "1-2", "steps 1–2"),
        ([1, 3], "1 3", "steps 1, 3"),
    ],
)
def test_runs_of_steps(steps: list[int], script: str, people: str) -> None:
    """Ascending steps are told as runs, for the script and for people."""
    assert ranges(steps) == script
    assert steps_in_words(steps) == people
