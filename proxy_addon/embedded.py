"""The recorder inside the user's own mitmproxy: its options, start and stop."""

# mypy: allow-untyped-calls
# (mitmproxy's addon manager has no annotations)

from __future__ import annotations

import asyncio
import logging
import time
from pathlib import Path

from mitmproxy import ctx
from mitmproxy.addonmanager import Loader
from mitmproxy.addons.proxyserver import Proxyserver

from cookietrace.addresses import Address
from cookietrace.errors import CaptureError, CookietraceError
from cookietrace.safe_text import safe
from cookietrace.stores import (
    CaptureStore,
    give_up_capture_path,
    open_or_create,
    reserve_capture_path,
)
from cookietrace.witness.shared_secret import shared_secret
from proxy_addon.flows import failures
from proxy_addon.flows.bodies import DEFAULT_LIMIT
from proxy_addon.hooks.clients import Clients
from proxy_addon.hooks.hanging_up import hang_up
from proxy_addon.hooks.http1 import Http1
from proxy_addon.hooks.listeners import Listeners
from proxy_addon.hooks.marks import RevokedMarks
from proxy_addon.hooks.recorder import FlowRecorder
from proxy_addon.journal.journal import Journal

_logger = logging.getLogger(__name__)


class _MitmproxyLog:
    """Reports recording trouble in mitmproxy's own event log."""

    def trouble(self, message: str) -> None:
        """Recording has just started to fail."""
        _logger.error("cookietrace: %s", message)

    def recovered(self, message: str) -> None:
        """Recording works again."""
        _logger.warning("cookietrace: %s", message)

    def incomplete(self, exchanges: int, message: str) -> None:
        """The recording has ended, and something is missing."""
        del exchanges  # the message says how many
        _logger.error("cookietrace: the capture is not complete: %s", message)


class EmbeddedRecorder:
    """Records into ``cookietrace_capture`` while mitmproxy runs.

    Changes nothing else, except that responses arrive that mitmproxy would lose: not how bodies
    are buffered, not the connection strategy, not the Host header.
    """

    name = "cookietrace_embedded"

    def __init__(self) -> None:
        self.addons: list[FlowRecorder] = []
        """The recorder, while it records; mitmproxy also calls the hooks of these."""
        self._beside: list[Http1 | RevokedMarks] = []
        """Addons of ours that mitmproxy knows by name."""

    def load(self, loader: Loader) -> None:
        """Declare our options."""
        loader.add_option("cookietrace_capture", str, "", "The file that cookietrace records into.")
        loader.add_option("cookietrace_bodies", bool, True, "Record the start of bodies.")

    def running(self) -> None:
        """Start recording; if that is impossible, log one line that says why."""
        listeners = _listeners()
        try:
            secret = shared_secret()
            path, store = _opened_capture(ctx.options.cookietrace_capture)
            clients = Clients.of_capture(store)
        except CookietraceError as error:
            _logger.error("cookietrace: not recording: %s", error)
            return
        journal = Journal(store, _MitmproxyLog())
        recorder = FlowRecorder(
            journal,
            clients,
            listeners,
            secret=secret,
            body_limit=DEFAULT_LIMIT if ctx.options.cookietrace_bodies else None,
            embedded=True,
        )
        self.addons = [recorder]
        ctx.master.addons.register(recorder)  # mitmproxy removes only addons that it knows
        self._beside = [Http1(journal), RevokedMarks(secret)]
        ctx.master.addons.add(*self._beside)
        recorder.started()
        _logger.info("cookietrace: recording into %s", safe(str(path)))
        reverse = any(listener.mode == "reverse" for listener in listeners.all())
        if reverse and not ctx.options.keep_host_header:
            _logger.warning(
                "cookietrace: mitmproxy rewrites the Host header in reverse mode, so URLs show the "
                "listener's address: add --set keep_host_header=true to see the browser's own"
            )

    def done(self) -> asyncio.Task[None] | None:
        """Stop recording.

        If mitmproxy ends, its connections are closed first, and mitmproxy waits for the task: so
        what clients have received is recorded. If only the script is removed, traffic continues,
        and what was in progress is recorded as far as it came.
        """
        proxyserver = ctx.master.addons.get("proxyserver")
        if ctx.master.should_exit.is_set() and isinstance(proxyserver, Proxyserver):
            return asyncio.ensure_future(self._end(proxyserver))
        self._stop(failures.RECORDING_STOPPED)
        return None

    async def _end(self, proxyserver: Proxyserver) -> None:
        """Close all connections, then stop recording."""
        for recorder in self.addons:
            recorder.stopping()
        if self.addons:
            await hang_up(proxyserver)
        self._stop(failures.PROXY_STOPPED)

    def _stop(self, why: str) -> None:
        """Stop recording, and leave mitmproxy as it was."""
        recorders, self.addons = self.addons, []
        for recorder in recorders:
            recorder.stop(why=why)
        beside, self._beside = self._beside, []
        for addon in beside:
            if ctx.master.addons.get(addon.name) is addon:
                ctx.master.addons.remove(addon)


def _opened_capture(given: str) -> tuple[Path, CaptureStore]:
    """Return the capture that the user gave, or a new one. Raises ``CaptureError``."""
    if given:
        path = Path(given).expanduser()
        return path, open_or_create(path)
    path = reserve_capture_path(time.time())
    try:
        return path, open_or_create(path)
    except CaptureError:
        give_up_capture_path(path)
        raise


def _listeners() -> Listeners:
    """Return the listeners of this mitmproxy."""
    listeners = Listeners()
    proxyserver = ctx.master.addons.get("proxyserver")
    if isinstance(proxyserver, Proxyserver):
        listeners.set_servers(
            (server.mode, str(Address(*server.listen_addrs[0][:2])))
            for server in proxyserver.servers
            if server.listen_addrs
        )
    return listeners
