"""Plain clients with cookies of their own that take random lessons of the demo app."""

from __future__ import annotations

import http.client
import itertools
import random
import threading
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlencode

from demo_app.hosts import NAMED
from demo_app.lessons.refusals import PATH as REFUSED
from demo_app.lessons.refusals import REFUSALS
from tests.soak.ledger import REQUEST_HEADER, Ledger

PATHS = (
    *("/", "/lessons", "/lessons/greeting", "/lessons/lifetimes", "/lessons/scope"),
    *("/lessons/sign-in", "/lessons/same-site", "/lessons/third-party", REFUSED),
    *(f"/lessons/greeting/{name}" for name in ("quiet", "rename", "forget")),
    *(
        f"/lessons/lifetimes/{name}"
        for name in ("brief", "visit", "keep", "too-long", "both", "nonsense", "delete-right")
    ),
    *(f"/lessons/scope/{name}" for name in ("set-paths", "set-host", "set-domain", "clear")),
    *(f"/lessons/same-site/{name}" for name in ("set", "clear", "pixel.png", "data")),
    *(f"{REFUSED}/{code}{rest}" for code in sorted(REFUSALS) for rest in ("/first", "/fixed")),
    "/not-there",
)
POSTS = tuple(f"/lessons/sign-in/{name}" for name in ("in", "out", "flask-in", "flask-out"))

_PATIENCE = 60.0
_LONGEST = 200
"""Characters of a cookie's value that a client keeps: no request may be refused for its size."""


class LessonClients:
    """Users with a jar each, who ask for random pages of the demo's hosts until they finish."""

    def __init__(self, ledger: Ledger, proxy: str, *, count: int, seed: int, pause: float) -> None:
        """``proxy`` is ``host:port``; ``pause`` the mean seconds between a user's requests."""
        self.trouble: list[str] = []
        """What went wrong for them; nothing should."""
        self.left = 0
        """How often one left before the response came."""
        self._ledger = ledger
        self._proxy = proxy
        self._pause = pause
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(f"{seed}-{number}",), daemon=True)
            for number in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def finish(self) -> None:
        """Let each finish its exchange."""
        self._over.set()
        for thread in self._threads:
            thread.join(_PATIENCE)

    def _run(self, name: str) -> None:
        """Be one user."""
        user, numbers = _User(name, self._proxy), itertools.count()
        while not self._over.is_set():
            request_id = f"{name}-{next(numbers)}"
            try:
                if not user.ask(self._ledger, request_id):
                    self.left += 1
            except (OSError, http.client.HTTPException) as error:
                self.trouble.append(f"{request_id}: {type(error).__name__} {error}")
                user.hang_up()
            self._over.wait(user.dice.expovariate(1 / self._pause))
        user.hang_up()


class _User:
    """One user."""

    def __init__(self, name: str, proxy: str) -> None:
        self.dice = random.Random(name)
        self._name = name
        self._proxy = proxy
        self._jar: dict[str, str] = {}
        self._connection: http.client.HTTPConnection | None = None

    def ask(self, ledger: Ledger, request_id: str) -> bool:
        """Ask for a random page; return False if the user left before it came."""
        dice = self.dice
        post = dice.random() < 0.1
        url = f"http://{dice.choice(NAMED)}{dice.choice(POSTS if post else PATHS)}"
        headers = {"User-Agent": f"soak-lessons/{self._name}", REQUEST_HEADER: request_id}
        body = urlencode({"name": dice.choice(["Alice", "Bob"])}) if post else None
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if self._jar:
            headers["Cookie"] = "; ".join(f"{key}={value}" for key, value in self._jar.items())
        if dice.random() < 0.1:
            self.hang_up()
        if self._connection is None:
            host, _, port = self._proxy.rpartition(":")
            self._connection = http.client.HTTPConnection(host, int(port), timeout=_PATIENCE)
            self._connection.connect()
        receipt = ledger.sent(request_id)
        self._connection.request("POST" if post else "GET", url, body, headers)
        if dice.random() < 0.02:
            self.hang_up()
            return False
        response = self._connection.getresponse()
        lines = response.headers.get_all("Set-Cookie") or []
        by_proxy = response.headers.get("Server", "").startswith("mitmproxy")
        ledger.head(receipt, response.status, lines, by_proxy=by_proxy)
        ledger.complete(receipt, len(response.read()))
        self._keep(lines)
        return True

    def hang_up(self) -> None:
        """Close the connection, if there is one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _keep(self, lines: list[str]) -> None:
        """Keep what the lines set, and forget what they delete: roughly, as scripts do."""
        for line in lines:
            try:
                parsed = SimpleCookie(line)
            except CookieError:
                continue
            for key, morsel in parsed.items():
                if morsel["max-age"] == "0" or not morsel.value:
                    self._jar.pop(key, None)
                elif len(morsel.coded_value) <= _LONGEST:
                    self._jar[key] = morsel.coded_value
