"""The hosts, paths, cookies, clients and recorders of a trace to focus on, counted."""

from __future__ import annotations

from collections import Counter
from heapq import nsmallest
from typing import Final, Literal

import msgspec

from cookietrace.events import recorder_of
from cookietrace.fold.exchange import ClientState, Exchange
from cookietrace.lesson.display_text import shown
from cookietrace.lesson.focus import Focus
from cookietrace.trace import Trace

MOST: Final = 2_000
"""The most choices of one kind: others can be typed."""

_TOGETHER: Final = 64
"""How many exchanges are read together."""

Kind = Literal["host", "path", "cookie", "client", "recorder", "housekeeping"]

TITLES: dict[Kind, str] = {
    "recorder": "Recorder",
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
    count: int | None
    """In how many exchanges it occurs; None if that has not been counted."""

    def chosen(self, focus: Focus) -> bool:
        """Return whether a focus includes it."""
        if self.kind == "cookie":
            return self.value in focus.cookies
        if self.kind == "housekeeping":
            return focus.housekeeping
        if self.kind == "host":
            return self.value == focus.host
        if self.kind == "recorder":
            return self.value == focus.recorder
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
        if self.kind == "recorder":
            return msgspec.structs.replace(focus, recorder=value)
        if self.kind == "path":
            return msgspec.structs.replace(focus, path=value)
        return msgspec.structs.replace(focus, client_id=value)


class ChoiceCount:
    """Counts everything to focus on in a trace, a part of it at a time."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self.seen = 0
        """How many exchanges have been counted."""
        self._hosts: Counter[str] = Counter()
        self._paths: Counter[str] = Counter()
        self._cookies: Counter[str] = Counter()
        self._clients: Counter[str] = Counter()
        self._recorders: Counter[str] = Counter()
        self._known: set[str] = set()
        self._housekeeping = 0

    def read(self, limit: int | None = None) -> bool:
        """Count at most ``limit`` more exchanges; return True if none is left."""
        exchanges = self._trace.exchanges
        end = len(exchanges) if limit is None else min(len(exchanges), self.seen + limit)
        while self.seen < end:
            some = exchanges[self.seen : min(end, self.seen + _TOGETHER)]
            for exchange in some:
                self._count(exchange)
            self.seen += len(some)
        return self.seen == len(exchanges)

    def _count(self, exchange: Exchange) -> None:
        part = exchange.request
        if part.housekeeping:
            self._housekeeping += 1
            return
        if part.target.host is not None:
            self._hosts[part.target.host] += 1
        self._paths[part.target.path] += 1
        for prefix in _prefixes(part.target.path):
            self._paths[prefix] += 1
        self._clients[part.client_id] += 1
        recorder = recorder_of(part.event)
        if recorder is not None:
            self._recorders[recorder] += 1
        names = {cookie.name for cookie in part.cookies}
        names |= {held.cookie.name for held in part.withheld}
        names |= {absent.cookie.name for absent in part.missing}
        if exchange.response is not None:
            names |= {result.name for result in exchange.response.set_cookies}
        self._known |= names
        if exchange.server is not None:
            for read in exchange.server.reads:
                names.add(read.name)
                if read.where != "session" or read.value is not None:
                    self._known.add(read.name)
        self._cookies.update(names)

    def choices(self) -> tuple[Choice, ...]:
        """Return what was counted, by kind, the most frequent first.

        A session cookie that a framework looked for but that never occurred is left out, and so
        is what is less frequent than ``MOST`` others of its kind.
        """
        known = self._known
        cookies = Counter({name: n for name, n in self._cookies.items() if name in known})
        states = {state.client_id: state for state in tuple(self._trace.clients)}
        found = [
            *sorted(_counted("recorder", self._recorders), key=lambda choice: choice.value),
            *_counted("cookie", cookies),
            *_counted("host", self._hosts),
            *_counted("path", self._paths),
            *(
                Choice("client", client_id, client_text(states[client_id]), count)
                for client_id, count in self._clients.most_common(MOST)
                if client_id in states
            ),
        ]
        if self._housekeeping:
            label = "favicons and other automatic requests"
            found.append(Choice("housekeeping", "", label, self._housekeeping))
        return tuple(found)


def choices(trace: Trace) -> tuple[Choice, ...]:
    """Return everything to focus on, as ``ChoiceCount.choices`` does."""
    count = ChoiceCount(trace)
    count.read()
    return count.choices()


DOCTOR = "The doctor"
"""What texts call ``cookietrace doctor``, if its own requests are asked for."""


def client_name(state: ClientState) -> str:
    """Return what prose calls a client, e.g. ``Client 2``, or ``Firefox (over a port)``.

    Among several recorders, ``lab-07``, or ``lab-07's client 2`` if that is not its first one.
    """
    if not state.ordinal:
        return DOCTOR
    if state.recorder is not None:
        return recorder_client(state)
    if not state.label:
        return f"Client {state.ordinal}"
    again = "" if state.follows is None else f" (client {state.ordinal})"
    return f"{_labelled(state.label)}{again}"


def recorder_client(state: ClientState) -> str:
    """Return what texts call a client of one of several recorders."""
    name = shown(state.recorder or "")
    return name if state.place == 1 else f"{name}'s client {state.place}"


def client_text(state: ClientState) -> str:
    """Return a client in a few words, e.g. ``1 · Chrome 131 · 127.0.0.1``."""
    agent = browser_name(state.user_agent)
    parts = [str(state.ordinal), _labelled(state.label) if state.label else shown(agent)]
    if state.recorder is not None:
        parts[:1] = [recorder_client(state)]
    if state.follows is not None:
        parts.append("fresh browser")
    if state.peer:
        parts.append(shown(state.peer))
    return " · ".join(parts)


def _labelled(label: str) -> str:
    """Return what texts call a browser that was opened, of which the label has the program."""
    return shown(label[:1].upper() + label[1:])


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
    ordered = nsmallest(MOST, counter.items(), key=lambda item: (-item[1], item[0]))
    return [
        Choice(kind, value, shown(value) or "(no name)", count) for value, count in ordered if value
    ]


def _prefixes(path: str) -> list[str]:
    """Return ``/a/*`` for ``/a/b``: up to three folders above a path, without the root."""
    parts = path.split("/")[1:-1]
    return [f"/{'/'.join(parts[: i + 1])}/*" for i in range(min(len(parts), 3)) if parts[i]]
