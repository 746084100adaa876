"""Firefox as a judge: one container per window; drives a page and notes what became of cookies."""

from __future__ import annotations

import base64
import re
import ssl
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Self

import msgspec

from cookietrace.listening.said import Said
from tests.judge.bidi import Bidi
from tests.judge.browser import PATIENCE, Blocked, BrowserError, JarCookie, Json, Noted
from tests.judge.firefox_reasons import NO_REFUSAL
from tests.judge.heard import Heard

_WITNESS = Path(__file__).with_name("firefox.js")
_NAME = re.compile("cookie “([^”]*)(?:”|$)", re.IGNORECASE)
"""Names that are too long are cut off, and the rest of the sentence with them."""
_SAME_SITE = {0: "none", 1: "lax", 2: "strict"}
_PRIVATE = "private"


class FirefoxWindow:
    """One jar behind its own listener: a container, or the private window."""

    def __init__(self, browser: Firefox, jar: str, user_context: str, context: str) -> None:
        self.notes: dict[int, Noted] = {}
        """By the serial number of the response."""
        self._browser = browser
        self._bidi = browser.bidi
        self._jar = jar
        self._user_context = user_context
        self._context = context

    def go(self, url: str) -> None:
        """Navigate as from the address bar, and wait until the page has loaded."""
        self._bidi.call("browsingContext.navigate", context=self._context, url=url, wait="complete")

    def leave(self, script: str) -> None:
        """Run a script that navigates, and wait until the new page has loaded."""
        self._loading(lambda: self._bidi.evaluate(self._context, script, wait=False))

    def reload(self) -> None:
        """Reload the page."""
        self._bidi.call("browsingContext.reload", context=self._context, wait="complete")

    def back(self) -> None:
        """Go back in the page's history."""
        # A page out of the back/forward cache has no load event, so the old page is marked.
        self._bidi.evaluate(self._context, "window.judgeIsLeaving = true; null")
        self._bidi.call("browsingContext.traverseHistory", context=self._context, delta=-1)
        deadline, pause = time.monotonic() + PATIENCE, threading.Event()
        while not self._is_back():
            if time.monotonic() > deadline:
                raise TimeoutError("timed out until the earlier page was back")
            pause.wait(0.02)

    def _is_back(self) -> bool:
        ready = "!window.judgeIsLeaving && document.readyState === 'complete'"
        try:
            return bool(self._bidi.evaluate(self._context, ready))
        except BrowserError:  # between two pages there is nothing to evaluate in
            return False

    def act(self, script: str) -> None:
        """Run a script in the page, and wait for its promise."""
        self._bidi.evaluate(self._context, script)

    def settle(self) -> None:
        """Wait until no request of the jar is in progress."""
        try:
            self._browser.ask(f"settled({self._jar!r})")
        except TimeoutError:
            left = self._browser.ask(f"unsettled({self._jar!r})")
            raise TimeoutError(
                f"timed out until all requests have their response: {left}"
            ) from None

    def cookies(self) -> list[JarCookie]:
        """Return Firefox's jar."""
        listed = msgspec.json.decode(self._browser.ask(f"cookies({self._jar!r})"))
        return [_cookie(one) for one in listed]

    def clear(self) -> None:
        """Clear the jar."""
        self._browser.ask(f"clear({self._jar!r})")

    def close(self) -> None:
        """Take the notes, and close the container or the private window with all its pages."""
        self._note(msgspec.json.decode(self._browser.ask(f"take({self._jar!r})")))
        if self._jar == _PRIVATE:
            self._browser.ask("closePrivate()")
            self._browser.private.release()
        else:
            self._bidi.call("browser.removeUserContext", userContext=self._user_context)

    def _note(self, events: list[Json]) -> None:
        """Note what each response stored, and which of its lines were refused."""
        lines: dict[int, list[str]] = {}
        when: dict[int, float] = {}
        for one in events:
            note = self.notes.setdefault(one["serial"], Noted(blocked=(), written=()))
            if "lines" in one:
                lines[one["serial"]] = [_name(line) for line in one["lines"].split("\n")]
                when[one["serial"]] = one["at"]
                continue
            if one["name"] in lines[one["serial"]]:
                lines[one["serial"]].remove(one["name"])
            if one["action"] in ("added", "changed"):
                assert note.written is not None
                note.written += ((_text(one["name"]), one["value"]),)
        for at, sentence in self._browser.refusals(self._user_context):
            # The console names the cookie, not the response: the last one that it can be.
            found = _NAME.search(sentence)
            name = found[1].encode().decode("latin-1") if found else ""
            for serial in sorted(lines, reverse=True):
                hit = next((line for line in lines[serial] if _is(line, name, sentence)), None)
                if hit is not None and when[serial] <= at:
                    lines[serial].remove(hit)
                    note = self.notes[serial]
                    assert note.blocked is not None
                    note.blocked += (Blocked(_text(hit), (_NAME.sub("cookie", sentence),)),)
                    break

    def _loading(self, start: Callable[[], object]) -> None:
        """Start a navigation, and wait for its load event."""
        loads, changed = self._browser.loads, self._browser.changed
        before = loads.get(self._context, 0)
        start()
        with changed:
            if not changed.wait_for(lambda: loads.get(self._context, 0) > before, PATIENCE):
                raise TimeoutError("timed out until the page has loaded")


def _name(line: str) -> str:
    """Return the name in a Set-Cookie line, as Firefox reads it."""
    return line.partition(";")[0].partition("=")[0].strip(" \t")


def _is(name: str, reported: str, sentence: str) -> bool:
    """Return whether the name that a sentence reports, perhaps cut off, is this one."""
    return name == reported or (sentence.endswith(reported) and name.startswith(reported))


