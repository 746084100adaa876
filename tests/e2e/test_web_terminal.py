"""``cookietrace view --web-terminal`` as a command, with its page in a real Chromium."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, WebSocket, expect

from tests.processes import running_with, wait_until
from tests.tui import captures

ROOT = Path(__file__).parents[2]

COPIED = """
const write = navigator.clipboard.writeText.bind(navigator.clipboard);
navigator.clipboard.writeText = async (text) => { await write(text); window.copied = text; };
"""
"""Notes what the page has put into the clipboard."""

NO_WEBGL = """
const contexts = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
  return kind.startsWith("webgl") ? null : contexts.call(this, kind, ...more);
};
"""
"""As in a browser that has none, in a virtual machine for instance."""

SEVEN_MORE = """
window.more = Array.from({length: 7}, () => new WebSocket(
  `ws://${location.host}/terminal?width=80&height=24`));
Promise.all(window.more.map((each) => new Promise((opened) => { each.onopen = opened; })))
"""

CLOSE_THEM = "window.more.forEach((each) => each.close())"

COLOURS = """
() => {
  const whole = document.createElement("canvas");
  const layers = [...document.querySelectorAll(".xterm-screen canvas")];
  whole.width = Math.max(...layers.map((each) => each.width));
  whole.height = Math.max(...layers.map((each) => each.height));
  const drawing = whole.getContext("2d");
  layers.forEach((each) => drawing.drawImage(each, 0, 0));
  const seen = new Uint32Array(drawing.getImageData(0, 0, whole.width, whole.height).data.buffer);
  return new Set(seen).size;
}
"""
"""How many different colours the terminal shows."""


class Command:
    """The command in a process of its own."""

    def __init__(self, capture: Path) -> None:
        self.folder = capture.parent
        self.process = subprocess.Popen(
            [sys.executable, "-m", "cookietrace", "view", str(capture), "--web-terminal"],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env={**os.environ, "COOKIETRACE_TEST_FOLDER": str(self.folder)},
        )
        assert self.process.stderr is not None
        line = self.process.stderr.readline()
        assert line.startswith("the screen: "), line
        self.address = line.split()[-1]

    def screens(self) -> int:
        """Return how many screens run: all of its processes but itself and the server."""
        return len(running_with(str(self.folder))) - 2


@pytest.fixture
def command(tmp_path: Path) -> Iterator[Command]:
    """The command, serving the seed trace."""
    path = tmp_path / "seed.cookietrace"
    captures.write(path, captures.seed()).close()
    running = Command(path)
    try:
        yield running
    finally:
        running.process.kill()
        running.process.communicate()


class Tab:
    """A page of the browser, and what its screen has drawn."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.page: Page = context.new_page()
        self.page.add_init_script(COPIED + NO_WEBGL)
        self._drawn: list[bytes] = []
        self.sent: list[str] = []
        self.page.on("websocket", self._opened)
        self.page.goto(address)

    def _opened(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda data: self._drawn.append(_bytes(data)))
        socket.on("framesent", lambda data: self.sent.append(str(data)))

    def wait_for(self, text: str) -> None:
        """Wait until the screen has drawn a text."""
        wait_until(lambda: self._has(text), f"the screen has drawn {text}")
        self._drawn.clear()

    def _has(self, text: str) -> bool:
        self.page.wait_for_timeout(20)  # lets events of the page arrive
        return text.encode() in b"".join(self._drawn)

    def sizes(self) -> set[str]:
        """Return the sizes that the page has asked for."""
        self.page.wait_for_timeout(20)
        return {each for each in self.sent if "resize" in each}

    def says(self, text: str) -> None:
        """Wait until the page says something instead of the screen."""
        expect(self.page.get_by_role("alert")).to_contain_text(text)


def _bytes(data: str | bytes) -> bytes:
    return data if isinstance(data, bytes) else data.encode()


def test_the_screen_in_a_tab(
    command: Command, context_through: Callable[[str | None], BrowserContext]
) -> None:
    """The screen is drawn and follows keys and the window, in eight tabs, and ends with each.

    Nothing is asked of another machine, no cookie is set, and the token leaves the address.
    """
    context = context_through(None)
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    first = Tab(context, command.address)
    first.wait_for("Hello Alice")
    own = urlsplit(command.address).netloc
    assert first.page.url == f"http://{own}/"
    assert context.cookies() == []
    wait_until(lambda: first.page.evaluate(COLOURS) > 5, "the canvas shows the screen")

    first.page.keyboard.press("9")
    first.wait_for("Cookie jar")
    first.page.keyboard.press("e")
    first.wait_for("writes no files")
    first.page.keyboard.press("y")
    first.wait_for("Copy")
    first.page.keyboard.press("Enter")
    wait_until(lambda: first.page.evaluate("!!window.copied"), "the page has copied something")
    first.page.set_viewport_size({"width": 900, "height": 500})
    wait_until(lambda: len(first.sizes()) == 2, "the screen has the size of the window")

    first.page.evaluate(SEVEN_MORE)
    ninth = Tab(context, command.address)
    ninth.says("Too many tabs are open.")
    ninth.says("8 tabs are open already")
    first.page.evaluate(CLOSE_THEM)
    ninth.page.get_by_role("button", name="Open it again").click()
    ninth.wait_for("Hello Alice")
    expect(ninth.page.get_by_role("alert")).to_be_hidden()
    wait_until(lambda: command.screens() == 2, "only the screens of the two tabs run")

    first.page.close()
    wait_until(lambda: command.screens() == 1, "the screen of a closed tab ended")
    wrong = Tab(context, command.address + "x")
    wrong.says("Open the address that cookietrace printed")
    empty = Tab(context_through(None), f"http://{own}/")
    empty.says("Open the address that cookietrace printed")

    assert {urlsplit(url).netloc for url in asked} == {own}
    command.process.send_signal(signal.SIGINT)
    ninth.says("cookietrace has ended.")
    assert command.process.wait(120) == 0
    wait_until(lambda: running_with(str(command.folder)) == [], "all processes ended")
