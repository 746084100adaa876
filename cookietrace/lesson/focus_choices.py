"""The hosts, paths, cookies and clients of a trace that one can focus on, counted."""

from __future__ import annotations

from collections import Counter
from typing import Literal

import msgspec

from cookietrace.fold.exchange import ClientState
from cookietrace.lesson.display_text import shown
from cookietrace.lesson.focus import Focus
from cookietrace.trace import Trace

Kind = Literal["host", "path", "cookie", "client", "housekeeping"]

TITLES: dict[Kind, str] = {
    "cookie": "Cookies (any number)",
    "host": "Host",
    "path": "Path",
    "client": "Client",
    "housekeeping": "Also show",
}
"""The kinds in the order in which they are listed."""


class Choice(msgspec.Struct, frozen=True):
    """One thing to focus on."""

    kind: Kind
    value: str
    """The focus's value: wire text."""
    label: str
    """Display text."""
    count: int
    """In how many exchanges it occurs."""

    def chosen(self, focus: Focus) -> bool:
        """Return whether a focus includes it."""
        if self.kind == "cookie":
            return self.value in focus.cookies
        if self.kind == "housekeeping":
            return focus.housekeeping
        if self.kind == "host":
            return self.value == focus.host
        return self.value == (focus.path if self.kind == "path" else focus.client_id)

    def toggled(self, focus: Focus) -> Focus:
        """Return the focus with it, or without it if the focus had it."""
        has = self.chosen(focus)
        if self.kind == "cookie":
            rest = tuple(name for name in focus.cookies if name != self.value)
            return msgspec.structs.replace(focus, cookies=rest if has else (*rest, self.value))
        if self.kind == "housekeeping":
            return msgspec.structs.replace(focus, housekeeping=not has)
        value = None if has else self.value
        if self.kind == "host":
            return msgspec.structs.replace(focus, host=value)
        if self.kind == "path":
            return msgspec.structs.replace(focus, path=value)
        return msgspec.structs.replace(focus, client_id=value)


def choices(trace: Trace) -> tuple[Choice, ...]:
    """Return everything to focus on, by kind, the most frequent first.

    A session cookie that a framework looked for but that never occurred is left out.
    """
    hosts: Counter[str] = Counter()
    paths: Counter[str] = Counter()
    cookies: Counter[str] = Counter()
    clients: Counter[str] = Counter()
    known: set[str] = set()
    housekeeping = 0
    for exchange in tuple(trace.exchanges):
        part = exchange.request
        if part.housekeeping:
            housekeeping += 1
            continue
        if part.target.host is not None:
            hosts[part.target.host] += 1
        paths[part.target.path] += 1
        for prefix in _prefixes(part.target.path):
            paths[prefix] += 1
        clients[part.client_id] += 1
        names = {cookie.name for cookie in part.cookies}
        names |= {held.cookie.name for held in part.withheld}
        names |= {absent.cookie.name for absent in part.missing}
        if exchange.response is not None:
            names |= {result.name for result in exchange.response.set_cookies}
        known |= names
        if exchange.server is not None:
            for read in exchange.server.reads:
                names.add(read.name)
                if read.where != "session" or read.value is not None:
                    known.add(read.name)
        cookies.update(names)
    cookies = Counter({name: count for name, count in cookies.items() if name in known})
    states = {state.client_id: state for state in tuple(trace.clients)}
    found = [
        *_counted("cookie", cookies),
        *_counted("host", hosts),
        *_counted("path", paths),
        *(
            Choice("client", client_id, client_text(states[client_id]), count)
            for client_id, count in clients.most_common()
            if client_id in states
        ),
    ]
    if housekeeping:
        label = "favicons and other automatic requests"
        found.append(Choice("housekeeping", "", label, housekeeping))
    return tuple(found)


def client_name(state: ClientState) -> str:
    """Return what prose calls a client, e.g. ``Client 2``, or the name of a launched browser."""
    if not state.label:
        return f"Client {state.ordinal}"
    again = "" if state.follows is None else f" (client {state.ordinal})"
    return f"{shown(state.label)}{again}"


def client_text(state: ClientState) -> str:
    """Return a client in a few words, e.g. ``1 · Chrome 131 · 127.0.0.1``."""
    agent = browser_name(state.user_agent)
    parts = [str(state.ordinal), shown(state.label or agent)]
    if state.follows is not None:
        parts.append("fresh browser")
    if state.peer:
        parts.append(shown(state.peer))
    return " · ".join(parts)


def browser_name(user_agent: str | None) -> str:
    """Return the browser that a User-Agent most likely means, with its major version."""
    if not user_agent:
        return "no User-Agent"
    for token, name in (
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("HeadlessChrome/", "headless Chrome"),
        ("Chrome/", "Chrome"),
        ("Version/", "Safari"),
    ):
        _, found, rest = user_agent.partition(token)
        if found:
            return f"{name} {rest.split('.')[0].split(' ')[0]}"
    return user_agent.split(" ")[0]


def _counted(kind: Kind, counter: Counter[str]) -> list[Choice]:
    ordered = sorted(counter.items(), key=lambda item: (-item[1], item[0]))
    return [
        Choice(kind, value, shown(value) or "(no name)", count) for value, count in ordered if value
    ]


def _prefixes(path: str) -> list[str]:
    """Return ``/a/*`` for ``/a/b``: up to three folders above a path, without the root."""
    parts = path.split("/")[1:-1]
    return [f"/{'/'.join(parts[: i + 1])}/*" for i in range(min(len(parts), 3)) if parts[i]]
