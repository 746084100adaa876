"""Mode 2: the view's source as it ran, line by line, inside a request and across steps."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from cookietrace.events import CookieWrite, Event, Local, Server, ServerError
from cookietrace.lesson.focus import Focus
from tests.tui import captures
from tests.tui.conftest import Open, Opened, screen_text
from tests.tui.test_hostile import NASTY, dangers
from tui.drawing.listing import broken, coloured
from tui.modes.sample import SampleScreen
from tui.widgets.page_view import LinesView

USER = Focus(path="/", cookies=("user",))
URL = "http://127.0.0.1:8081/"


async def shown(it: Opened, pilot: Pilot[None], *keys: str) -> str:
    """Go to the source, press keys, and return what is on the screen at rest."""
    await it.settled(pilot)
    for key in ("2", *keys):
        await pilot.press(key)
        await it.settled(pilot)
    return screen_text(it.app)


def current(text: str) -> list[int]:
    """Return the number of the line that is lit."""
    return [int(number) for number in re.findall(r"▶ +(\d+)  ", text)]


def ran(text: str) -> list[int]:
    """Return the numbers of the other lines that have run."""
    return [int(number) for number in re.findall(r"• +(\d+)  ", text)]


def told_by(server: Server, **more: Any) -> list[Event]:
    """One exchange with that witness."""
    return [
        captures.started(),
        captures.client(),
        *captures.visit(1, URL, content="Hello", server=server, **more),
    ]


@pytest.mark.parametrize("size", [(80, 24), (160, 48)])
async def test_the_seed_line_by_line(opened: Open, size: tuple[int, int]) -> None:
    """Going back shows what had run by then, and only the values that there were."""
    it = opened(captures.seed(), focus=USER)
    async with it.app.run_test(size=size) as pilot:
        text = await shown(it, pilot)
        assert "hello (demo_app/hello.py:12)  4 of 4 lines run" in text
        assert (current(text), ran(text)) == ([17], [14, 15, 16])
        assert re.search(
            r'14      user = request\.cookies\.get\("user"\) +│ user = \'Alice\'', text
        )
        assert re.search(r"│ ↑( reads)? 'user': 'Alice'", text)
        assert re.search(r"16 .*│ ●( sets)? 'user'='Alice'", text)
        text = await shown(it, pilot, "left_square_bracket")
        assert (current(text), ran(text)) == ([16], [14, 15])
        text = await shown(it, pilot, "comma")
        assert (current(text), ran(text)) == ([15], [14])
        assert "●" not in text.split("│", 1)[1]
        text = await shown(it, pilot, "comma")
        assert (current(text), ran(text)) == ([14], [])
        assert "user = 'Alice'" in text
        assert "Response 10 bytes" not in text
        text = await shown(it, pilot, "right_square_bracket", "full_stop")
        assert (current(text), ran(text)) == ([16], [14, 15])


async def test_lines_flow_over_into_other_steps(opened: Open) -> None:
    """Before the first line lies the step before, at its end; after the last one the next."""
    it = opened(captures.seed(), focus=USER)
    async with it.app.run_test(size=(80, 24)) as pilot:
        await shown(it, pilot, "home")
        places = []
        for key in (*["full_stop"] * 3, *["comma"] * 5):
            text = await shown(it, pilot, key)
            places.append((it.app.story.step, current(text)))
        assert places == [
            (2, []),
            (3, [14]),
            (3, [15]),
            (3, [14]),
            (2, []),
            (1, [17]),
            (1, [16]),
            (1, [15]),
        ]
        text = await shown(it, pilot, *["comma"] * 4)
        assert (it.app.story.step, current(text)) == (1, [14])


async def test_another_step_begins_at_its_end(opened: Open) -> None:
    """The chosen line is that of one step: elsewhere, and back again, all has run."""
    it = opened(captures.seed(), focus=USER)
    async with it.app.run_test(size=(80, 24)) as pilot:
        text = await shown(it, pilot, "comma", "comma", "m", "m", "question_mark", "escape")
        assert current(text) == [15]
        text = await shown(it, pilot, "left")
        assert "The view has returned" in text
        assert (current(text), ran(text)) == ([], [14, 15, 16, 17])
        assert current(await shown(it, pilot, "right")) == [17]
        text = await shown(it, pilot, "full_stop")
        assert (it.app.story.step, current(text)) == (3, [17])


async def test_traffic_leaves_the_line(opened: Open) -> None:
    """What comes in elsewhere does not move a person from the line that is looked at."""
    it = opened(captures.seed(), focus=USER)
    async with it.app.run_test(size=(80, 24)) as pilot:
        text = await shown(it, pilot, "home", "comma", "comma")
        assert current(text) == [15]
        it.append(captures.visit(3, URL, cookie="user=Alice", content="Hello"))
        await it.settled(pilot)
        assert "of 4" in screen_text(it.app)
        assert current(screen_text(it.app)) == [15]


async def test_without_a_witness(opened: Open) -> None:
    """It says so, and shows the two lines; stepping by lines goes through the steps."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(80, 24)) as pilot:
        text = await shown(it, pilot, "home")
        assert "No witness reported on this request" in text
        assert "from cookietrace.witness.flask import witness" in text
        assert "witness(app)" in text
        await shown(it, pilot, "full_stop", "full_stop", "comma")
        assert it.app.story.step == 2


