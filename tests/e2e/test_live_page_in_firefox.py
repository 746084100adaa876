"""The live page in a real Firefox, while a capture grows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cookietrace.supervision.browsers import Browser
from tests.judge.bidi import Bidi
from tests.judge.browser import Json
from tests.processes import wait_until
from tests.tui import captures
from tests.web.page_process import PageProcess
from tests.web.traffic import RATE, Traffic

DIRECT = {"network.proxy.type": 0, "ui.prefersReducedMotion": 1}
"""Without the proxy that a launched browser uses."""

KEYS = {"ArrowLeft": "\ue012", "ArrowRight": "\ue014", "Home": "\ue011", "End": "\ue010"}
"""How WebDriver writes them."""


class Tab:
    """One tab of Firefox."""

    def __init__(self) -> None:
        self.requested: list[str] = []
        """What the tab asked for, not the browser itself."""
        self.troubles: list[str] = []
        self._bidi = Bidi("127.0.0.1:9", self._handle, DIRECT)
        self._bidi.call("session.new", capabilities={})
        self._bidi.call("session.subscribe", events=["network.beforeRequestSent", "log.entryAdded"])
        self._context = self._bidi.call("browsingContext.getTree")["contexts"][0]["context"]

    def _handle(self, message: Json) -> None:
        event = message["params"]
        if message["method"] == "network.beforeRequestSent":
            if event["context"] == self._context:
                self.requested.append(event["request"]["url"])
        elif event["level"] == "error":
            self.troubles.append(event["text"])

    def open(self, address: str) -> None:
        """Open an address."""
        self._bidi.call(
            "browsingContext.navigate", context=self._context, url=address, wait="complete"
        )

    def ask(self, script: str) -> Any:
        """Return what an expression is in the page, as JSON can say it."""
        found = self._bidi.evaluate(self._context, f"JSON.stringify({script}) ?? 'null'")
        return json.loads(found)

    def until(self, script: str, what: str) -> None:
        """Wait until an expression is true in the page."""
        wait_until(lambda: bool(self.ask(script)), what)

    def press(self, *keys: str) -> None:
        """Press keys one after another."""
        actions = [
            {"type": kind, "value": KEYS.get(key, key)}
            for key in keys
            for kind in ("keyDown", "keyUp")
        ]
        self._bidi.call(
            "input.performActions",
            context=self._context,
            actions=[{"type": "key", "id": "keys", "actions": actions}],
        )

    def close(self) -> None:
        """End the browser."""
        self._bidi.close()


@pytest.fixture
def tab(firefox: Browser) -> Iterator[Tab]:
    """A tab that asks no proxy."""
    made = Tab()
    yield made
    made.close()


def text(query: str) -> str:
    """Return an expression for the text of the first element that a query finds."""
    return f"document.querySelector({json.dumps(query)})?.textContent"


def row(step: int) -> str:
    """Return an expression that is true while a row is on the screen and selected."""
    return f"!!document.querySelector(\"tr.now[data-step='{step}']\")"


def walk(tab: Tab, last: int) -> dict[str, str]:
    """Return the action of each row of the table.

    At the end it begins again: a place may be passed before its rows are drawn.
    """
    tab.press("Home")
    tab.until(row(1), "the first row is there")
    look = """(() => {
      window.found ??= {};
      for (const row of document.querySelectorAll("tr[data-step]"))
        found[row.dataset.step] = row.querySelector(".action").textContent;
      const end = scrollY + innerHeight >= document.documentElement.scrollHeight - 2;
      scrollTo({ top: end ? 0 : scrollY + innerHeight, behavior: "instant" });
      return Object.keys(found).length;
    })()"""
    wait_until(lambda: bool(tab.ask(look) == last), "every row was on the screen")
    found: dict[str, str] = tab.ask("found")
    return found


def test_the_page_in_firefox(tab: Tab, tmp_path: Path) -> None:
    """Rows come without a miss, keys work, the page reconnects, and it asks nobody else."""
    store = captures.write(tmp_path / "live.cookietrace", [captures.started(), captures.client()])
    traffic = Traffic(store)
    with PageProcess(tmp_path / "live.cookietrace") as process:
        tab.open(process.viewer)
        tab.until("!document.querySelector('#waiting').hidden", "the page waits for traffic")
        assert tab.ask("location.hash") == ""
        traffic.flow(2)
        last = RATE * 2 + RATE * 2 // 10
        tab.until(row(last), "the newest row is selected")
        found = walk(tab, last)
        actions = [found[str(step)] for step in range(1, last + 1)]
        assert [action.split()[1] for action in actions if action.startswith("GET")] == [
            f"/{number}" for number in range(1, RATE * 2 + 1)
        ]
        assert tab.ask("document.querySelectorAll('tr[data-step]').length") < 120
        modes_and_keys(tab, last)
        process.end()
        tab.until(f"{text('#connection')} === 'Reconnecting'", "the page notices that it is away")
        traffic.add(5)
        process.start()
        tab.until(f"{text('.last-number')} === '{last + 6}'", "the rows came after all")
        own = (f"{process.origin}/", "data:")  # Firefox has a font of its own as a data: address
        assert [url for url in tab.requested if not url.startswith(own)] == []
        assert [line for line in tab.troubles if "NetworkError" not in line] == []
        assert tab.ask("document.cookie") == ""
    store.close()


def modes_and_keys(tab: Tab, last: int) -> None:
    """Go through the modes and steps with keys."""

    def is_at(step: int) -> str:
        return f"{text('.bar .where')} === 'Step {step} of {last}'"

    tab.press("End")
    tab.until(is_at(last), "End goes to the newest step")
    tab.press("Home", "ArrowRight")
    tab.until(is_at(2), "keys go to a step")
    for number, mode in enumerate(("flow", "sample", "table", "tracker"), 1):
        tab.press(str(number))
        tab.until(
            f"document.querySelector('#{mode}').checkVisibility()"
            f" && document.querySelector('#{mode} :is(.board, .beside)').children.length > 0",
            f"{mode} is shown",
        )
    tab.press("9")
    tab.until("document.querySelectorAll('#jar tbody tr').length === 1", "the jar is shown")
    tab.press("3", "f")
    tab.until(is_at(last), "f follows the newest step")
