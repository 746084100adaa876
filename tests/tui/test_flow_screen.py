"""Mode 1: the picture of a step, the lanes of its hosts, and live traffic moving through."""

from __future__ import annotations

import re

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from cookietrace.events import Event
from cookietrace.lesson.flow import STAGES, Lane, StageKind
from cookietrace.lesson.focus import Focus
from cookietrace.trace import merge_updates
from tests.tui import captures
from tests.tui.conftest import Open, Opened, screen_text, until
from tui.drawing.canvas import Canvas
from tui.drawing.flow_picture import in_lines, other_hosts
from tui.messages import FocusRequested
from tui.modes.flow import FlowScreen
from tui.widgets.page_view import LinesView

USER = Focus(path="/", cookies=("user",))
TITLES = [f"{number} {title}" for number, (title, _) in enumerate(STAGES.values(), 1)]
REQUEST, READ, PROCESS, SET, RESPONSE, STORE, NEXT = StageKind
FIRST_PASS = [REQUEST, READ, PROCESS, SET, RESPONSE, STORE]


async def shown(it: Opened, pilot: Pilot[None], *keys: str) -> str:
    """Open the flow, press keys, and return what is on the screen once nothing moves."""
    return await it.go_to(pilot, "1", *keys)


def recorded(it: Opened) -> list[StageKind]:
    """Return a list to which every stage that the light moves to is added."""
    screen = it.app.screen
    assert isinstance(screen, FlowScreen)
    passed: list[StageKind] = []

    def note() -> None:
        if screen.beat is not None and passed[-1:] != [screen.beat.light.lead]:
            passed.append(screen.beat.light.lead)

    screen.watch(screen, "beat", note, init=False)
    return passed


def first_visit() -> list[Event]:
    """The seed's first exchange."""
    events = captures.seed()[2:]
    return [event for event in events if getattr(event, "exchange_id", "") == "x1"]


SEED_STEPS = (
    (
        1,
        1,
        [
            "GET /",
            "no Cookie header ━",
            "Cookie jar: empty",
            "'user': None (line 14)",
            "Hello None",
            "Set 'user'='Alice'",
            "200 OK",
            "◀━ Set-Cookie: user=Alice; Path=/ ━",
            "continues in step 2",
        ],
    ),
    (
        2,
        6,
        [
            "Client stores cookie 'user'='Alice'",
            "Cookie jar: 1 cookie",
            "'user'='Alice' stored",
            "a visit there now would send",
        ],
    ),
    (
        3,
        7,
        [
            "Cookie: user=Alice ━",
            "'user': 'Alice' (line 14)",
            "Hello Alice",
            "it includes 'user'='Alice'",
            "2 requests",
        ],
    ),
)
"""Each step of the seed trace: its number, its main stage, and what the picture says about it."""


async def test_seed_at_80_by_24(opened: Open) -> None:
    """All seven stages of a step are visible with their values, and the main one is marked."""
    it = opened(captures.seed(), focus=USER)
    async with it.app.run_test(size=(80, 24)) as pilot:
        await shown(it, pilot, "home")
        for step, lead, words in SEED_STEPS:
            text = screen_text(it.app)
            assert it.app.story.step == step
            assert [word for word in (*TITLES, *words) if word not in text] == [], step
            assert re.findall(r"▶ ?(\d) ", text) == [str(lead)], step
            assert it.app.screen.query_one(LinesView).max_scroll_y == 0, step
            await it.press(pilot, "right")


def widest(view: LinesView) -> int:
    """Return the cells of the longest line."""
    return max(map(cell_len, view.plain.splitlines()))


async def test_every_size(opened: Open) -> None:
    """At every size no line is longer than the page, and the marked stage is visible."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(80, 24)) as pilot:
        await shown(it, pilot)
        screen = it.app.screen
        assert isinstance(screen, FlowScreen)
        for size in ((60, 16), (80, 24), (160, 48)):
            await it.resize(pilot, *size)
            for step in (1, 2, 7, 11, 12, 16, 21):
                screen.request_step(step)
                await until(pilot, lambda step=step: f"step {step} " in screen_text(it.app))  # type: ignore[misc]
                await until(pilot, lambda: len(re.findall(r"▶ ?\d ", screen_text(it.app))) == 1)
                view = it.app.screen.query_one(LinesView)
                await until(pilot, lambda view=view: widest(view) <= view.text_width)  # type: ignore[misc]


async def test_hosts_are_lanes(opened: Open) -> None:
    """The lane of the step's host is open, the others are closed, each with its requests."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(80, 24)) as pilot:
        text = await shown(it, pilot, "home", *["right"] * 9)
        assert re.search(r"╶─ shop\.test ─+ 5 requests", text)
        assert re.search(r"╭─ ads\.test ─+ 1 request ─╮", text)
        assert "gone.test" not in text
        text = await shown(it, pilot, "end")
        assert re.search(r"╶─ 2 more hosts ─+ 10 requests", text)
        assert re.search(r"╶─ api\.test ─+ 1 request", text)
        assert re.search(r"╭─ gone\.test ─+ 1 request ─╮", text)


