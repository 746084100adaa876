"""The lesson page in a real Chromium: stepping, the quiz, printing, hostile text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from cookietrace.events import Event
from cookietrace.formats import export
from cookietrace.formats.page.rendering import BRIEF_CELLS
from cookietrace.lesson.flow import FlowBoard
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.modes import MODES
from cookietrace.lesson.quiz import quiz
from cookietrace.lesson.table import Table
from cookietrace.lesson.tracker.board import track
from cookietrace.lesson.transcript import paragraph
from tests.e2e.conftest import BROWSER_PATIENCE
from tests.formats.page.stories import hostile_story, rich_story
from tests.story import seed_story

SEED_FOCUS = Focus(path="/", cookies=("user",))

WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(`${event.violatedDirective} ${event.sample}`));
"""

WATCH_PLAY = """() => {
  window.pressed = [];
  const button = document.querySelector("[data-go=play]");
  new MutationObserver(() => pressed.push(button.getAttribute("aria-pressed")))
    .observe(button, { attributeFilter: ["aria-pressed"] });
}"""

Open = Callable[..., Page]


@pytest.fixture
def opened(driven_chromium: Browser, tmp_path: Path) -> Iterator[Open]:
    """Open the page of a capture; fail at the end if the browser reported any trouble."""
    pages: list[Page] = []
    troubles: list[str] = []

    def open_page(
        events: list[Event],
        focus: Focus | None = None,
        *,
        attacked: bool = False,
        **context: object,
    ) -> Page:
        file = tmp_path / "lesson.html"
        file.write_bytes(b"".join(export(events, "html", focus)))
        wanted = {"reduced_motion": "reduce"} | context
        browser = driven_chromium.new_context(**wanted)  # type: ignore[arg-type]
        browser.set_default_timeout(BROWSER_PATIENCE)
        page = browser.new_page()
        pages.append(page)
        if not attacked:  # by the test itself, which Chromium may report
            page.on("console", lambda message: troubles.append(message.text))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("dialog", lambda dialog: troubles.append(dialog.message))
        page.on(
            "request",
            lambda request: (
                None
                if request.url.partition("#")[0] == file.as_uri()
                else troubles.append(request.url)
            ),
        )
        if context.get("java_script_enabled", True):
            page.add_init_script(WATCH)
        page.goto(file.as_uri())
        return page

    yield open_page
    for page in pages:
        page.context.close()
    assert troubles == []


def seed(opened: Open, **context: object) -> tuple[Page, Table]:
    """Open the page of the seed trace."""
    story = seed_story()
    return opened(story.events, SEED_FOCUS, **context), Table(story.trace(), SEED_FOCUS)


def press(page: Page, *keys: str) -> None:
    """Press keys one after another."""
    for key in keys:
        page.keyboard.press(key)


def test_stepping_through_the_seed_trace(opened: Open) -> None:
    """Keys select one step for all modes, and each mode shows the state at that step."""
    page, table = seed(opened)
    flows = FlowBoard(table)
    held = {1: [], 2: ["Alice"], 3: ["Alice"]}
    for step in (1, 2, 3, 2, 1):
        while page.locator("#goto").input_value() != str(step):
            at = int(page.locator("#goto").input_value())
            press(page, "ArrowRight" if at < step else "ArrowLeft")
        action = table.row(step).action
        expect(page.locator(".bar .now")).to_have_text(f"Step {step} of 3 {action}")
        press(page, "1")
        expect(page.locator(".picture:visible h3")).to_have_text(f"Step {step} {action}")
        flow = flows.flow(step)
        lit = page.locator(".drawing .stops .lit text").all_text_contents()
        assert sorted(lit) == sorted(
            str(number) for number, stage in enumerate(flow.stages, 1) if stage.lit
        )
        press(page, "2")
        values = page.locator(".listing:visible .value:visible").all_inner_texts()
        assert values[0] == ("user = 'Alice'" if step == 3 else "user = None")
        press(page, "3")
        expect(page.locator(".steps tr[aria-current]")).to_have_id(f"table-{step}")
        press(page, "4")
        expect(page.locator(".tracker th[aria-current]")).to_have_text(f"After Step {step}")
        assert page.locator(".tracker td[aria-current]").all_inner_texts()[1] == (
            "Alice" if step == 3 else "None"
        )
        press(page, "7")
        expect(page.locator(".snapshot li:visible")).to_have_count({1: 2, 2: 3, 3: 6}[step])
        press(page, "8")
        text = paragraph(table.trace, table.exchange(step))
        expect(page.locator(".paragraph[aria-current] > span")).to_have_text(text)
        press(page, "9")
        cells = page.locator(".jar tbody tr:visible td:first-of-type")
        assert cells.all_inner_texts() == held[step]
        expect(page.locator(".empty-jar")).to_be_visible(visible=step == 1)


