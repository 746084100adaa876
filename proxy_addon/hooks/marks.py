"""The mark for the server witness: which requests carry it, and its way off again (DESIGN 7).

This addon stands last, so that it sees where a request really goes after every
other addon had its say.
"""

from __future__ import annotations

import msgspec
from mitmproxy import http

from cookietrace.addresses import is_loopback
from cookietrace.events import Request, Server
from cookietrace.witness.decoding import decode
from cookietrace.witness.mark import MARK_HEADER, mark
from cookietrace.witness.report import REPORT_HEADER
from proxy_addon.flows.convert import first_field
from proxy_addon.flows.fields import OURS, Fields

EXCHANGE_ID = "cookietrace_exchange"
"""The key in ``flow.metadata`` under which the recorder leaves the exchange's id."""

_OURS = OURS.encode()
_MARK = MARK_HEADER.encode()
_REPORT = REPORT_HEADER.lower().encode()


class Marks:
    """Puts the mark on recorded requests to this machine, and on no others.

    Enough in a mitmproxy of our own, where nothing sends a request elsewhere later on.
    """

    name = "cookietrace_marks"

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def requestheaders(self, flow: http.HTTPFlow) -> None:
        """Mark the request: a streamed one leaves right after this hook."""
        exchange_id = flow.metadata.get(EXCHANGE_ID)
        if exchange_id is not None and self._may_mark(flow):
            value = mark(exchange_id, self._secret).encode()
            flow.request.data.headers.fields += ((_MARK, value),)

    def _may_mark(self, flow: http.HTTPFlow) -> bool:
        """Tell whether the request goes to this machine, and straight there."""
        return (
            is_loopback(flow.request.data.host)
            and flow.server_conn.via is None
            and flow.client_conn.proxy_mode.type_name != "upstream"
        )


class RevokedMarks(Marks):
    """The same amid other people's addons, which may yet send a request elsewhere."""

    def request(self, flow: http.HTTPFlow) -> None:
        """Take the mark off again where one has sent the request elsewhere."""
        if EXCHANGE_ID in flow.metadata and not self._may_mark(flow):
            unmark(flow.request)


def strip_request(request: http.Request) -> None:
    """Take off every ``Cookietrace-*`` field, whoever put it there."""
    fields = request.data.headers.fields
    if any(name[:12].lower() == _OURS for name, _ in fields):
        request.data.headers.fields = tuple(
            field for field in fields if field[0][:12].lower() != _OURS
        )


def unmark(request: http.Request) -> bool:
    """Take the mark off a request that has been sent; tell whether it had one."""
    headers = request.data.headers
    fields = headers.fields
    if fields and fields[-1][0] == _MARK:  # where we have put it: there is no other
        headers.fields = fields[:-1]
        return True
    left = tuple([field for field in fields if field[0] != _MARK])
    if len(left) == len(fields):
        return False
    headers.fields = left
    return True


def take_report(
    flow: http.HTTPFlow, exchange_id: str, at: float, fields: Fields | None = None
) -> Server | None:
    """Take mark and witness header off a marked exchange; return what the witness saw.

    An app that was not marked has no say: its header is left alone and unread.
    ``fields`` are the response's, where they have been read already.
    """
    if not unmark(flow.request) or flow.response is None:
        return None
    if fields is not None and not fields.has_ours:
        return None
    headers = flow.response.data.headers
    value = first_field(headers, _REPORT)
    if value is None:
        return None
    headers.fields = tuple(field for field in headers.fields if field[0].lower() != _REPORT)
    return decode(value, exchange_id, at)


def without_secret(request: Request, secret: str) -> Request:
    """Return a request whose header values no longer hold the secret."""
    headers = tuple((name, value.replace(secret, "(secret)")) for name, value in request.headers)
    return msgspec.structs.replace(request, headers=headers)
