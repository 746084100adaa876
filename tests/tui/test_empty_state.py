"""What a mode shows while there are no steps."""

from __future__ import annotations

import pytest

from cookietrace.events import Listener
from tests.tui import captures
from tests.tui.conftest import Open, screen_text
from tui.modes import SCREENS


@pytest.mark.parametrize(
    ("live", "message"),
    [(True, "Waiting for the first request."), (False, "1 exchange is outside the focus")],
)
async def test_housekeeping_alone(opened: Open, live: bool, message: str) -> None:
    """A favicon is recorded but is no first request: every mode with a focus says the same."""
    icon = captures.visit(1, "http://127.0.0.1:8081/favicon.ico")
    end = [] if live else [captures.stopped()]
    it = opened([captures.started(), captures.client(), *icon, *end], live=live)
    async with it.app.run_test(size=(80, 24)) as pilot:
        for screen in SCREENS:
            if screen.USES_FOCUS:
                assert message in await it.go_to(pilot, screen.MODE.key), screen.MODE.title


@pytest.mark.parametrize(
    ("width", "first", "rest"),
    [(60, "Proxy ", "\\"), (80, "Set as your proxy ", "example.com")],
)
async def test_a_proxy_alone(opened: Open, width: int, first: str, rest: str) -> None:
    """The first line is no alternative, the command stays in its column, and localhost is named."""
    it = opened([captures.started(captures.PROXY)])
    async with it.app.run_test(size=(width, 24)) as pilot:
        await it.settled(pilot)
        text = screen_text(it.app)
        assert f"{first}127.0.0.1:8080" in " ".join(text.split())
        command = next(line for line in text.splitlines() if "curl" in line)
        start = command.index("curl")
        assert command[start:].rstrip() == f"curl -x 127.0.0.1:8080 -c jar -b jar {rest}"
        if rest == "\\":
            below = text.splitlines()[text.splitlines().index(command) + 1]
            assert below.rstrip() == " " * start + "example.com"
        assert "bypass a proxy there" in " ".join(text.split())


async def test_the_advice_fits_a_narrow_screen(opened: Open) -> None:
    """At 60 columns each way to get traffic is one line, its address whole.

    Of many listeners the status line leaves out others than the one to open.
    """
    more = [
        Listener(mode="regular", address=f"127.0.0.1:{9000 + n}", label=f"b{n}") for n in (1, 2)
    ]
    it = opened([captures.started(*more, captures.PROXY, captures.REVERSE)])
    async with it.app.run_test(size=(60, 16)) as pilot:
        await it.settled(pilot)
        assert "  app 127.0.0.1:8081 " in screen_text(it.app).splitlines()[1]
        lines = [line.strip() for line in screen_text(it.app).splitlines()]
        assert [
            line for line in lines if line.startswith(("Open", "Proxy", "Or run", "Press"))
        ] == [
            "Open     http://127.0.0.1:8081/",
            "Proxy    127.0.0.1:8080, open http://shop.test/",
            "Or run   curl -c jar -b jar http://127.0.0.1:8081/",
            "Press     b  to open a fresh browser",
        ]