def test_every_way_to_a_step(opened: Open) -> None:
    """End, Home, g, the slider, buttons, a row, a link, an address and Space all select steps."""
    page, _ = seed(opened)
    where = page.locator(".bar .where")
    press(page, "End")
    expect(where).to_have_text("Step 3 of 3")
    press(page, "Home")
    expect(where).to_have_text("Step 1 of 3")
    press(page, "g", "3", "Enter")
    expect(where).to_have_text("Step 3 of 3")
    page.locator("#slider").fill("2")
    expect(where).to_have_text("Step 2 of 3")
    page.get_by_role("button", name="Last step").click()
    expect(where).to_have_text("Step 3 of 3")
    press(page, "3")
    page.locator("#table-1 td").first.click()
    expect(where).to_have_text("Step 1 of 3")
    press(page, "5")
    page.locator("#moments a", has_text="2").first.click()
    expect(where).to_have_text("Step 2 of 3")
    expect(page.locator("#table")).to_be_visible()
    page.evaluate("location.hash = '#jar-3'")
    expect(where).to_have_text("Step 3 of 3")
    expect(page.locator("#jar")).to_be_visible()
    page.locator("#speed").select_option("4×")
    page.locator("h1").click()
    press(page, "Home")
    expect(where).to_have_text("Step 1 of 3")
    page.evaluate(WATCH_PLAY)
    press(page, "Space")
    expect(where).to_have_text("Step 3 of 3")
    expect(page.get_by_role("button", name="Play")).to_have_attribute("aria-pressed", "false")
    assert page.evaluate("pressed") == ["true", "false"]
    assert page.evaluate("violations") == []


def test_line_by_line(opened: Open) -> None:
    """Inside a request, comma and dot move the current line, and values appear as lines run."""
    page, _ = seed(opened)
    press(page, "2", ",", ",", ",")
    listing = page.locator(".listing:visible")
    expect(listing.locator(".current code")).to_have_text('user = request.cookies.get("user")')
    assert listing.locator(".value:visible").all_inner_texts() == ["user = None"]
    press(page, ",")
    expect(listing.locator(".current")).to_have_count(0)
    expect(listing.locator(".value:visible")).to_have_count(0)
    press(page, ".", ".")
    expect(listing.locator(".position")).to_have_text("2 of 4 · line 13")
    press(page, "ArrowRight")
    expect(page.locator(".listing:visible .current")).to_have_count(0)


def test_answering_the_quiz(opened: Open) -> None:
    """A wrong answer is marked and explained, right ones count, and the quiz can restart."""
    page, table = seed(opened)
    press(page, "6")
    asked = quiz(table)
    cards = page.locator(".question")
    expect(cards).to_have_count(len(asked))
    assert {"server-reads", "first-sent", "stops-setting"} <= {question.kind for question in asked}
    for number, question in enumerate(asked):
        card = cards.nth(number)
        card.locator(".hint summary").click()
        expect(card.locator(".hint p")).to_contain_text(question.hint)
        expect(card.locator(".answer")).to_be_hidden()
        choice = (question.right + 1) % 4 if number == 0 else question.right
        card.get_by_role("radio").nth(choice).check()
        if number == 1:
            press(page, "Enter")
        else:
            card.get_by_role("button", name="Check").click()
        verdict = "✗ Not quite." if number == 0 else "✓ Right."
        expect(card.locator(".verdict")).to_have_text(verdict)
        expect(card.locator(".answer")).to_contain_text(question.feedback)
        expect(card.locator(".answer summary")).to_be_focused()
        expect(card.locator("label.right")).to_have_text(question.options[question.right].text)
    score = page.locator(".score")
    expect(score).to_contain_text(f"{len(asked) - 1} of {len(asked)} right")
    page.get_by_role("button", name="Start again").click()
    expect(score).to_contain_text(f"{len(asked)} questions")
    expect(page.locator(".question input:checked")).to_have_count(0)
    assert page.evaluate("violations") == []


