"""One recorder: what the clients of one listener did, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec

from cookietrace.checking import CheckReport, Entry, Ignore, Severity, as_text, check
from cookietrace.cookies import Cookie
from cookietrace.errors import CaptureError
from cookietrace.events import (
    Client,
    Event,
    Failure,
    Listener,
    Request,
    Session,
)
from cookietrace.events import (
    Recorder as RecorderEvent,
)
from cookietrace.fold.verdict_record import SetCookieEntry
from cookietrace.lesson.explain import Explainer
from cookietrace.secret_names import TABLE_ONLY, Names
from cookietrace.stores import CaptureStore, create_capture
from cookietrace.testing.app_server import AppServer
from cookietrace.trace import Trace, fold

FailOn = Literal["problem", "warning"]


class Recorder:
    """Records the requests to ``base_url``; every method tells what was recorded so far.

    A response is recorded before the client sees it, so there is nothing to wait for.
    """

    def __init__(
        self,
        store: CaptureStore,
        listener: Listener,
        server: AppServer | None = None,
        *,
        browser: str = "auto",
        ignores: Sequence[Ignore] = (),
        names: Names = TABLE_ONLY,
        trouble: Callable[[], str | None] = lambda: None,
    ) -> None:
        """``store`` may be shared with other listeners; their events are left out.

        ``trouble`` returns why recording fails at present, None if it works.
        """
        self._names = names
        self._trouble = trouble
        self.base_url = f"http://{listener.page_address}"
        """The app's address through the recorder, without a slash at the end."""
        self._store = store
        self._listener = listener
        self._server = server
        self._browser = browser
        self._ignores = tuple(ignores)
        self._position = ""
        self._events: list[Event] = [store.info]
        self._ours: set[str] = set()
        """The ids of this listener's clients and their exchanges."""
        self._started = False
        """Whether the listener's start was read."""
        self._gap: str | None = None
        """What was not recorded since then."""

    def events(self) -> tuple[Event, ...]:
        """Return the events, as a capture of this recorder alone would hold them."""
        while (batch := self._store.read(self._position)).events:
            self._events += filter(self._is_ours, batch.events)
            self._position = batch.position
        return tuple(self._events)

    def trace(self) -> Trace:
        """Return the fold of the events. Raises ``CaptureError`` if some are missing."""
        self._require_all()
        return fold(self.events(), self._browser)

    def check(self, *, show_values: bool = False, ignore: Sequence[Ignore] = ()) -> CheckReport:
        """Return the problems and warnings, with what is ignored here and in the project.

        What the project ignores need not occur in every test, so it is never reported as unused.
        Raises ``CaptureError`` if something was not recorded: then nothing can be said.
        """
        self._require_all()
        report = check(
            self.events(),
            source=self.base_url,
            browser=self._browser,
            show_values=show_values,
            names=self._names,
            ignores=(*self._ignores, *ignore),
        )
        unused = tuple(each for each in report.unused if each in ignore)
        return msgspec.structs.replace(report, unused=unused)

    def problems(
        self, *, fail_on: FailOn = "problem", ignore: Sequence[Ignore] = ()
    ) -> tuple[Entry, ...]:
        """Return the problems, the worst first; with ``fail_on="warning"``, also the warnings."""
        return self.check(ignore=ignore).failing(Severity(fail_on))

    def assert_no_problems(
        self,
        *,
        fail_on: FailOn = "problem",
        ignore: Sequence[Ignore] = (),
        show_values: bool = False,
    ) -> None:
        """Raise ``AssertionError`` if there are problems; its message says why, and the fix.

        Values are replaced by tokens, since the message ends up in logs.
        """
        __tracebackhide__ = True
        report = self.check(ignore=ignore, show_values=show_values)
        if report.failing(Severity(fail_on)):
            raise AssertionError(f"cookies have problems\n\n{as_text(report, Severity(fail_on))}")

    def explain(self) -> list[dict[str, Any]]:
        """Return what ``cookietrace explain --json --jar`` says, with the real values."""
        trace = self.trace()
        explainer = Explainer(trace)
        return [explainer.explanation(exchange, jar=True) for exchange in trace.exchanges]

    def set_cookies(self, name: str | None = None) -> tuple[SetCookieEntry, ...]:
        """Return the verdict on each Set-Cookie line, in order; only on those of one cookie."""
        trace = self.trace()
        explainer = Explainer(trace)
        return tuple(
            entry
            for exchange in trace.exchanges
            for entry in explainer.record(exchange).set_cookies
            if name is None or entry.name == name
        )

    def jar(self, client: int = 1) -> tuple[Cookie, ...]:
        """Return the cookies that a client holds now, sorted by domain, path and name.

        Clients count from 1 and differ by their User-Agent. The jar of a client that made no
        request is empty.
        """
        trace = self.trace()
        if not 1 <= client <= len(trace.clients):
            return ()
        return trace.jar_at(trace.clients[client - 1].client_id, trace.position)

    def save(self, path: Path) -> None:
        """Write the events to a new capture, readable by its owner only.

        Raises ``CaptureError`` if the file has content, or cannot be written.
        """
        info, *others = self.events()
        assert info == self._store.info
        store = create_capture(path, info=self._store.info)
        try:
            store.append(others)
        finally:
            store.close()

    def close(self) -> None:
        """Stop serving the app. What was recorded can still be asked for. Safe to call twice."""
        server, self._server = self._server, None
        if server is not None:
            server.close()

    def _require_all(self) -> None:
        """Raise ``CaptureError`` if something was not recorded since the listener started."""
        __tracebackhide__ = True
        self.events()
        missing = self._gap or self._trouble()
        if missing is not None:
            raise CaptureError(f"the recording is not complete: {missing}")

    def _is_ours(self, event: Event) -> bool:
        """Return whether an event belongs to this listener, and remember its id."""
        if isinstance(event, Client):
            if event.listen != self._listener.address:
                return False
            self._ours.add(event.client_id)
            return True
        if isinstance(event, Session):
            return event.client_id in self._ours
        if isinstance(event, Request):
            if event.client_id not in self._ours:
                return False
            self._ours.add(event.exchange_id)
            return True
        if isinstance(event, RecorderEvent):
            if event.state != "gap":
                addresses = [listener.address for listener in event.listeners]
                self._started = self._started or self._listener.address in addresses
                return False
            if self._started:
                self._gap = event.message or "something was lost"
            return self._started
        if isinstance(event, Failure) and event.exchange_id is None:
            return event.client_id in self._ours
        return getattr(event, "exchange_id", None) in self._ours