def _text(wire: str) -> str:
    """Return the text of bytes that came as one character each."""
    return wire.encode("latin-1").decode("utf-8", "replace")


def _cookie(one: Json) -> JarCookie:
    return JarCookie(
        name=_text(one["name"]),
        value=one["value"],
        domain=one["host"],
        path=one["path"],
        secure=one["secure"],
        http_only=one["httpOnly"],
        same_site=_SAME_SITE.get(one["sameSite"], "default"),
        expires=None if one["expiry"] is None else one["expiry"] / 1000,
        partition=_partition(one["partition"]),
    )


def _partition(key: str) -> str | None:
    """Return Firefox's partition key, ``(scheme,domain[,port][,f])``, as the fold writes it.

    That of a page with an opaque origin is a random name; nothing on the wire tells it.
    """
    if "," not in key:
        return "?" if key else None
    scheme, domain, *rest = key.strip("()").split(",")
    port = "".join(f":{one}" for one in rest if one.isdigit())
    return f"{scheme}://{domain}{port}" + (" (embedded)" if "f" in rest else "")


class Firefox:
    """One Firefox: its windows, and the dispatch of events to them."""

    def __init__(self, proxy: str, ca: Path) -> None:
        self.changed = threading.Condition()
        self.loads: dict[str, int] = {}
        """Load events by browsing context."""
        self._user_contexts: dict[str, str] = {}
        """By browsing context, frames too."""
        self._sentences: dict[str, list[tuple[float, str]]] = {}
        """By user context: the console's sentences about refused cookies, with milliseconds."""
        self.private = threading.Lock()
        """Held by the private window: all private windows share one jar."""
        self._ca = ca
        self._making = threading.Lock()
        self._own = ""
        self._first = ""
        """A page of the window that the browser started with."""
        self._handlers: dict[str, Callable[[Json], None]] = {
            "browsingContext.contextCreated": self._created,
            "browsingContext.load": self._loaded,
            "log.entryAdded": self._logged,
        }
        self.bidi = Bidi(proxy, self._handle)
        self._heard = Heard(self._jar)
        self.said: tuple[tuple[Said, ...], ...] = ()
        self.heard: tuple[tuple[Said, ...], ...] = ()

    def __enter__(self) -> Self:
        """Start the session, and the witness in the browser's own window."""
        self.bidi.call("session.new", capabilities={"alwaysMatch": {"acceptInsecureCerts": True}})
        events = {*self._handlers, *Heard.events}
        self._heard.start(self.bidi.call("browsingContext.getTree")["contexts"])
        self.bidi.call("session.subscribe", events=sorted(events))
        tree = self.bidi.call("browsingContext.getTree", **{"moz:scope": "chrome"})
        self._own = tree["contexts"][0]["context"]
        self.bidi.evaluate(self._own, _WITNESS.read_text("utf-8") + "; null")
        self._first = self.bidi.call("browsingContext.getTree")["contexts"][0]["context"]
        der = ssl.PEM_cert_to_DER_cert(self._ca.read_text("ascii"))
        self.ask(f"trust({base64.b64encode(der).decode()!r})")
        return self

    def __exit__(self, *_: object) -> None:
        """End the browser."""
        self.heard = (self._heard.end(),)
        self.bidi.close()
        self.said = (self.bidi.said,)

    def open(self, proxy: str, *, private: bool, seen: bool) -> FirefoxWindow:
        """Open a window with an empty jar behind the listener at ``proxy``.

        In view or not, it makes the same requests.
        """
        if private:
            return self._open_private(proxy)
        with self._making:
            user_context = self.bidi.call(
                "browser.createUserContext",
                proxy={"proxyType": "manual", "httpProxy": proxy, "sslProxy": proxy},
            )["userContext"]
            jar = self.ask("newest()")
        # A tab in the foreground would wait for the one before it, which may be closed meanwhile.
        # Without a page to be opened beside, it may become one of the private window.
        context = self.bidi.call(
            "browsingContext.create",
            type="tab",
            userContext=user_context,
            background=True,
            referenceContext=self._first,
        )
        return FirefoxWindow(self, jar, user_context, context["context"])

    def _open_private(self, proxy: str) -> FirefoxWindow:
        """Open a real private window, when the one before it is closed."""
        if not self.private.acquire(timeout=PATIENCE):
            raise TimeoutError("timed out until another private window was closed")
        context = self.ask(f"openPrivate({int(proxy.rpartition(':')[2])})")
        return FirefoxWindow(self, _PRIVATE, "default", context)

    def ask(self, call: str) -> Any:
        """Call a function of the witness and return its result."""
        return self.bidi.evaluate(self._own, f"judge.{call}")

    def refusals(self, user_context: str) -> list[tuple[float, str]]:
        """Take the console's sentences about refused cookies, with their times."""
        with self.changed:
            return self._sentences.pop(user_context, [])

    def _jar(self, user_context: str) -> Future[Json]:
        """Ask for the jar of a user context."""
        partition = {"type": "storageKey", "userContext": user_context}
        return self.bidi.send("storage.getCookies", partition=partition)

    def _handle(self, message: Json) -> None:
        method, params = message["method"], message["params"]
        self._heard.event(method, params)
        if method in self._handlers:
            with self.changed:
                self._handlers[method](params)
                self.changed.notify_all()

    def _created(self, event: Json) -> None:
        self._user_contexts[event["context"]] = event["userContext"]

    def _loaded(self, event: Json) -> None:
        self.loads[event["context"]] = self.loads.get(event["context"], 0) + 1

    def _logged(self, event: Json) -> None:
        text = event["text"]
        if "ookie" in text and not any(part in text for part in NO_REFUSAL):
            user_context = self._user_contexts.get(event["source"].get("context", ""), "")
            self._sentences.setdefault(user_context, []).append((event["timestamp"], text))