def test_without_javascript(opened: Open) -> None:
    """Every mode and every step is readable, and no control is shown that would not work."""
    page, table = seed(opened, java_script_enabled=False)
    text = page.locator("body").inner_text()
    for mode in MODES:
        assert page.get_by_role("heading", name=mode.title, exact=False).first.is_visible()
    for step in range(1, len(table) + 1):
        row = page.locator(f"#table-{step}")
        assert row.is_visible()
        for cell in table.row(step).cells:
            assert cell in row.inner_text()
        assert paragraph(table.trace, table.exchange(step)) in text
        for stage in FlowBoard(table).flow(step).stages:
            assert not stage.lit or all(line in text for line in stage.lines)
    for question in quiz(table):
        assert question.prompt in text
    expect(page.locator(".picture")).to_have_count(3)
    for picture in page.locator(".picture, .listing, .tracker, .snapshot li, .jar tbody tr").all():
        assert picture.is_visible()
    page.locator(".answer summary").first.click()
    assert quiz(table)[0].feedback in page.locator(".answer").first.inner_text()
    expect(page.locator(".bar")).to_be_hidden()
    expect(page.locator("#theme")).to_be_hidden()
    expect(page.locator("noscript aside")).to_be_visible()


def test_hostile_text_runs_nothing(opened: Open) -> None:
    """Markup, script and bidirectional tricks in every field are shown as text."""
    page = opened(hostile_story().events)
    title = page.title()
    last = int(page.locator("#slider").get_attribute("max") or 0)
    for number in range(1, 10):
        press(page, str(number), "Home")
        for _ in range(min(last, 12)):
            press(page, "ArrowRight")
        assert page.locator("main > section:visible").count() == 1
    press(page, "6")
    for card in page.locator(".question").all():
        card.get_by_role("radio").first.check()
        card.get_by_role("button", name="Check").click()
    assert page.title() == title != "ran"
    assert page.evaluate("violations") == []
    assert (
        page.evaluate("document.querySelectorAll('main script, main img, main style').length") == 0
    )
    assert page.evaluate(
        "[...document.querySelectorAll('*')].every((element) =>"
        " element.getAttributeNames().every((name) => !name.startsWith('on')))"
    )


def test_the_policy_holds(opened: Open) -> None:
    """The browser enforces the policy: it refuses a new style, and markup from text."""
    page, _ = seed(opened, attacked=True)
    page.evaluate("""() => {
      const style = document.createElement("style");
      style.textContent = "h1 { display: none }";
      document.head.append(style);
    }""")
    expect(page.locator("h1")).to_be_visible()
    page.wait_for_function("() => violations.length > 0")
    assert "style-src" in page.evaluate("violations[0]")
    refused = page.evaluate("""() => {
      try { document.body.innerHTML = "<p>x"; return false; } catch { return true; }
    }""")
    assert refused


def test_it_prints(opened: Open) -> None:
    """All modes are printed, in light colours and without controls, whichever is open."""
    page, _ = seed(opened, color_scheme="dark")
    press(page, "5")
    page.emulate_media(media="print", color_scheme="dark")
    for mode in MODES:
        expect(page.locator(f"#{mode.slug}")).to_be_visible()
    for control in (".bar", ".modes", ".tools", ".moment >> nth=0"):
        expect(page.locator(control)).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.pdf(format="A4").startswith(b"%PDF-")


