"""The end of a proxy that records: from the outside in."""

# mypy: allow-untyped-calls
# (mitmproxy's masters have no annotations)

from __future__ import annotations

import asyncio

from mitmproxy.addons.proxyserver import Proxyserver
from mitmproxy.master import Master

from proxy_addon.hooks.hanging_up import hang_up
from proxy_addon.hooks.recorder import FlowRecorder


def proxyserver_of(master: Master) -> Proxyserver:
    """Return the mitmproxy addon that listens."""
    addon = master.addons.get("proxyserver")
    assert isinstance(addon, Proxyserver)
    return addon


async def end(master: Master, recorder: FlowRecorder, running: asyncio.Future[None]) -> None:
    """Close connections, then mitmproxy, then the capture; ``running`` is mitmproxy's own task.

    The clients come first: what they have received is in the capture only while the recorder and
    all other addons run.
    """
    recorder.stopping()
    await hang_up(proxyserver_of(master))
    master.shutdown()
    await asyncio.gather(running, return_exceptions=True)
    recorder.stop()
