"""mitmproxy set up for recording: its addons and ours in order, and the options they need."""

# mypy: allow-untyped-calls
# (mitmproxy's masters, options and addon manager have no annotations)

from __future__ import annotations

from pathlib import Path

from mitmproxy import addons, exceptions, options
from mitmproxy.master import Master

from cookietrace.errors import LaunchError
from cookietrace.scope import Scope
from proxy_addon.hooks.bounds import Bounds
from proxy_addon.hooks.editing import Editing, RequestEdits, ResponseEdits
from proxy_addon.hooks.http1 import Http1
from proxy_addon.hooks.marks import Marks
from proxy_addon.hooks.recorder import FlowRecorder
from proxy_addon.hooks.routes import Routes
from proxy_addon.hooks.tls import BrowserTls, LoopbackTls
from proxy_addon.process.upstream import UpstreamLogin


def build_master(
    recorder: FlowRecorder,
    secret: str,
    *,
    modes: list[str],
    scope: Scope,
    confdir: Path | None = None,
    upstream_login: str | None = None,
    routes: Routes | None = None,
    editing: Editing | None = None,
) -> Master:
    """Return a mitmproxy that records; needs a running event loop.

    Order matters: routes first, then the recorder, before any addon that changes
    traffic, except for what the user has changed of responses; the marks last, when the
    request's destination is final. Raises ``LaunchError`` if mitmproxy rejects an option.
    """
    master = Master(options.Options())
    if routes is not None:
        master.addons.add(routes)
    if editing is not None:
        master.addons.add(ResponseEdits(editing))
    master.addons.add(recorder, Http1(recorder.journal))
    if editing is not None:
        master.addons.add(RequestEdits(editing))
    master.addons.add(*addons.default_addons())
    if upstream_login is not None:
        master.addons.add(UpstreamLogin(upstream_login))
    master.addons.add(Marks(secret), BrowserTls(demo=routes is not None), LoopbackTls())
    master.addons.add(Bounds())
    settings: dict[str, object] = {
        "mode": modes,
        "keep_host_header": True,
        # So that a server that is down becomes a row, not just a closed connection.
        "connection_strategy": "lazy",
        # Nothing is recorded of messages. As plain bytes they are passed on as they come.
        "websocket": False,
        "ignore_hosts": scope.ignore_hosts,
        "allow_hosts": scope.allow_hosts,
    }
    if confdir is not None:
        settings["confdir"] = str(confdir.expanduser())
    try:
        master.options.update(**settings)
    except (exceptions.OptionsError, ValueError, OSError) as error:
        raise LaunchError(f"the proxy cannot be set up: {error}") from error
    return master