@pytest.mark.parametrize("width", [375, 1280])
def test_no_mode_is_wider_than_the_screen(opened: Open, width: int) -> None:
    """Tables scroll or stack; the page itself never scrolls sideways."""
    page = opened(rich_story(20).events, viewport={"width": width, "height": 740})
    for number in range(1, 10):
        press(page, str(number), "End")
        assert page.evaluate("document.documentElement.scrollWidth") == width


def test_light_and_dark(opened: Open) -> None:
    """The page follows the device until its button is used; the choice is kept."""
    page, _ = seed(opened, color_scheme="dark")
    scheme = "matchMedia('(prefers-color-scheme: dark)').matches"
    paper = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(scheme)
    dark = page.evaluate(paper)
    page.locator("#theme").click()
    expect(page.locator("#theme")).to_have_text("Theme: light")
    assert page.evaluate(paper) != dark
    page.reload()
    expect(page.locator("#theme")).to_have_text("Theme: light")
    page.locator("#theme").click()
    expect(page.locator("#theme")).to_have_text("Theme: dark")
    assert page.evaluate(paper) == dark


def test_only_the_steps_that_change(opened: Open) -> None:
    """The tracker can hide unchanged columns, and ditto marks are replaced by their values."""
    story = rich_story(20)
    page = opened(story.events)
    tracker = track(Table(story.trace()))
    press(page, "4")
    heads = page.locator(".tracker thead th:visible")
    assert heads.all_inner_texts() == ["Variable", *tracker.columns]
    row = page.locator(".tracker tbody").first.locator("tr").first
    cells = [
        value if len(value) <= BRIEF_CELLS else None for value in tracker.cells(tracker.rows[0])
    ]
    texts = row.locator("td").all_inner_texts()
    assert [text for text, cell in zip(texts, cells, strict=True) if cell is not None] == [
        cell for cell in cells if cell is not None
    ]
    page.get_by_label("Only steps that change something").check()
    assert set(heads.all_inner_texts()[1:]) >= set(tracker.only_changes().columns)
    assert heads.count() < len(tracker.columns) + 1


@pytest.mark.parametrize(("motion", "moves"), [("reduce", False), ("no-preference", True)])
def test_reduced_motion(opened: Open, motion: str, moves: bool) -> None:
    """The drawing is animated, unless the device asks for reduced motion."""
    page, _ = seed(opened, reduced_motion=motion)
    names = page.locator(".tracks .lit").first.evaluate(
        "(path) => getComputedStyle(path).animationName"
    )
    assert (names != "none") is moves


def test_keys_that_controls_use(opened: Open) -> None:
    """Arrows choose options and digits go into the number field; shortcuts can be turned off."""
    page, _ = seed(opened)
    press(page, "6")
    page.get_by_role("radio").first.focus()
    press(page, "ArrowDown", "ArrowRight")
    expect(page.locator(".bar .where")).to_have_text("Step 1 of 3")
    page.locator("#goto").focus()
    press(page, "2")
    expect(page.locator("#quiz")).to_be_visible()
    press(page, "Escape", "?")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    dialog.get_by_role("checkbox").uncheck()
    press(page, "Escape", "1")
    expect(dialog).to_be_hidden()
    expect(page.locator("#quiz")).to_be_visible()


def test_an_empty_trace(opened: Open) -> None:
    """Each mode says that there is nothing yet, and no key causes an error."""
    page = opened(seed_story().events[:1])
    for number in range(1, 10):
        press(page, str(number), "ArrowRight", "End", "g", "Space")
        expect(page.locator("main > section:visible :is(.empty, .story)")).to_be_visible()


@pytest.mark.axe
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(opened: Open, scheme: str, pytestconfig: pytest.Config) -> None:
    """The checker finds nothing serious or critical in any mode."""
    page, _ = seed(opened, color_scheme=scheme)
    page.evaluate(Path(pytestconfig.getoption("--axe")).read_text())
    for number in range(1, 10):
        press(page, str(number))
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        assert [
            (violation["id"], violation["nodes"][0]["html"])
            for violation in found["violations"]
            if violation["impact"] in ("serious", "critical")
        ] == []