def test_closed_lanes_are_summed() -> None:
    """If not all lanes fit, the farthest are one line with the sum of their requests."""
    lanes = tuple(Lane(f"{name}.test", False, count) for count, name in enumerate("abcd", 1))
    assert other_hosts(lanes, 4, nearest_last=True)[0] == ("a.test", "1 request")
    assert other_hosts(lanes, 2, nearest_last=True) == [
        ("3 more hosts", "6 requests"),
        ("d.test", "4 requests"),
    ]
    assert other_hosts(lanes, 2, nearest_last=False) == [
        ("a.test", "1 request"),
        ("3 more hosts", "9 requests"),
    ]
    assert other_hosts(lanes, 0, nearest_last=True) == []


STAYS = ("⊘ sid stays: SameSite=Lax, cross-site POST", "⊘ lang stays: Path=/x does not cover /")


@pytest.mark.parametrize(
    ("texts", "width", "count", "expected"),
    [
        (STAYS, 60, 2, [*STAYS]),
        (STAYS, 60, 1, [f"{STAYS[0]} (+1 more)"]),
        (STAYS, 28, 1, ["⊘ sid stays: Same… (+1 more)"]),
        (STAYS[:1], 26, 3, ["⊘ sid stays: SameSite=Lax,", "  cross-site POST"]),
        (("'sid'='a long value'",), 14, 1, ["'sid'='a lo…e'"]),
        (("one", "two", "three"), 20, 2, ["one", "and 2 more"]),
        ((), 20, 1, []),
    ],
)
def test_texts_in_lines(
    texts: tuple[str, ...], width: int, count: int, expected: list[str]
) -> None:
    """Long texts get the lines that are left, and what has none is counted."""
    lines = in_lines(texts, width, count)
    assert [line.text for line in lines] == expected
    assert {line.is_stay for line in lines} <= {bool(texts) and texts[0][0] == "⊘"}


async def test_what_stays_behind_is_in_the_picture(opened: Open) -> None:
    """At 80 by 24 a lost cookie, its reason and a deletion that missed are on the screen."""
    shop = "https://shop.test"
    cross = (("Sec-Fetch-Site", "cross-site"),)
    own = (("Sec-Fetch-Site", "same-origin"),)
    state = "oauth_state=Zk3uQ9xT7m; Path=/; SameSite=Lax; Secure"
    events = [
        captures.started(),
        captures.client(),
        *captures.visit(1, f"{shop}/login", set_cookies=[state, "sid=1; Path=/app; Secure"]),
        *captures.visit(2, f"{shop}/callback", method="POST", headers=cross),
        *captures.visit(
            3,
            f"{shop}/app",
            cookie="oauth_state=Zk3uQ9xT7m; sid=1",
            headers=own,
            set_cookies=["sid=; Max-Age=0; Path=/"],
        ),
    ]
    it = opened(events)
    async with it.app.run_test(size=(80, 24)) as pilot:
        text = await shown(it, pilot, "home", "right", "right")
        assert "⊘ oauth_state stays:" in text
        assert "SameSite=Lax, cross-site" in text
        text = await it.press(pilot, "right")
        assert "⊘ sid not deleted: needs" in text
        assert "• 6 Client stores cookies" in text


async def test_live_traffic_moves_through(opened: Open) -> None:
    """The light passes through the stages of a new exchange in order, and then rests."""
    it = opened(captures.seed()[:2])
    async with it.app.run_test(size=(80, 24)) as pilot:
        text = await shown(it, pilot)
        assert "Waiting for the first request" in text
        passed = recorded(it)
        it.append(first_visit())
        await it.settled(pilot)
        assert passed == FIRST_PASS
        text = screen_text(it.app)
        assert "▶ 6 Client stores cookies" in text
        assert "step 2 of 2" in text
        screen = it.app.screen
        assert isinstance(screen, FlowScreen)
        assert screen.beat is None
        screen.refresh_body()
        await pilot.pause()
        assert screen_text(it.app) == text


async def test_the_light_on_an_arrow(opened: Open) -> None:
    """On the way to the server and back the light is on the arrow."""
    it = opened(captures.seed()[:2])
    async with it.app.run_test(size=(80, 24)) as pilot:
        await shown(it, pilot)
        lights: list[str] = []
        screen = it.app.screen

        def note() -> None:
            lights.extend(re.findall(r".*●━.*|.*━●.*", screen_text(it.app)))

        def soon() -> None:
            screen.call_after_refresh(note)

        screen.watch(screen, "beat", soon, init=False)
        it.append(first_visit())
        await it.settled(pilot)
        assert any("no Cookie header" in line for line in lights)
        assert any("Set-Cookie" in line for line in lights)


async def test_it_waits_for_the_response(opened: Open) -> None:
    """The light rests until the response arrives, and continues from there."""
    it = opened(captures.seed()[:2])
    async with it.app.run_test(size=(80, 24)) as pilot:
        await shown(it, pilot)
        passed = recorded(it)
        request, *response = first_visit()
        it.append([request])
        await it.settled(pilot)
        assert passed == [REQUEST]
        assert "no response yet" in screen_text(it.app)
        it.append(response)
        await it.settled(pilot)
        assert passed == FIRST_PASS