async def test_an_empty_trace(opened: Open) -> None:
    """Before the first request it says what to do; the keys for lines do nothing."""
    it = opened([captures.started()])
    async with it.app.run_test(size=(80, 24)) as pilot:
        text = await shown(it, pilot, "full_stop", "comma")
        assert "Waiting for the first request" in text


async def test_the_line_is_kept_in_sight(opened: Open) -> None:
    """In a long view the page scrolls to the line that is lit, there and back."""
    body = "".join(f"    value_{number} = {number}\n" for number in range(100))
    source = f"def long():\n{body}"
    server = msgspec.structs.replace(
        captures.hello(1, None),
        source=source,
        lines=tuple(range(13, 113)),
        reads=(),
        writes=(),
        locals=tuple(Local(name=f"value_{n}", value=str(n), line=13 + n) for n in range(100)),
    )
    it = opened(told_by(server))
    async with it.app.run_test(size=(80, 24)) as pilot:
        text = await shown(it, pilot)
        assert current(text) == [112]
        assert "value_99 = 99" in text
        for line in (105, 98, 91, 84, 77):
            await pilot.press(*["comma"] * 7)
            await it.settled(pilot)
            assert current(screen_text(it.app)) == [line]
        for line in (80, 83, 86, 89):
            await pilot.press(*["full_stop"] * 3)
            await it.settled(pilot)
            assert current(screen_text(it.app)) == [line]


async def test_a_loop_and_an_error(opened: Open) -> None:
    """A line that ran several times says how often, by then; the error stands where it was."""
    server = msgspec.structs.replace(
        captures.hello(1, None),
        source="def total():\n    for i in range(2):\n        n = i\n    fail()\n",
        lines=(13, 14, 13, 14, 13, 15),
        reads=(),
        writes=(),
        locals=(),
        error=ServerError(kind="ValueError", message="[b]no[/b]", line=15),
    )
    it = opened(told_by(server))
    async with it.app.run_test(size=(120, 30)) as pilot:
        text = await shown(it, pilot, "home")
        assert re.search(r"13 .*│ ran 3 of 3 times", text)
        assert re.search(r"15 .*│ ‼ raises ValueError: \[b\]no\[/b\]", text)
        text = await shown(it, pilot, *["comma"] * 3)
        assert re.search(r"13 .*│ ran 2 of 3 times", text)
        assert "ValueError" not in text


async def test_hostile_source_is_text(opened: Open) -> None:
    """Markup, escapes and overrides in source and values are drawn as they are, and do nothing."""
    source = (
        f'def view():\n    """[bold]{NASTY}\n    x = "[/]" # [@click=app.quit]\n  $(\x1b[2J\u2028'
    )
    server = msgspec.structs.replace(
        captures.hello(1, None),
        function="[red]view",
        file="[u]\x1b.py",
        source=source,
        lines=(13, 14, 15, 16),
        locals=(Local(name="[b]x", value="[i]\x1b\u202e", line=14),),
    )
    it = opened(told_by(server))
    async with it.app.run_test(size=(200, 40)) as pilot:
        text = await shown(it, pilot, "home", "comma")
        assert dangers(text) == []
        for words in ('x = "[/]" # [@click=app.quit]', r"[bold][red]r[/red]\x1b[2J", "[red]view"):
            assert words in text
        assert r"[b]x = [i]\x1b\u202e" in text
        assert r"\u2028" in text


