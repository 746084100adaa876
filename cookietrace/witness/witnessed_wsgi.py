"""The witness around any WSGI app: it follows marked requests, and adds the report."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from cookietrace.witness.arrival import wsgi_arrival
from cookietrace.witness.mark import MARK_HEADER
from cookietrace.witness.report import REPORT_HEADER, REPORT_PREFIX, encode
from cookietrace.witness.sight import Hooks, Sight, current_sight
from cookietrace.witness.trust import Trust, Verdict, switched_on

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_MARK_KEY = "HTTP_" + MARK_HEADER.upper().replace("-", "_")


class WitnessedWsgi:
    """A WSGI app with the witness around it.

    ``secret`` and ``ports`` are those of ``witness``. Raises ``ValueError`` if ``ports`` are
    none.
    """

    def __init__(
        self, inner: WSGIApplication, hooks: Hooks, secret: str | None, ports: Iterable[int]
    ) -> None:
        self._inner = inner
        self._hooks = hooks
        self._secret = secret
        self._trust = Trust(secret, ports)
        self._preparing = threading.Lock()
        if switched_on(debug=hooks.debug(), secret=secret):
            self._trust.check_ports()

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Respond to a request; watch it if it has the right mark."""
        verdict = self._verdict(environ)
        if verdict is not Verdict.IGNORE:
            del environ[_MARK_KEY]
        sight = self._sight(environ) if verdict is Verdict.FOLLOW else None
        if sight is not None:
            return self._watch(sight, environ, start)
        if verdict is Verdict.OTHER_VERSION:
            start = _telling_version(start)
        if current_sight.get() is None:
            return self._inner(environ, start)
        # A request that the app makes to itself, inside one that was marked.
        token = current_sight.set(None)
        try:
            return self._inner(environ, start)
        finally:
            current_sight.reset(token)

    def _verdict(self, environ: WSGIEnvironment) -> Verdict:
        """Return what to do about the request's mark, if it has one and the witness is on."""
        value = environ.get(_MARK_KEY)
        if value is not None:
            with contextlib.suppress(Exception):  # the app must respond, whatever goes wrong here
                if switched_on(debug=self._hooks.debug(), secret=self._secret):
                    return self._trust.judge(value, wsgi_arrival(environ))
        return Verdict.IGNORE

    def _sight(self, environ: WSGIEnvironment) -> Sight | None:
        """Return what will be seen of a request; None if the framework is one we do not know."""
        with contextlib.suppress(Exception):
            with self._preparing:
                self._hooks.prepare()
            return self._hooks.sight(str(environ.get("REQUEST_METHOD", "")))
        return None

    def _watch(
        self, sight: Sight, environ: WSGIEnvironment, start: StartResponse
    ) -> Iterable[bytes]:
        """Respond to a marked request, and add the report to the response."""

        def start_with_report(
            status: str,
            headers: list[tuple[str, str]],
            exc_info: Any = None,
        ) -> Callable[[bytes], object]:
            # The response goes out even if the report fails.
            with contextlib.suppress(Exception):
                headers = [
                    *headers,
                    (REPORT_HEADER, encode(sight.report(int(status[:3]), headers))),
                ]
            return start(status, headers, exc_info) if exc_info else start(status, headers)

        token = current_sight.set(sight)
        try:
            sight.noticing(sight.began, environ)
            with sight.trace.installed():
                return self._inner(environ, start_with_report)
        finally:
            sight.close()
            current_sight.reset(token)


def _telling_version(start: StartResponse) -> StartResponse:
    """Return a ``start_response`` that adds the version of the protocol, and no report."""

    def start_with_version(
        status: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], object]:
        headers = [*headers, (REPORT_HEADER, REPORT_PREFIX)]
        return start(status, headers, exc_info) if exc_info else start(status, headers)

    return start_with_version
