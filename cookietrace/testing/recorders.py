"""All recorders of one test run: they share one proxy, since starting one takes a second."""

from __future__ import annotations

import contextlib
import inspect
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from cookietrace.addresses import parse_target
from cookietrace.checking import Ignore
from cookietrace.cookies import PROFILES
from cookietrace.errors import CaptureError, LaunchError
from cookietrace.events import Listener
from cookietrace.safe_text import safe
from cookietrace.secret_names import TABLE_ONLY, Names
from cookietrace.stores import SUFFIX, CaptureStore, open_store
from cookietrace.supervision.proxy import ProxyOptions, RunningProxy
from cookietrace.testing.app_server import AppServer
from cookietrace.testing.recorder import Recorder

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

Host = Literal["127.0.0.1", "localhost"]
"""The names of this machine by which a client reaches an app."""


class Recorders:
    """Makes recorders. The proxy starts with the first one, and ends with ``close``.

    It also ends with this process, however that ends. What it recorded is in a temporary folder
    that only the user can read, and is deleted at the end.
    """

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._proxy: RunningProxy | None = None
        self._store: CaptureStore | None = None

    def __enter__(self) -> Recorders:
        """Return itself."""
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        """Close it; an error in the block is not replaced by one about the recording."""
        with contextlib.suppress(*() if kind is None else (CaptureError,)):
            self.close()

    def record(
        self,
        app: WSGIApplication | str,
        *,
        host: Host = "127.0.0.1",
        browser: str = "auto",
        ignores: Sequence[Ignore] = (),
        names: Names = TABLE_ONLY,
    ) -> Recorder:
        """Return a recorder in front of a WSGI app, or of a running app at a URL.

        A WSGI app is served by a thread of this process until the recorder is closed. ``host`` is
        the name by which tests reach it, ``127.0.0.1`` or ``localhost``: to a cookie these are
        two hosts. An app at a URL keeps its own. ``browser`` chooses the cookie rules, and
        ``names`` changes which names are those of secrets. Raises ``LaunchError``.
        """
        if browser != "auto" and browser not in PROFILES:
            known = ", ".join(("auto", *PROFILES))
            raise LaunchError(
                f"there are no cookie rules for {safe(browser)}: choose one of {known}"
            )
        if not isinstance(app, str) and _is_asgi(app):
            raise LaunchError("this is an ASGI app: start it with a server, and give its URL")
        server = None if isinstance(app, str) else AppServer(app)
        url = app if isinstance(app, str) else f"http://{host}"
        try:
            port = "" if server is None else f":{server.port}"
            store, listener = self._listen(f"reverse:{parse_target(url)}{port}@127.0.0.1:0")
        except BaseException:
            if server is not None:
                server.close()
            raise
        return Recorder(
            store,
            listener,
            server,
            browser=browser,
            ignores=ignores,
            names=names,
            trouble=self._trouble,
        )

    def close(self) -> None:
        """End the proxy and delete what it recorded. Safe to call twice.

        Raises ``CaptureError``, after all that, if something was not recorded.
        """
        store, self._store = self._store, None
        proxy, self._proxy = self._proxy, None
        folder, self._folder = self._folder, None
        if store is not None:
            store.close()
        if proxy is not None:
            proxy.stop()
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
        missing = proxy.reports.missing() if proxy is not None else None
        if missing is not None:
            raise CaptureError(f"the recording of these tests is not complete: {missing}")

    def _trouble(self) -> str | None:
        """Return why recording fails at present, None if it works."""
        return self._proxy.reports.trouble if self._proxy is not None else None

    def _listen(self, mode: str) -> tuple[CaptureStore, Listener]:
        """Open a listener; start the proxy with it if it does not run yet."""
        if self._proxy is not None and self._store is not None:
            return self._store, self._proxy.listen(None, mode)
        self._folder = Path(tempfile.mkdtemp(prefix="cookietrace-tests-"))
        capture = self._folder / f"tests{SUFFIX}"
        try:
            self._proxy = RunningProxy.start(
                ProxyOptions(capture=capture, modes=[mode], confdir=self._folder / "ca")
            )
            self._proxy.wait_until_listening()
            self._store = open_store(capture)
        except BaseException:
            self.close()
            raise
        return self._store, self._proxy.listeners[0]


def _is_asgi(app: object) -> bool:
    """Return whether an app is called with ``await``."""
    return inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(
        getattr(app, "__call__", None)  # noqa: B004 (what it is, not whether there is one)
    )
