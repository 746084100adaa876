"""The live page in a real Chromium, while a capture grows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from msgspec import structs
from playwright.sync_api import Browser, BrowserContext, Page, expect

from cookietrace.events import Body, Event, Request, Response, Server
from cookietrace.lesson.modes import MODES
from cookietrace.web.stream import MOST_STREAMS
from tests.e2e.conftest import BROWSER_PATIENCE
from tests.formats.page.stories import hostile_story, sign_in_story
from tests.lesson.compared.test_everywhere import told
from tests.tui import captures
from tests.web.page_process import TOKENS, PageProcess
from tests.web.pages import bearer
from tests.web.traffic import RATE, Traffic

WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""

COLLECT = """() => {
  window.found = new Map();
  const look = () => {
    for (const row of document.querySelectorAll("tr[data-step]"))
      found.set(Number(row.dataset.step), row.querySelector(".action").textContent);
  };
  look();
  new MutationObserver(look).observe(
    document.querySelector("tbody.rows"), { childList: true, subtree: true });
}"""
"""Note every row that is in the document at any time."""


class Recorded:
    """A capture that grows, its page, and browsers that look at it."""

    def __init__(self, folder: Path, browser: Browser) -> None:
        self.path = folder / "live.cookietrace"
        self.store = captures.write(self.path, [captures.started(), captures.client()])
        self.traffic = Traffic(self.store)
        self.process = PageProcess(self.path)
        self.troubles: list[str] = []
        self._browser = browser
        self._contexts: list[BrowserContext] = []

    def open(self, address: str, **context: object) -> Page:
        """Open an address; what the browser complains of is noted."""
        wanted = {"reduced_motion": "reduce"} | context
        made = self._browser.new_context(**wanted)  # type: ignore[arg-type]
        made.set_default_timeout(BROWSER_PATIENCE)
        self._contexts.append(made)
        page = made.new_page()
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("dialog", lambda dialog: self.troubles.append(dialog.message))
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith(f"{self.process.origin}/")
                else self.troubles.append(request.url)
            ),
        )
        page.add_init_script(WATCH)
        page.goto(address)
        return page

    def close(self) -> None:
        """Close everything."""
        for context in self._contexts:
            context.close()
        self.process.end()
        self.store.close()


@pytest.fixture
def recorded(driven_chromium: Browser, tmp_path: Path) -> Iterator[Recorded]:
    """A capture with one client and no traffic yet, and its page; no browser may complain."""
    made = Recorded(tmp_path, driven_chromium)
    made.process.start()
    yield made
    made.close()
    assert made.troubles == []


def login_bug() -> list[Event]:
    """Return exchanges with a problem, to be appended to others."""
    return [
        structs.replace(event, exchange_id=f"bug-{event.exchange_id}", at=event.at + 100)
        for event in captures.login_bug()
        if isinstance(event, Request | Response | Body | Server)
    ]


def steps(page: Page) -> int:
    """Return how many steps the page knows about."""
    return int(page.locator("table.steps").get_attribute("aria-rowcount") or 1) - 1


def press(page: Page, *keys: str) -> None:
    """Press keys one after another."""
    for key in keys:
        page.keyboard.press(key)


def top_of(page: Page, step: int) -> float:
    """Return where a row is on the screen."""
    box = page.locator(f"tr[data-step='{step}']").bounding_box()
    assert box is not None
    return box["y"]


def test_rows_appear_and_none_is_missed(recorded: Recorded) -> None:
    """At 200 exchanges a second every row comes, in order, and few are in the document at once."""
    page = recorded.open(recorded.process.viewer)
    expect(page.locator("#waiting")).to_be_visible()
    expect(page.locator("#connection")).not_to_have_text("Connecting")
    assert page.evaluate("location.hash") == ""
    page.evaluate(COLLECT)
    recorded.traffic.flow(3)
    last = RATE * 3 + RATE * 3 // 10
    expect(page.locator(f"tr[data-step='{last}']")).to_be_visible()
    assert steps(page) == last
    # What went by too fast to be drawn is there when it is scrolled to.
    press(page, "Home")
    expect(page.locator("tr[data-step='1']")).to_be_visible()
    page.evaluate("found.clear()")
    while (before := page.evaluate("found.size")) < last:
        page.evaluate("scrollBy({ top: innerHeight, behavior: 'instant' })")
        page.wait_for_function("(before) => found.size > before", arg=before)
    texts = dict(page.evaluate("[...found]"))
    asked = [texts[step] for step in range(1, last + 1) if texts[step].startswith("GET")]
    assert [text.split()[1] for text in asked] == [
        f"/{number}" for number in range(1, RATE * 3 + 1)
    ]
    assert page.locator("tr[data-step]").count() < 120
    assert page.evaluate("violations") == []


def test_what_is_looked_at_stays(recorded: Recorded) -> None:
    """A reader in the middle is not moved by new rows or problems, and is told how many came."""
    recorded.traffic.add(300)
    page = recorded.open(recorded.process.viewer)
    expect(page.locator("tr[data-step='330']")).to_be_visible()
    expect(page.locator("#newest")).to_be_hidden()
    page.locator("#goto").fill("150")
    page.keyboard.press("Enter")
    expect(page.locator("tr[data-step='150'].now")).to_be_visible()
    expect(page.locator("#follow-newest")).to_have_attribute("aria-pressed", "false")
    at = top_of(page, 150)
    recorded.store.append(login_bug())
    recorded.traffic.add(50)
    expect(page.locator("#newest span")).to_contain_text("new steps")
    expect(page.locator("#problems")).to_be_visible()
    page.wait_for_function("document.querySelector('#problems li')")
    assert top_of(page, 150) == pytest.approx(at, abs=1)
    page.locator("#newest").click()
    expect(page.locator("#newest")).to_be_hidden()
    expect(page.locator("tr[data-step='391'].now")).to_be_visible()
    recorded.traffic.add(5)
    expect(page.locator("tr[data-step='397'].now")).to_be_visible()
    press(page, "ArrowLeft")
    expect(page.locator("tr[data-step='396'].now")).to_be_visible()
    page.locator("#problems a").first.click()
    expect(page.locator("tr.now .why")).to_be_visible()
    assert page.evaluate("violations") == []


def test_every_key(recorded: Recorded) -> None:
    """Keys select steps and modes as on the lesson page, and ``f`` follows the newest step."""
    recorded.traffic.add(12)
    page = recorded.open(recorded.process.viewer)
    where = page.locator(".bar .where")
    expect(where).to_have_text("Step 14 of 14")
    press(page, "Home")
    expect(where).to_have_text("Step 1 of 14")
    press(page, "ArrowRight")
    expect(where).to_have_text("Step 2 of 14")
    press(page, "g", "7", "Enter")
    expect(where).to_have_text("Step 7 of 14")
    for number, mode in enumerate(MODES, 1):
        press(page, str(number))
        expect(page.locator("main > section:visible")).to_have_id(mode.slug)
        expect(page.locator(f"#{mode.slug} h2")).to_be_focused()
        expect(page).to_have_url(f"{recorded.process.origin}/#{mode.slug}-7")
    press(page, "l")
    expect(page.locator("html.large")).to_have_count(1)
    press(page, "l", "t")
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    press(page, "?")
    expect(page.locator("#help")).to_be_visible()
    press(page, "Escape", "3", "f")
    expect(where).to_have_text("Step 14 of 14")
    recorded.traffic.add(1)
    expect(where).to_have_text("Step 15 of 15")
    press(page, "f")
    recorded.traffic.add(1)
    expect(page.locator("table.steps")).to_have_attribute("aria-rowcount", "17")
    expect(where).to_have_text("Step 15 of 16")
    page.locator("#speed").select_option("½×")
    page.locator("h1").click()
    press(page, "Home", "Space")
    expect(page.locator("[data-go=play]")).to_have_attribute("aria-pressed", "true")
    expect(where).to_have_text("Step 2 of 16")
    press(page, "Space")
    expect(page).to_have_url(f"{recorded.process.origin}/#table-2")
    page.reload()
    expect(where).to_have_text("Step 2 of 16")
    page.evaluate("location.hash = '#jar-3'")
    expect(where).to_have_text("Step 3 of 16")
    expect(page.locator("#jar table")).to_be_visible()
    assert page.evaluate("violations") == []


def test_the_server_goes_and_comes_back(recorded: Recorded) -> None:
    """The page says that it reconnects, then shows what came meanwhile, each row once."""
    recorded.traffic.add(5)
    page = recorded.open(recorded.process.viewer)
    expect(page.locator("tr[data-step='6']")).to_be_visible()
    recorded.process.end()
    expect(page.locator("#connection")).to_have_text("Reconnecting")
    recorded.traffic.add(5)
    recorded.process.start()
    expect(page.locator("#connection")).not_to_have_text("Reconnecting")
    expect(page.locator("tr[data-step='11'].now")).to_be_visible()
    assert page.locator("tr[data-step]").evaluate_all(
        "rows => rows.map((row) => Number(row.dataset.step))"
    ) == list(range(1, 12))
    recorded.path.unlink()
    expect(page.locator("#connection")).to_have_text("Capture deleted")


def test_a_board_that_is_behind(recorded: Recorded) -> None:
    """A board that lacks something says so, and comes by itself; another mode does not wait."""
    recorded.traffic.add(5)
    page = recorded.open(recorded.process.viewer)
    expect(page.locator("tr[data-step='6']")).to_be_visible()
    pattern = f"{recorded.process.origin}/api/mode/snapshot?*"
    fulfilled = '{"id": 1, "step": 6, "steps": 6, "label": "6", "complete": false, "lines": []}'
    page.route(pattern, lambda route: route.fulfill(body=fulfilled))
    press(page, "7")
    expect(page.locator("#snapshot .behind")).to_contain_text("not all here yet")
    page.unroute(pattern)
    expect(page.locator("#snapshot .behind")).to_have_count(0)
    expect(page.locator("#snapshot .line").first).to_be_visible()
    never = f"{recorded.process.origin}/api/mode/tracker?*"
    page.route(never, lambda route: None)
    with page.expect_request(never):
        press(page, "4")
    press(page, "9")
    expect(page.locator("#jar h3")).to_be_visible()


def test_too_many_pages(recorded: Recorded) -> None:
    """A page that is one too many says so, and continues by itself once there is room."""
    held = [
        httpx.stream(
            "GET", f"{recorded.process.origin}/api/stream", headers=bearer(TOKENS.viewer),
            trust_env=False,
        )
        for _ in range(MOST_STREAMS)
    ]  # fmt: skip
    with ExitStack() as stack:
        for stream in held:
            assert stack.enter_context(stream).status_code == 200
        page = recorded.open(recorded.process.viewer)
        expect(page.locator("#trouble")).to_contain_text("Too many pages are open")
        expect(page.locator("#connection")).to_have_text("Waiting for a place")
    expect(page.locator("#trouble")).to_be_hidden()
    recorded.traffic.add(1)
    expect(page.locator("tr[data-step='1']")).to_be_visible()


def test_a_presenter_and_a_follower(recorded: Recorded) -> None:
    """A follower goes where the presenter goes, until a step of its own, and can come back."""
    recorded.traffic.add(8)
    presenter = recorded.open(recorded.process.presenter)
    follower = recorded.open(recorded.process.follower)
    other = recorded.open(recorded.process.viewer)
    banner = follower.locator("#presenter")
    expect(banner).to_contain_text("You follow the presenter")
    expect(presenter.locator("#presenter")).to_contain_text("You present")
    expect(other.locator("#presenter")).to_be_hidden()
    press(presenter, "Home", "ArrowRight", "9")
    expect(follower.locator(".bar .where")).to_have_text("Step 2 of 9")
    expect(follower.locator("#jar")).to_be_visible()
    press(follower, "ArrowRight")
    expect(banner).to_contain_text("You no longer follow")
    press(presenter, "End", "3")
    expect(presenter.locator(".bar .where")).to_have_text("Step 9 of 9")
    expect(follower.locator(".bar .where")).to_have_text("Step 3 of 9")
    banner.get_by_role("button").click()
    expect(follower.locator(".bar .where")).to_have_text("Step 9 of 9")
    expect(follower.locator("#table")).to_be_visible()
    press(other, "Home")
    expect(other.locator(".bar .where")).to_have_text("Step 1 of 9")
    expect(follower.locator(".bar .where")).to_have_text("Step 9 of 9")


def test_without_the_token(recorded: Recorded) -> None:
    """One line says where the address is; the page keeps the token for a reload only."""
    page = recorded.open(f"{recorded.process.origin}/")
    expect(page.locator("#trouble")).to_contain_text("lacks its token")
    page.goto(f"{recorded.process.origin}/?#token=wrong")
    expect(page.locator("#trouble")).to_contain_text("is wrong")
    assert "token" not in page.url
    page.goto(f"{recorded.process.origin}/?again#token={TOKENS.viewer}")
    expect(page.locator("#connection")).not_to_have_text("Connecting")
    expect(page.locator("#trouble")).to_be_hidden()
    page.reload()
    expect(page.locator("#connection")).not_to_have_text("Connecting")
    assert page.context.cookies() == []


def test_hostile_text_stays_text(recorded: Recorded) -> None:
    """Markup, script and bidirectional tricks in every field are shown as text in each mode."""
    recorded.store.append(hostile_story().events[1:])
    page = recorded.open(recorded.process.viewer)
    expect(page.locator("tr.now")).to_be_visible()
    title = page.title()
    for number in range(1, 10):
        press(page, str(number), "Home")
        for _ in range(min(steps(page), 8)):
            press(page, "ArrowRight")
        expect(page.locator("main > section:visible")).to_have_count(1)
    assert page.title() == title != "ran"
    assert page.evaluate("violations") == []
    assert page.evaluate("document.querySelectorAll('main script, main img, style').length") == 0
    assert page.evaluate(
        "[...document.querySelectorAll('*')].every((element) =>"
        " element.getAttributeNames().every((name) => !name.startsWith('on')))"
    )


def test_answering_the_quiz(recorded: Recorded) -> None:
    """The server judges an answer; the page marks it, says why, and counts."""
    recorded.store.append(sign_in_story().events[1:])
    page = recorded.open(recorded.process.viewer)
    press(page, "6")
    card = page.locator(".question").first
    card.get_by_role("radio").first.check()
    card.get_by_role("button", name="Check").click()
    expect(card.locator(".answer")).to_be_visible()
    expect(card.locator("label.right")).to_have_count(1)
    expect(page.locator("#quiz .score")).to_contain_text("of 1 right")
    page.get_by_role("button", name="Start again").click()
    expect(page.locator("#quiz input:checked")).to_have_count(0)


def test_what_differs_between_browsers(recorded: Recorded) -> None:
    """The panel has a cell for each browser; once opened, it stays so from step to step."""
    recorded.store.append(told().events[1:])
    page = recorded.open(recorded.process.viewer, viewport={"width": 1400, "height": 900})
    expect(page.locator("tr[data-step='1']")).to_be_visible()  # before that there is no first step
    press(page, "3", "Home")
    differ = page.locator(".panel details.four")
    expect(differ).to_have_count(1)
    expect(differ.locator("li").first).to_be_hidden()
    differ.locator("summary").click()
    expect(differ.locator("li")).to_have_count(4)
    expect(differ.locator("li").nth(2)).to_contain_text("Safari 13.1+")
    press(page, "ArrowRight")
    press(page, "ArrowRight")
    expect(differ.locator("p")).to_contain_text("'theme' set by the response")
    expect(differ.locator("li").first).to_be_visible()


def test_it_prints_the_mode_that_is_open(recorded: Recorded) -> None:
    """A print has the open mode with its rows, in light colours and without controls."""
    recorded.store.append(sign_in_story().events[1:])
    page = recorded.open(recorded.process.viewer, color_scheme="dark")
    expect(page.locator("tr[data-step='6']")).to_be_visible()
    page.emulate_media(media="print", color_scheme="dark")
    for control in (".bar", ".modes", ".tools", "#newest", "#flow", "#jar"):
        expect(page.locator(control)).to_be_hidden()
    for step in range(1, 7):
        expect(page.locator(f"tr[data-step='{step}']")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.pdf(format="A4").startswith(b"%PDF-")


@pytest.mark.parametrize("width", [375, 1280])
def test_no_mode_is_wider_than_the_screen(recorded: Recorded, width: int) -> None:
    """Tables scroll or stack; the page itself never scrolls sideways."""
    recorded.store.append(sign_in_story().events[1:])
    page = recorded.open(recorded.process.viewer, viewport={"width": width, "height": 740})
    for number, mode in enumerate(MODES, 1):
        press(page, str(number))
        expect(page.locator(f"#{mode.slug} :is(.board, .beside)")).not_to_be_empty()
        assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.axe
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(
    recorded: Recorded, scheme: str, pytestconfig: pytest.Config
) -> None:
    """The checker finds nothing serious or critical in any mode."""
    recorded.store.append(sign_in_story().events[1:])
    page = recorded.open(recorded.process.viewer, color_scheme=scheme)
    page.evaluate(Path(pytestconfig.getoption("--axe")).read_text())
    for number, mode in enumerate(MODES, 1):
        press(page, str(number))
        expect(page.locator(f"#{mode.slug} :is(.board, .beside)")).not_to_be_empty()
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        assert [
            (violation["id"], violation["nodes"][0]["html"])
            for violation in found["violations"]
            if violation["impact"] in ("serious", "critical")
        ] == []
