"""The lesson page in a real Chromium: stepping, the quiz, printing, hostile text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from cookietrace.events import Event
from cookietrace.formats import PageOptions, export
from cookietrace.formats.page.rendering import BRIEF_CELLS
from cookietrace.lesson.flow import FlowBoard
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.modes import MODES
from cookietrace.lesson.quiz import Question, QuizBoard, best_questions
from cookietrace.lesson.table import Table
from cookietrace.lesson.tracker.board import track
from cookietrace.lesson.transcript import paragraph
from tests.e2e.conftest import BROWSER_PATIENCE
from tests.formats.page.stories import hostile_story, rich_story, sign_in_story
from tests.lesson.changes.test_changes import GOOD, LINE, journey
from tests.lesson.changes.test_columns import page_of
from tests.lesson.compared.test_everywhere import told
from tests.story import Story, seed_story

RELOADS = 20
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
        options: PageOptions | None = None,
        html: str | None = None,
        **context: object,
    ) -> Page:
        file = tmp_path / "lesson.html"
        pieces = export(events, "html", focus, page=options) if html is None else [html.encode()]
        file.write_bytes(b"".join(pieces))
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


def asked_about(table: Table) -> tuple[Question, ...]:
    """Return the questions of the page of a table."""
    return best_questions(QuizBoard(table), len(table))


def reloaded(page: Page, condition: str) -> bool:
    """Reload the page until a condition holds; return whether it did.

    Chromium stores what a page saves a little later, and a new page may read what was there before.
    """
    for _ in range(RELOADS):
        page.reload()
        if page.evaluate(condition):
            return True
    return False


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
    asked = asked_about(table)
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
    for question in asked_about(table):
        assert question.prompt in text
    expect(page.locator(".picture")).to_have_count(3)
    for picture in page.locator(".picture, .listing, .tracker, .snapshot li, .jar tbody tr").all():
        assert picture.is_visible()
    page.locator(".answer summary").first.click()
    assert asked_about(table)[0].feedback in page.locator(".answer").first.inner_text()
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


def test_a_print_shows_every_step_at_rest(opened: Open) -> None:
    """Whatever is selected, playing or hidden, all steps and verdicts are printed; none moves."""
    story = sign_in_story()
    page = opened(story.events, reduced_motion="no-preference")
    table = Table(story.trace())
    press(page, "1", "Home", "p", "Space")
    page.emulate_media(media="print")
    for part in (".picture", ".steps tr[id]", ".told", ".paragraph", ".listing", ".moment-card"):
        found = page.locator(part)
        assert found.count() > 0
        assert all(element.is_visible() for element in found.all()), part
    expect(page.locator(".picture")).to_have_count(len(table))
    expect(page.locator(".drawn")).to_be_visible()
    moving = "document.getAnimations().filter((each) => each.playState === 'running').length"
    assert page.evaluate(moving) == 0
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
    assert reloaded(page, "document.documentElement.dataset.theme === 'light'")
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


def test_a_narrow_focus_keeps_the_numbers(opened: Open) -> None:
    """Rows, the address and going to a number use the numbers of the whole trace."""
    story = Story()
    for path, cookie, line in (("/", None, "a=1"), ("/cart", "a=1", "b=1"), ("/", "a=1; b=1", "")):
        story.visit(path, cookie, *filter(None, [line]))
    page = opened(story.events, Focus(path="/"))
    where, number = page.locator(".bar .where"), page.locator("#goto")
    assert page.locator("table.steps tbody th").all_inner_texts() == ["1", "2", "5"]
    press(page, "End")
    expect(where).to_have_text("Step 5 of 5")
    assert page.url.endswith("-5")
    for typed, shown in (("1", 1), ("4", 5), ("2", 2), ("99", 5)):
        number.fill(typed)
        number.press("Enter")
        expect(where).to_have_text(f"Step {shown} of 5")
        expect(number).to_have_value(str(shown))
    page.goto(page.url.partition("#")[0] + "#jar-2")
    expect(where).to_have_text("Step 2 of 5")
    expect(page.locator("#jar")).to_be_visible()


def test_from_problem_to_problem(opened: Open) -> None:
    """The page opens on the worst one with its reason in sight; brackets and buttons continue."""
    page = opened(sign_in_story().events, viewport={"width": 1280, "height": 800})
    where, panel = page.locator(".bar .where"), page.locator(".panel")
    expect(page.locator("#table")).to_be_visible()
    expect(where).to_have_text("Step 4 of 6")
    expect(page.locator(".bar .now")).to_contain_text("SameSite=Lax, cross-site POST")
    expect(page.locator(".wrong h2")).to_be_in_viewport()
    expect(page.locator(".wrong li.now b")).to_contain_text("'oauth_state'")
    for key, step in (("]", 5), ("]", 4), ("[", 5), ("[", 4)):
        press(page, key)
        expect(where).to_have_text(f"Step {step} of 6")
    press(page, "End", "]")
    expect(where).to_have_text("Step 4 of 6")
    page.get_by_role("button", name="Next problem").click()
    expect(where).to_have_text("Step 5 of 6")
    expect(panel).to_contain_text("'theme'")
    page.locator(".wrong a").first.click()
    expect(where).to_have_text("Step 4 of 6")
    press(page, "Home")
    expect(panel).to_contain_text("The client requests /login")


def test_a_phone_opens_at_the_step(opened: Open) -> None:
    """The row that the page opens on is in sight, and the bar cuts its title with an ellipsis."""
    page = opened(sign_in_story().events, viewport={"width": 375, "height": 740})
    expect(page.locator("#table-4")).to_be_in_viewport()
    expect(page.locator(".bar .now")).to_have_css("-webkit-line-clamp", "3")


@pytest.mark.parametrize(
    ("width", "key", "beside"), [(1280, "", True), (375, "", False), (1280, "l", False)]
)
def test_the_verdict_is_by_its_row(opened: Open, width: int, key: str, beside: bool) -> None:
    """Beside the row; directly under it on a narrow screen, and in large type."""
    page = opened(sign_in_story().events, viewport={"width": width, "height": 800})
    if key:
        press(page, key)
    for step in ("4", "5", "6"):
        page.evaluate("(step) => (location.hash = `#table-${step}`)", step)
        row = page.locator(f"#table-{step}")
        expect(row).to_have_class(re.compile("now"))
        at, panel = row.bounding_box(), page.locator(".panel").bounding_box()
        assert at is not None
        assert panel is not None
        if beside:
            assert panel["x"] >= at["x"] + at["width"]
            assert panel["y"] <= at["y"] + 1
        else:
            assert panel["x"] < at["x"] + 60
            assert -20 <= panel["y"] - (at["y"] + at["height"]) <= 40
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_large_type(opened: Open) -> None:
    """One key makes everything larger; the choice is kept."""
    page, _ = seed(opened)
    size = "parseFloat(getComputedStyle(document.querySelector('.stages li')).fontSize)"
    before = page.evaluate(size)
    press(page, "l")
    expect(page.locator("#large")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate(size) >= before * 1.4
    assert reloaded(page, "document.documentElement.classList.contains('large')")
    expect(page.locator("#large")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate(size) >= before * 1.4
    press(page, "l")
    assert page.evaluate(size) == before


def test_predicting(opened: Open) -> None:
    """A question comes before each step, which stays hidden in all modes until the answer."""
    page, table = seed(opened)
    board = QuizBoard(table)
    press(page, "3", "p")
    rows = page.locator(".steps tr[id]:visible")
    dialog = page.locator("#asking")
    for step, choice in ((2, 1), (3, 0)):
        question = board.predict(step)
        assert question is not None
        expect(rows).to_have_count(step - 1)
        press(page, "ArrowRight")
        expect(dialog.get_by_role("heading")).to_have_text(f"What will step {step} do?")
        expect(dialog.locator("legend")).to_have_text(question.prompt)
        expect(dialog.locator(".hint-text")).to_be_hidden()
        press(page, "h")
        expect(dialog.locator(".hint-text")).to_have_text(question.hint)
        expect(rows).to_have_count(step - 1)
        dialog.get_by_role("radio").nth((question.right + choice) % 4).check()
        press(page, "Enter")
        expect(dialog.locator(".feedback")).to_have_text(question.feedback)
        verdict = "✗ Not quite." if choice else "✓ Right."
        expect(dialog.locator(".verdict")).to_have_text(verdict)
        expect(rows).to_have_count(step)
        dialog.get_by_role("button", name="Look at the step").click()
        expect(dialog).to_be_hidden()
    expect(dialog.locator(".prediction-score")).to_have_text("1 of 2 right so far.")
    press(page, "Home", "8")
    expect(page.locator(".paragraph:visible")).to_have_count(0)  # it tells of step 2, too
    for number, later in (("4", ".tracker thead th"), ("8", ".paragraph"), ("5", ".moment-card")):
        press(page, number)
        shown = page.locator(f"{later}:visible").count()
        press(page, "p")
        assert page.locator(f"{later}:visible").count() > shown
        press(page, "p")
    press(page, "3", "Home", "ArrowRight", "Escape")
    expect(dialog).to_be_hidden()
    expect(rows).to_have_count(2)
    assert page.evaluate("violations") == []


def test_a_hand_out(opened: Open) -> None:
    """Every mode works without answers; nothing can be checked, and no key causes an error."""
    options = PageOptions(answers=False, title="Find the bug", intro="# Aim\nRead.\n- one")
    page = opened(sign_in_story().events, options=options)
    expect(page.locator("h1")).to_have_text("Find the bug")
    expect(page.locator(".intro li")).to_have_text("one")
    for number in range(1, 10):
        press(page, str(number), "p", "l", "ArrowRight", "]", "[", ",", ".", "l")
        expect(page.locator("main > section:visible")).to_have_count(1)
    press(page, "6")
    assert page.locator(".question").count() > 2
    expect(page.get_by_role("button", name="Check")).to_have_count(0)
    expect(page.locator("#predict")).to_have_count(0)


@pytest.mark.axe
@pytest.mark.parametrize(
    ("scheme", "story", "key"),
    [
        ("light", "seed", ""),
        ("dark", "seed", ""),
        ("light", "problems", ""),
        ("dark", "problems", "l"),
    ],
)
def test_axe_finds_nothing_serious(
    opened: Open, scheme: str, story: str, key: str, pytestconfig: pytest.Config
) -> None:
    """The checker finds nothing serious or critical in any mode."""
    if story == "seed":
        page, _ = seed(opened, color_scheme=scheme)
    else:
        options = PageOptions(intro="# Aim\nFind the bug.")
        page = opened(sign_in_story().events, options=options, color_scheme=scheme)
    page.evaluate(Path(pytestconfig.getoption("--axe")).read_text())
    if key:
        press(page, key)
    for number in range(1, 10):
        press(page, str(number))
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        assert [
            (violation["id"], violation["nodes"][0]["html"])
            for violation in found["violations"]
            if violation["impact"] in ("serious", "critical")
        ] == []


def test_what_differs_between_browsers(opened: Open) -> None:
    """The panel beside the row has a cell for each browser, once it is asked for."""
    page = opened(told().events, viewport={"width": 1400, "height": 900})
    page.goto(page.url.partition("#")[0] + "#table-1")
    differ = page.locator(".panel details.four")
    expect(differ.locator("li").first).to_be_hidden()
    differ.locator("summary").click()
    expect(differ.locator("li")).to_have_count(4)
    expect(differ.locator("li").nth(2)).to_contain_text("Safari 13.1+")
    expect(differ.locator("li").nth(2)).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_of_a_comparison(opened: Open, width: int) -> None:
    """The keys n and N go through the differences, nothing is too wide, and text is text."""
    hostile = journey(LINE.replace("Path=/", f"Path=/{'<b>x</b>' * 30}"), path="/<i>account</i>")
    page = opened([], html=page_of(GOOD, hostile), viewport={"width": width, "height": 800})
    expect(page.locator("h2")).to_have_text("Likely cause")
    differing = page.locator(".differs")
    count = differing.count()
    assert count >= 3
    for key, at in [("n", 0), ("n", 1), ("N", 0), ("N", 0), *[("]", -1)] * count]:
        page.keyboard.press(key)
        if at >= 0:
            expect(differing.nth(at)).to_be_focused()
    expect(differing.last).to_be_focused()
    expect(page.locator(".same").first).to_be_visible()
    page.get_by_label("Only what differs").check()
    expect(page.locator(".same").first).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator(".columns :is(b, i) :is(b, i)").count() == 0
    assert page.locator("main i").count() == 0
    assert page.evaluate("violations") == []
