"""The proxy of the judge: the real recorder and store, one listener per window.

``python -m tests.judge.proxy_process CAPTURE CONFDIR SERVER_URL LABEL... [--bodies]`` prints one
line of JSON with each label's address once it listens, and ends when its standard input does.
"""

# mypy: allow-untyped-calls
# (mitmproxy's masters, options and addon manager have no annotations)

from __future__ import annotations

import asyncio
import resource
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
from mitmproxy.proxy.mode_specs import ProxyMode

from cookietrace.scope import Scope
from cookietrace.stores import open_or_create
from proxy_addon.flows.bodies import DEFAULT_LIMIT
from proxy_addon.hooks.clients import Clients
from proxy_addon.hooks.listeners import Listeners, parse_mode
from proxy_addon.hooks.recorder import FlowRecorder
from proxy_addon.journal.journal import Journal
from proxy_addon.process.ending import end, proxyserver_of
from proxy_addon.process.logs import log_warnings_only
from proxy_addon.process.master import build_master
from proxy_addon.process.reports import Reports
from tests.judge.proxy import BODIES, SECRET
from tests.judge.routes import JudgeRoutes, NoMirror, Report

_OTHER_FILES = 600
"""Open files besides listeners and held ports: connections, the capture, the program's own."""

_IDLE = (
    "anticache",
    "anticomp",
    "block",
    "blocklist",
    "browser",
    "commandhistory",
    "comment",
    "cut",
    "export",
    "maplocal",
    "mapremote",
    "modifybody",
    "modifyheaders",
    "onboarding",
    "proxyauth",
    "save",
    "savehar",
    "scriptloader",
    "serverplayback",
    "stickyauth",
    "stickycookie",
    "updatealtsvc",
    "upstreamauth",
)
"""mitmproxy's addons that do nothing without options. To ask each at every event takes time."""


async def _run(
    capture: Path, confdir: Path, server: str, labels: Sequence[str], *, bodies: bool
) -> None:
    listeners = Listeners()
    addresses = {}
    _allow_open_files(2 * len(labels) + _OTHER_FILES)
    for label in labels:
        mode, listener = parse_mode("regular@127.0.0.1:0")
        listeners.add(mode, msgspec.structs.replace(listener, label=label))
        addresses[label] = listener.address
    store = open_or_create(capture)
    recorder = FlowRecorder(
        Journal(store, Reports()),
        Clients.of_capture(store),
        listeners,
        secret=SECRET,
        scope=Scope(),
        body_limit=DEFAULT_LIMIT if bodies else None,
    )
    master = build_master(
        recorder,
        SECRET,
        modes=listeners.modes(),
        scope=Scope(),
        confdir=confdir,
        routes=JudgeRoutes(server),
    )
    for name in _IDLE:
        master.addons.remove(master.addons.get(name))
    master.addons.add(Report(listeners), NoMirror())
    running = asyncio.create_task(master.run())
    proxyserver = proxyserver_of(master)
    proxyserver.server_connect = _allow  # type: ignore[method-assign]
    await proxyserver.servers.update([ProxyMode.parse(mode) for mode in listeners.modes()])
    recorder.started()
    print(msgspec.json.encode(addresses).decode(), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await end(master, recorder, running)


def _allow_open_files(wanted: int) -> None:
    """Raise the limit of open files to this many, as far as the system allows it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _allow(data: object) -> None:
    """Connect to the server, which is never a listener of the proxy itself.

    mitmproxy would compare its address with that of every listener, at each connection.
    """


if __name__ == "__main__":
    log_warnings_only()
    given = [one for one in sys.argv[1:] if one != BODIES]
    asyncio.run(
        _run(Path(given[0]), Path(given[1]), given[2], given[3:], bodies=BODIES in sys.argv)
    )
