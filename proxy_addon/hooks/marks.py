"""The mark for the server witness: added to requests to this machine, and removed again.

See docs/WITNESS.md. These addons must come last, to see where a request really goes
after all other addons have changed it.
"""

from __future__ import annotations

import time
from functools import lru_cache
from typing import NamedTuple

from mitmproxy import http

from cookietrace.addresses import is_this_machine
from cookietrace.events import Server
from cookietrace.witness.decoding import decode, other_version
from cookietrace.witness.mark import MARK_HEADER, PROTOCOL, mark, mark_address, mark_key
from cookietrace.witness.report import REPORT_HEADER
from proxy_addon.flows.convert import first_header
from proxy_addon.flows.headers import OWN_PREFIXES, ParsedHeaders

EXCHANGE_ID = "cookietrace_exchange"
"""The key in ``flow.metadata`` under which the recorder stores the exchange's id."""

_OWN_PREFIXES = tuple(prefix.encode() for prefix in OWN_PREFIXES)
_MARK = MARK_HEADER.encode()
_REPORT = REPORT_HEADER.lower().encode()


class Marks:
    """Marks recorded requests to this machine, and no others.

    Each mark is made for one exchange, the address that the request goes to, and now: an app
    at another address has no use for it. The secret itself is never sent.
    """

    name = "cookietrace_marks"

    def __init__(self, secret: str) -> None:
        self._key = mark_key(secret)

    def requestheaders(self, flow: http.HTTPFlow) -> None:
        """Mark the request: a streamed one is sent right after this hook."""
        exchange_id = flow.metadata.get(EXCHANGE_ID)
        if exchange_id is not None and self._may_mark(flow):
            address = _address(flow.request.data.host, flow.request.data.port)
            value = mark(exchange_id, address, time.time(), self._key).encode()
            flow.request.data.headers.fields += ((_MARK, value),)

    def request(self, flow: http.HTTPFlow) -> None:
        """Make the mark of a request with a body again, which may have taken long to arrive."""
        if flow.request.data.content and not flow.request.stream and unmark(flow.request):
            self.requestheaders(flow)

    def _may_mark(self, flow: http.HTTPFlow) -> bool:
        """Return whether the request goes directly to this machine."""
        return (
            _is_here(flow.request.data.host)
            and flow.server_conn.via is None
            and flow.client_conn.proxy_mode.type_name != "upstream"
        )


class RevokedMarks(Marks):
    """The same beside the user's own addons, which may redirect a request later."""

    def request(self, flow: http.HTTPFlow) -> None:
        """Make the mark again for where the request goes now; remove it if that is elsewhere."""
        if EXCHANGE_ID not in flow.metadata:
            return
        if not flow.request.stream:
            unmark(flow.request)
            self.requestheaders(flow)
        elif not self._may_mark(flow):
            unmark(flow.request)


_is_here = lru_cache(maxsize=256)(is_this_machine)
_address = lru_cache(maxsize=256)(mark_address)


def strip_request(request: http.Request) -> None:
    """Remove every ``Cookietrace-*`` header, whoever added it."""
    headers = request.data.headers
    if any(name.lower().startswith(_OWN_PREFIXES) for name, _ in headers.fields):
        headers.fields = tuple(
            header for header in headers.fields if not header[0].lower().startswith(_OWN_PREFIXES)
        )


def unmark(request: http.Request) -> bool:
    """Remove the mark from a request that has been sent; return whether it had one."""
    headers = request.data.headers
    raw = headers.fields
    if raw and raw[-1][0] == _MARK:  # where we added it; there is only one
        headers.fields = raw[:-1]
        return True
    unmarked = tuple([header for header in raw if header[0] != _MARK])
    if len(unmarked) == len(raw):
        return False
    headers.fields = unmarked
    return True


class OtherProtocol(NamedTuple):
    """The app has a witness that speaks another version of the protocol."""

    version: int


def take_report(
    flow: http.HTTPFlow, exchange_id: str, at: float, parsed: ParsedHeaders | None = None
) -> Server | OtherProtocol | None:
    """Remove the mark and the witness header from an exchange; return the witness's report.

    The header of an app that was sent no mark is left alone and not read. ``parsed``
    holds the response's headers if they have been parsed already.
    """
    if not unmark(flow.request) or flow.response is None:
        return None
    if parsed is not None and not parsed.has_own:
        return None
    headers = flow.response.data.headers
    value = first_header(headers, _REPORT)
    if value is None:
        return None
    headers.fields = tuple(header for header in headers.fields if header[0].lower() != _REPORT)
    version = other_version(value)
    return decode(value, exchange_id, at) if version is None else OtherProtocol(version)


def other_protocol_text(app: str, version: int) -> str:
    """Return one line about a witness of another version, and what to do."""
    if version < PROTOCOL:
        what = (
            "Make its file again with `cookietrace witness flask > cookietrace_witness.py`, and "
            "start the app again."
        )
    else:
        what = "Update the cookietrace that records, or make the app's file again with it."
    return (
        f"What the app at {app} saw is not recorded: its witness speaks version {version} of the "
        f"protocol, and this proxy version {PROTOCOL}. {what}"
    )
