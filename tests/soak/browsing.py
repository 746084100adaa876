"""A real Chromium whose user follows random links, buttons and forms of the demo's lessons."""

from __future__ import annotations

import os
import random
import threading
from collections import Counter
from typing import Any

from playwright.sync_api import Error as BrowserError
from playwright.sync_api import Response, sync_playwright

from cookietrace.supervision.browsers import find_browser

_START = "http://shop.test/lessons"
_PATIENCE = 30_000.0
"""Milliseconds for a page."""

Told = Counter[tuple[str, str, int]]
"""How often the browser told of a response: by method, URL and status."""


class Browsing:
    """One browser behind the proxy, until it is told to finish."""

    def __init__(self, proxy: str, seed: int) -> None:
        """``proxy`` is ``host:port``."""
        self.told: Told = Counter()
        self.steps = 0
        """Links followed and buttons pressed."""
        self.trouble: list[str] = []
        self._proxy = proxy
        self._dice = random.Random(f"{seed}-browser")
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def finish(self) -> None:
        """Let it finish its step, and close it."""
        self._over.set()
        self._thread.join(2 * _PATIENCE / 1000)

    def _run(self) -> None:
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=find_browser("chromium").path,
                    args=["--no-sandbox"] if os.geteuid() == 0 else [],
                )
                while not self._over.is_set():
                    self._session(browser)
                browser.close()
        except Exception as error:  # noqa: BLE001 (the soak reports it)
            self.trouble.append(f"Chromium: {str(error).splitlines()[0]}")

    def _session(self, browser: Any) -> None:
        """Take some steps with an empty jar."""
        context = browser.new_context(
            proxy={"server": f"http://{self._proxy}"}, ignore_https_errors=True
        )
        context.set_default_timeout(_PATIENCE)
        context.on("response", self._note)
        page = context.new_page()
        page.goto(_START)
        for _ in range(self._dice.randrange(5, 40)):
            if self._over.is_set():
                break
            try:
                self._step(page)
            except BrowserError as error:
                # A link may lead away while it is pressed; what was received counts anyway.
                if "Timeout" not in str(error):
                    continue
                self.trouble.append(str(error).splitlines()[0])
        page.wait_for_load_state("networkidle")
        context.close()

    def _step(self, page: Any) -> None:
        """Follow a link or press a button; from a page without any, begin again."""
        choices = page.locator("main a:visible, main button:visible, header a:visible")
        count = choices.count()
        if not count or self._dice.random() < 0.05:
            page.goto(_START)
        else:
            choices.nth(self._dice.randrange(count)).click()
            page.wait_for_load_state()
        self.steps += 1

    def _note(self, response: Response) -> None:
        """Note a response: the browser has its headers."""
        self.told[response.request.method, response.url, response.status] += 1