@pytest.mark.parametrize("width", [60, 80, 160])
async def test_long_lines_are_broken_not_cut(opened: Open, width: int) -> None:
    """Every character of the source is there, on as many lines as it takes."""
    long = "    words = [" + ", ".join(f'"{number:04}"' for number in range(60)) + "]"
    server = msgspec.structs.replace(
        captures.hello(1, None), source=f"def view():\n{long}\n", lines=(13,), reads=(), writes=()
    )
    it = opened(told_by(server))
    async with it.app.run_test(size=(width, 40)) as pilot:
        text = await shown(it, pilot, "home")
        view = it.app.screen.query_one(LinesView)
        assert view.virtual_size.width <= view.size.width
        joined = re.sub(r"\s+", "", text)
        assert all(f'"{number:04}"' in joined for number in range(60))


async def test_masked_values_are_nowhere(opened: Open) -> None:
    """With ``m`` no value of a cookie is on the screen, at any line."""
    server = msgspec.structs.replace(
        captures.hello(1, "s3cr3t"),
        writes=(CookieWrite(name="user", value="s3cr3t", where="view", line=16),),
        locals=(
            Local(name="user", value="'s3cr3t'", line=14, text="s3cr3t"),
            Local(name="response", value="<Response for s3cr3t>", line=15),
        ),
    )
    it = opened(told_by(server, cookie="user=s3cr3t", set_cookies=["user=s3cr3t"]))
    async with it.app.run_test(size=(120, 30)) as pilot:
        text = await shown(it, pilot, "home")
        assert text.count("s3cr3t") == 4
        await shown(it, pilot, "m")
        for _ in range(4):
            text = await shown(it, pilot, "comma")
            assert "s3cr3t" not in text
        assert "user = " in text


@pytest.mark.parametrize("theme", ["cookietrace-dark", "cookietrace-light"])
async def test_colours_are_the_theme_s(opened: Open, theme: str) -> None:
    """Keywords, texts and the lit line have the theme's colours, and change with it."""
    it = opened(captures.seed(), focus=USER, theme=theme)
    async with it.app.run_test(size=(80, 24)) as pilot:
        for _ in range(2):
            await shown(it, pilot)
            wanted = {
                it.app.theme_variables[name].lower() for name in ("code-keyword", "code-text")
            }
            colours, grounds = styles(it)
            assert wanted <= colours
            assert it.app.theme_variables["cursor"].lower() in grounds
            await pilot.press("t")
            await pilot.pause()


def styles(it: Opened) -> tuple[set[str], set[str]]:
    """Return the colours of all text on the screen, and of what lies behind it."""
    segments = [
        segment
        for strip in it.app.screen._compositor.render_strips()
        for segment in strip
        if segment.style is not None
    ]
    fore = {s.style.color.name for s in segments if s.style and s.style.color is not None}
    back = {s.style.bgcolor.name for s in segments if s.style and s.style.bgcolor is not None}
    return fore, back


def test_colours_leave_the_text() -> None:
    """Whatever the lines hold, they come back the same, and as many."""
    for lines in (("",), ("", ""), ("def f(", "", '  """x'), ("\\", "'", "[/] x"), ("\\x1b[",)):
        assert tuple(line.plain for line in coloured(lines)) == lines


@pytest.mark.parametrize(
    "line", ["    answer = 日本語日本語 + other_thing", "x" * 50, "f(a, b)" * 9]
)
def test_broken_lines(line: str) -> None:
    """The pieces hold the whole line, none is too wide, and the later ones are hung in."""
    (content,) = coloured((line,))
    first, *rest = (piece.plain for piece in broken(content, 20))
    hang = len(line) - len(line.lstrip()) + 4
    assert all(cell_len(piece) <= 20 for piece in (first, *rest))
    assert all(piece.startswith(" " * hang) for piece in rest)
    assert "".join([first, *(piece[hang:] for piece in rest)]) == line


async def test_the_guide_names_the_keys(opened: Open) -> None:
    """The help of the mode and the line of keys say how to go line by line."""
    it = opened(captures.seed())
    async with it.app.run_test(size=(80, 24)) as pilot:
        text = await shown(it, pilot)
        assert "[ ] Line" in text.splitlines()[-1]
        assert any("previous line" in told for _, told in SampleScreen.GUIDE.keys)
