"""Mode 2: the view's source as it ran, line by line, in a request and across steps."""

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
from tests.tui.conftest import Open, Opened, screen_text, until
from tests.tui.test_hostile import NASTY, dangers
from tui.drawing.listing import broken, coloured
from tui.modes.sample import SampleScreen
from tui.widgets.page_view import LinesView

USER = Focus(path="/", cookies=("user",))
URL = "http://127.0.0.1:8081/"


async def shown(it: Opened, pilot: Pilot[None], *keys: str) -> str:
    """Open the source, press keys, and return what is on the screen."""
    return await it.go_to(pilot, "2", *keys)


def current(text: str) -> list[int]:
    """Return the number of the highlighted line."""
    return [int(number) for number in re.findall(r"▶ +(\d+)  ", text)]


def ran(text: str) -> list[int]:
    """Return the numbers of the other lines that have run."""
    return [int(number) for number in re.findall(r"• +(\d+)  ", text)]


def reported(server: Server, **more: Any) -> list[Event]:
    """One exchange with that report of the witness."""
    return [
        captures.started(),
        captures.client(),
        *captures.visit(1, URL, content="Hello", server=server, **more),
    ]


async def test_the_seed_line_by_line(opened: Open) -> None:
    """Going back shows the lines run so far and the values of then, at both sizes."""
    it = opened(captures.seed(), focus=USER)
    async with it.app.run_test(size=(80, 24)) as pilot:
        await seed_line_by_line(it, pilot)
        await it.resize(pilot, 160, 48)
        await it.press(pilot, "left", "right")
        await seed_line_by_line(it, pilot)


async def seed_line_by_line(it: Opened, pilot: Pilot[None]) -> None:
    """Go back from the last line of the seed's last view, and a little on."""
    text = await shown(it, pilot)
    assert "hello (demo_app/hello.py:12)  4 of 4 lines run" in text
    assert (current(text), ran(text)) == ([17], [14, 15, 16])
    assert re.search(r'14      user = request\.cookies\.get\("user"\) +│ user = \'Alice\'', text)
    assert re.search(r"│ ↑( reads)? 'user': 'Alice'", text)
    assert re.search(r"16 .*│ ●( sets)? 'user'='Alice'", text)
    text = await shown(it, pilot, "comma")
    assert (current(text), ran(text)) == ([16], [14, 15])
    text = await shown(it, pilot, "comma")
    assert (current(text), ran(text)) == ([15], [14])
    assert "●" not in text.split("│", 1)[1]
    text = await shown(it, pilot, "comma")
    assert (current(text), ran(text)) == ([14], [])
    assert "user = 'Alice'" in text
    assert "Response 10 bytes" not in text
    text = await shown(it, pilot, "full_stop", "full_stop")
    assert (current(text), ran(text)) == ([16], [14, 15])


async def test_lines_continue_in_other_steps(opened: Open) -> None:
    """Before the first line comes the end of the step before; after the last, the next step."""
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


async def test_another_step_is_shown_at_its_end(opened: Open) -> None:
    """The selected line belongs to its step: in another one, and back again, all has run."""
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
    """New traffic does not move the selected line."""
    it = opened(captures.seed(), focus=USER)
    async with it.app.run_test(size=(80, 24)) as pilot:
        text = await shown(it, pilot, "home", "comma", "comma")
        assert current(text) == [15]
        it.append(captures.visit(3, URL, cookie="user=Alice", content="Hello"))
        await it.settled(pilot)
        assert "of 4" in screen_text(it.app)
        assert current(screen_text(it.app)) == [15]


async def test_without_a_witness(opened: Open) -> None:
    """The screen says so and shows how to add one; the line keys go through the steps."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(80, 24)) as pilot:
        text = await shown(it, pilot, "home")
        assert "No witness reported on this request" in text
        assert "from cookietrace_witness import witness" in text
        assert "COOKIETRACE_WITNESS=1" in text
        assert "witness(app)" in text
        await shown(it, pilot, "full_stop", "full_stop", "comma")
        assert it.app.story.step == 2


async def test_an_empty_trace(opened: Open) -> None:
    """Before the first request the screen says what to do; the line keys do nothing."""
    it = opened([captures.started()])
    async with it.app.run_test(size=(80, 24)) as pilot:
        text = await shown(it, pilot, "full_stop", "comma")
        assert "Waiting for the first request" in text


async def test_the_line_stays_visible(opened: Open) -> None:
    """In a long view the page scrolls to the highlighted line, back and forth."""
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
    it = opened(reported(server))
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
    """A line that ran several times shows how often so far; an error is at its line."""
    server = msgspec.structs.replace(
        captures.hello(1, None),
        source="def total():\n    for i in range(2):\n        n = i\n    fail()\n",
        lines=(13, 14, 13, 14, 13, 15),
        reads=(),
        writes=(),
        locals=(),
        error=ServerError(kind="ValueError", message="[b]no[/b]", line=15),
    )
    it = opened(reported(server))
    async with it.app.run_test(size=(120, 30)) as pilot:
        text = await shown(it, pilot, "home")
        assert re.search(r"13 .*│ ran 3 of 3 times", text)
        assert re.search(r"15 .*│ ‼ raises ValueError: \[b\]no\[/b\]", text)
        text = await shown(it, pilot, *["comma"] * 3)
        assert re.search(r"13 .*│ ran 2 of 3 times", text)
        assert "ValueError" not in text


async def test_hostile_source_is_text(opened: Open) -> None:
    """Markup, escapes and overrides in source and values are drawn literally."""
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
    it = opened(reported(server))
    async with it.app.run_test(size=(200, 40)) as pilot:
        text = await shown(it, pilot, "home", "comma")
        assert dangers(text) == []
        for words in ('x = "[/]" # [@click=app.quit]', r"[bold][red]r[/red]\x1b[2J", "[red]view"):
            assert words in text
        assert r"[b]x = [i]\x1b\u202e" in text
        assert r"\u2028" in text


def joined_text(it: Opened) -> str:
    """Return the screen's text without white space."""
    return re.sub(r"\s+", "", screen_text(it.app))


