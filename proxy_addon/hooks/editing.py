"""Changes one cookie on the wire, by hand: only towards hosts that the user named (``--edit``).

This is the one thing in the proxy that changes what an app and a browser say to each other. What is
not recorded is not changed, and each change is recorded.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence

from mitmproxy import http

from cookietrace.edits import HandEdit, host_and_port, named_host, plain_host
from cookietrace.errors import LaunchError
from cookietrace.events import Edited
from cookietrace.safe_text import safe
from proxy_addon.hooks.guarded import never_raises
from proxy_addon.journal.journal import Journal

_HOST = "cookietrace_edited_host"
"""In ``flow.metadata``: the host that the user named, of a flow that goes there."""

Field = tuple[bytes, bytes]


class Editing:
    """What is changed now, by host. Two addons carry it out."""

    def __init__(
        self,
        journal: Journal,
        recorded: Callable[[http.HTTPFlow], str | None],
        hosts: Sequence[str],
        edits: Iterable[HandEdit] = (),
    ) -> None:
        """``hosts`` are those that the user named, and ``edits`` what is changed from the start.

        ``recorded`` returns the id of a flow's exchange; None if it is not recorded.
        """
        first = tuple(edits)
        self._journal = journal
        self._recorded = recorded
        self._edits = {plain_host(host): first for host in hosts}

    def set(self, host: str, edits: Sequence[HandEdit]) -> None:
        """Change these cookies, and no others, towards a host from now on.

        Raises ``LaunchError`` if the user has not named the host.
        """
        named = named_host(self._edits, *host_and_port(host))
        if named is None:
            raise LaunchError(
                f"nothing is changed for {safe(host)}: start again with --edit {safe(host)}"
            )
        self._edits[named] = tuple(edits)

    def request(self, flow: http.HTTPFlow) -> None:
        """Change the cookies that a request sends."""
        flow.metadata.pop(_HOST, None)
        if flow.is_replay:
            return
        named = self._host(flow)
        if named is None:
            return
        flow.metadata[_HOST] = named
        edits = [edit for edit in self._edits[named] if edit.of == "request"]
        exchange_id = self._recorded(flow) if edits else None
        if exchange_id is None:
            return
        fields: list[Field] = []
        for field in flow.request.headers.fields:
            name, value = field
            if name.lower() == b"cookie":
                pairs = [pair.strip() for pair in value.split(b";")]
                kept = [self._sent(pair, edits, exchange_id) for pair in pairs]
                if kept != pairs:  # otherwise it stays, byte by byte
                    value = b"; ".join([pair for pair in kept if pair])
                    if not value:
                        continue
            fields.append((name, value))
        flow.request.headers.fields = tuple(fields)

    def response(self, flow: http.HTTPFlow) -> None:
        """Change the lines that a response sets cookies with."""
        edits = self._edits.get(flow.metadata.get(_HOST, ""), ())
        edits = tuple([edit for edit in edits if edit.of == "response"])
        exchange_id = self._recorded(flow) if edits else None
        if exchange_id is None or flow.response is None:
            return
        fields: list[Field] = []
        for name, value in flow.response.headers.fields:
            line: str | None = value.decode("latin-1")
            if name.lower() == b"set-cookie":
                for edit in edits:
                    if line is not None and edit.line is not None and edit.line.is_about(line):
                        after = edit.line.applied_to(line)
                        if after != line and self._record(exchange_id, edit, line, after):
                            line = after
            if line is not None:
                fields.append((name, line.encode("latin-1")))
        flow.response.headers.fields = tuple(fields)

    def _sent(self, pair: bytes, edits: Iterable[HandEdit], exchange_id: str) -> bytes:
        """Return what is sent instead of a pair; empty if it is left out."""
        name = pair.partition(b"=")[0].strip().decode("latin-1")
        for edit in edits:
            if edit.name != name or not pair:
                continue
            after = None if edit.value is None else f"{edit.name}={edit.value}"
            before = pair.decode("latin-1")
            if after != before and self._record(exchange_id, edit, before, after):
                pair = b"" if after is None else after.encode("latin-1")
        return pair

    def _record(self, exchange_id: str, edit: HandEdit, before: str, after: str | None) -> bool:
        """Append that something is changed; False if that is not possible."""
        return self._journal.append_soon(
            Edited(
                exchange_id=exchange_id,
                at=time.time(),
                of=edit.of,
                name=edit.name,
                before=before,
                after=after,
            )
        )

    def _host(self, flow: http.HTTPFlow) -> str | None:
        """Return the named host that a request goes to.

        Where it really goes counts, whatever its Host says. The app behind a reverse listener also
        has the name by which the browser knows it.
        """
        request, client = flow.request, flow.client_conn
        found = named_host(self._edits, plain_host(request.host), request.port)
        if found is None and client.proxy_mode.type_name == "reverse":
            host, port = host_and_port(request.host_header or "")
            if port is None:
                port = 443 if client.tls else 80
            found = named_host(self._edits, host, port)
        return found


class RequestEdits:
    """Runs after the recorder, which records what the browser sent."""

    def __init__(self, editing: Editing) -> None:
        self._editing = editing

    @never_raises
    def requestheaders(self, flow: http.HTTPFlow) -> None:
        """Change the request."""
        self._editing.request(flow)


class ResponseEdits:
    """Runs before the recorder, which records what the browser gets."""

    def __init__(self, editing: Editing) -> None:
        self._editing = editing

    @never_raises
    def responseheaders(self, flow: http.HTTPFlow) -> None:
        """Change the response."""
        self._editing.response(flow)