async def test_too_fast_to_be_seen(opened: Open) -> None:
    """Of several exchanges at once, the newest is shown without movement."""
    it = opened(captures.seed()[:2])
    async with it.app.run_test(size=(80, 24)) as pilot:
        await shown(it, pilot)
        passed = recorded(it)
        it.append(captures.rich()[3:])
        await it.settled(pilot)
        assert passed == []
        assert "GET gone.test/" in screen_text(it.app)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a movement last longer than any test."""
    monkeypatch.setattr("tui.modes.flow._BEAT", 3_600.0)


@pytest.mark.usefixtures("slow")
async def test_the_next_one_ends_the_movement(opened: Open) -> None:
    """An exchange that arrives during a movement is shown at rest."""
    it = opened(captures.seed()[:2])
    async with it.app.run_test(size=(80, 24)) as pilot:
        await shown(it, pilot)
        passed = recorded(it)
        it.append(first_visit())
        await until(pilot, lambda: bool(passed))
        it.append(captures.seed()[2 + len(first_visit()) :])
        await it.settled(pilot)
        assert passed == [REQUEST]
        assert "step 3 of 3" in screen_text(it.app)


@pytest.mark.usefixtures("slow")
@pytest.mark.parametrize("keys", [["left"], ["3"], ["m"]])
async def test_a_key_ends_the_movement(opened: Open, keys: list[str]) -> None:
    """A key for another step, mode or look ends the movement at once."""
    it = opened(captures.seed()[:2])
    async with it.app.run_test(size=(80, 24)) as pilot:
        await shown(it, pilot)
        passed = recorded(it)
        it.append(first_visit())
        await until(pilot, lambda: bool(passed) and it.app.story.count == 2)
        screen = it.app.screen
        assert isinstance(screen, FlowScreen)
        await pilot.press(*keys)
        await until(pilot, lambda: screen.beat is None)
        assert passed == [REQUEST]


async def test_no_movement_if_animation_is_off(opened: Open) -> None:
    """Textual's animation setting is respected; the picture is drawn anyway."""
    it = opened(captures.seed()[:2])
    it.app.animation_level = "none"
    async with it.app.run_test(size=(80, 24)) as pilot:
        await shown(it, pilot)
        passed = recorded(it)
        it.append(first_visit())
        await it.settled(pilot)
        assert passed == []
        assert "▶ 6 Client stores cookies" in screen_text(it.app)


async def test_no_movement_at_an_earlier_step(opened: Open) -> None:
    """New traffic does not change the picture of an earlier step."""
    it = opened(captures.seed())
    async with it.app.run_test(size=(80, 24)) as pilot:
        text = await shown(it, pilot, "home")
        passed = recorded(it)
        it.append(captures.visit(3, "http://127.0.0.1:8081/", cookie="user=Alice"))
        await it.settled(pilot)
        assert passed == []
        assert screen_text(it.app).splitlines()[3:] == text.splitlines()[3:]


async def test_masked_values_are_nowhere(opened: Open) -> None:
    """With ``m`` no step shows a cookie's value, at rest or during a movement."""
    secrets = ("Alice", "dark", "light", "eyJ1c2Vy", "u-771")
    it = opened(captures.rich())
    async with it.app.run_test(size=(160, 48)) as pilot:
        await shown(it, pilot, "m", "home")
        for _ in range(6):
            picture = "\n".join(screen_text(it.app).splitlines()[3:]).replace("Hello Alice", "")
            assert [secret for secret in secrets if secret in picture] == []
            await pilot.press("right", "right")
            await it.settled(pilot)


async def test_another_focus_before_an_update_is_drawn(opened: Open) -> None:
    """Steps of a table that has been replaced are not looked up in the new one."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(80, 24)) as pilot:
        await shown(it, pilot)
        trace = it.app.story.trace
        more = captures.visit(90, "http://shop.test/late")
        update = merge_updates([trace.apply(event) for event in more])
        it.app.updates.apply(update)
        it.app.post_message(FocusRequested(Focus(host="ads.test")))
        await until(pilot, lambda: it.app.updates.drawn_position == trace.position)
        assert it.app.story.count < 5
        assert "ads.test" in screen_text(it.app)


async def test_hosts_of_a_long_trace(opened: Open) -> None:
    """Hosts are counted in parts; in the end all are shown."""
    batches = list(captures.many(5_000))
    it = opened([event for batch in batches for event in batch])
    async with it.app.run_test(size=(80, 24)) as pilot:
        text = await shown(it, pilot)
        assert re.search(r"╭─ 127\.0\.0\.1:8081 ─+ 5,000 requests ─╮", text)


def test_canvas() -> None:
    """Texts stay where they were put, cut at the edge; wide characters take two cells."""
    canvas = Canvas(10, 1)
    assert canvas.put(6, 0, "abcdef", "b") == 10
    assert canvas.put(1, 0, "日本", "a") == 5
    assert canvas.put(0, 7, "nowhere") == 7
    assert canvas.line(0) == ((" ", ""), ("日本", "a"), (" ", ""), ("abc…", "b"))