async def test_long_lines_are_broken_not_cut(opened: Open) -> None:
    """Every character of the source is shown, on as many lines as it takes."""
    long = "    words = [" + ", ".join(f'"{number:04}"' for number in range(60)) + "]"
    server = msgspec.structs.replace(
        captures.hello(1, None), source=f"def view():\n{long}\n", lines=(13,), reads=(), writes=()
    )
    it = opened(reported(server))
    async with it.app.run_test(size=(80, 40)) as pilot:
        await shown(it, pilot, "home")
        for width in (60, 80, 160):
            await it.resize(pilot, width, 40)
            view = it.app.screen.query_one(LinesView)
            await until(
                pilot,
                lambda view=view: (  # type: ignore[misc]
                    view.virtual_size.width <= view.size.width
                    and all(f'"{number:04}"' in joined_text(it) for number in range(60))
                ),
            )


async def test_masked_values_are_nowhere(opened: Open) -> None:
    """With ``m`` no cookie value is on the screen, at any line."""
    server = msgspec.structs.replace(
        captures.hello(1, "s3cr3t"),
        writes=(CookieWrite(name="user", value="s3cr3t", where="view", line=16),),
        locals=(
            Local(name="user", value="'s3cr3t'", line=14, text="s3cr3t"),
            Local(name="response", value="<Response for s3cr3t>", line=15),
        ),
    )
    it = opened(reported(server, cookie="user=s3cr3t", set_cookies=["user=s3cr3t"]))
    async with it.app.run_test(size=(120, 30)) as pilot:
        text = await shown(it, pilot, "home")
        assert text.count("s3cr3t") == 4
        await shown(it, pilot, "m")
        for _ in range(4):
            text = await shown(it, pilot, "comma")
            assert "s3cr3t" not in text
        assert "user = " in text


async def test_colours_are_those_of_the_theme(opened: Open) -> None:
    """Keywords, texts and the highlighted line have the colours of the theme, dark or light."""
    it = opened(captures.seed(), focus=USER)
    async with it.app.run_test(size=(80, 24)) as pilot:
        await shown(it, pilot)
        for _ in range(3):
            theme = it.app.theme
            wanted = {
                it.app.theme_variables[name].lower() for name in ("code-keyword", "code-text")
            }
            colours, grounds = styles(it)
            assert wanted <= colours, theme
            assert it.app.theme_variables["cursor"].lower() in grounds, theme
            await it.press(pilot, "t")
            assert it.app.theme != theme


def styles(it: Opened) -> tuple[set[str], set[str]]:
    """Return the text colours on the screen, and the background colours."""
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
    """Colouring changes neither the lines nor their number."""
    for lines in (("",), ("", ""), ("def f(", "", '  """x'), ("\\", "'", "[/] x"), ("\\x1b[",)):
        assert tuple(line.plain for line in coloured(lines)) == lines


@pytest.mark.parametrize(
    "line", ["    answer = 日本語日本語 + other_thing", "x" * 50, "f(a, b)" * 9]
)
def test_broken_lines(line: str) -> None:
    """The pieces hold the whole line, none is too wide, and the later ones are indented."""
    (content,) = coloured((line,))
    first, *rest = (piece.plain for piece in broken(content, 20))
    hang = len(line) - len(line.lstrip()) + 4
    assert all(cell_len(piece) <= 20 for piece in (first, *rest))
    assert all(piece.startswith(" " * hang) for piece in rest)
    assert "".join([first, *(piece[hang:] for piece in rest)]) == line


async def test_the_guide_names_the_keys(opened: Open) -> None:
    """The mode's help and the line of keys name the line keys."""
    it = opened(captures.seed())
    async with it.app.run_test(size=(80, 24)) as pilot:
        text = await shown(it, pilot)
        assert ", . Line" in text.splitlines()[-1]
        assert any("previous line" in label for _, label in SampleScreen.GUIDE.keys)
