"""The mark for the server witness: added to requests to this machine, and removed again.

See docs/WITNESS.md. These addons must come last, to see where a request really goes
after all other addons have changed it.
"""

from __future__ import annotations

import msgspec
from mitmproxy import http

from cookietrace.addresses import is_this_machine
from cookietrace.events import Request, Server
from cookietrace.witness.decoding import decode
from cookietrace.witness.mark import MARK_HEADER, mark
from cookietrace.witness.report import REPORT_HEADER
from proxy_addon.flows.convert import first_header
from proxy_addon.flows.headers import OWN_PREFIX, ParsedHeaders

EXCHANGE_ID = "cookietrace_exchange"
"""The key in ``flow.metadata`` under which the recorder stores the exchange's id."""

_OWN_PREFIX = OWN_PREFIX.encode()
_MARK = MARK_HEADER.encode()
_REPORT = REPORT_HEADER.lower().encode()


class Marks:
    """Marks recorded requests to this machine, and no others.

    Sufficient in our own mitmproxy, where no later addon redirects a request.
    """

    name = "cookietrace_marks"

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def requestheaders(self, flow: http.HTTPFlow) -> None:
        """Mark the request: a streamed one is sent right after this hook."""
        exchange_id = flow.metadata.get(EXCHANGE_ID)
        if exchange_id is not None and self._may_mark(flow):
            value = mark(exchange_id, self._secret).encode()
            flow.request.data.headers.fields += ((_MARK, value),)

    def _may_mark(self, flow: http.HTTPFlow) -> bool:
        """Return whether the request goes directly to this machine."""
        return (
            is_this_machine(flow.request.data.host)
            and flow.server_conn.via is None
            and flow.client_conn.proxy_mode.type_name != "upstream"
        )


class RevokedMarks(Marks):
    """The same beside the user's own addons, which may redirect a request later."""

    def request(self, flow: http.HTTPFlow) -> None:
        """Remove the mark again if an addon redirected the request."""
        if EXCHANGE_ID in flow.metadata and not self._may_mark(flow):
            unmark(flow.request)


def strip_request(request: http.Request) -> None:
    """Remove every ``Cookietrace-*`` header, whoever added it."""
    headers = request.data.headers
    if any(name[:12].lower() == _OWN_PREFIX for name, _ in headers.fields):
        headers.fields = tuple(
            header for header in headers.fields if header[0][:12].lower() != _OWN_PREFIX
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


def take_report(
    flow: http.HTTPFlow, exchange_id: str, at: float, parsed: ParsedHeaders | None = None
) -> Server | None:
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
    return decode(value, exchange_id, at)


def without_secret(request: Request, secret: str) -> Request:
    """Return the request with the secret removed from its header values."""
    headers = tuple((name, value.replace(secret, "(secret)")) for name, value in request.headers)
    return msgspec.structs.replace(request, headers=headers)
