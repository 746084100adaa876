"""What a capture tells of the clients: who asked what, and who refused the certificate."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from cookietrace.cookies import Target, parse_target
from cookietrace.doctor.facts import Seen, SeenClient, StrictHost, Unseen
from cookietrace.doctor.looking.own_word import SOURCES, Source
from cookietrace.doctor.programs import PROGRAMS, program_of, program_opened
from cookietrace.events import (
    Client,
    Event,
    Failure,
    Headers,
    Listener,
    Recorder,
    Request,
    Response,
)
from cookietrace.fold.housekeeping import is_doctor
from cookietrace.lesson.display_text import clip, shown
from cookietrace.stores import START, CaptureStore

_ENCRYPTED = frozenset({"https", "wss"})
_LONGEST_NAME = 40
_LONGEST_ORIGIN = 270
"""A host has 253 characters at most."""

_MOST_UNSEEN = 10_000
_MOST_HOSTS = 1000
"""The most hosts that are kept of one client."""

_HTTP3 = re.compile(r"(?:^|,)\s*h3(?:-\d+)?=")
_ADDRESS = re.compile(r"[A-Za-z0-9._%:\[\]-]+")
_MAX_AGE = re.compile(r'(?i)(?:^|;)\s*max-age\s*=\s*"?(\d+)')


class _Client:
    def __init__(self, event: Client) -> None:
        self.event = event
        self.requests = 0
        self.encrypted: set[str] = set()
        self.refused: Counter[str] = Counter()

    def seen(self) -> SeenClient:
        agent = self.event.user_agent
        opened = program_opened(self.event.label)
        program = opened or program_of(agent)
        name = PROGRAMS[program].title if program is not None else shown(agent or "")
        return SeenClient(
            program,
            name[:_LONGEST_NAME] or "A client without a name",
            self.requests,
            frozenset(self.encrypted),
            tuple(self.refused.most_common()),
            opened is not None,
        )


class CaptureReader:
    """Takes the events of a capture, in order."""

    def __init__(self, url: Target | None = None, sources: Sequence[Source] = SOURCES) -> None:
        """``sources`` tell the browsers' own word."""
        self._url = url
        self._sources = sources
        self._unseen: list[Unseen] = []
        self._clients: dict[str, _Client] = {}
        self._targets: dict[str, Target] = {}
        """The URLs of requests without a response yet."""
        self._requests = 0
        self._of_host = 0
        self._by_its_url = 0
        self._workers: set[str] = set()
        self._http3: set[str] = set()
        self._strict: dict[str, StrictHost] = {}
        self.listeners: tuple[Listener, ...] = ()
        """Where its latest recorder listens, or listened."""

    def apply(self, event: Event) -> None:
        """Take one event."""
        for source in self._sources:
            unseen = source(event)
            if unseen is not None and len(self._unseen) < _MOST_UNSEEN:
                self._unseen.append(unseen)
        match event:
            case Recorder(state="started"):
                # Commands that the user may copy name them, and a capture may be anyone's.
                self.listeners = tuple(
                    each for each in event.listeners if _ADDRESS.fullmatch(each.address)
                )
            case Client() if not is_doctor(event.user_agent):
                self._clients[event.client_id] = _Client(event)
            case Request() if event.client_id in self._clients:
                self._request(event)
            case Response():
                self._response(event)
            case Failure(kind="tls-client") if event.client_id in self._clients:
                refused = self._clients[event.client_id].refused
                if event.host is not None and len(refused) < _MOST_HOSTS:
                    refused[clip(shown(event.host), _LONGEST_ORIGIN)] += 1
            case _:
                pass

    def seen(self) -> Seen:
        """Return what was read so far."""
        return Seen(
            requests=self._requests,
            of_host=self._of_host,
            by_its_url=self._by_its_url,
            clients=tuple(client.seen() for client in self._clients.values()),
            workers=frozenset(self._workers),
            http3=frozenset(self._http3),
            strict=tuple(self._strict.values()),
        )

    def unseen(self) -> tuple[Unseen, ...]:
        """Return what browsers say that they requested, and that was not recorded."""
        return tuple(self._unseen)

    def _request(self, event: Request) -> None:
        target = parse_target(event.url)
        client = self._clients[event.client_id]
        client.requests += 1
        self._requests += 1
        host = target.host
        if host is None:
            return
        if self._leads_there(target):
            self._of_host += 1
            self._by_its_url += 1
        elif event.upstream is not None and self._leads_there(parse_target(event.upstream)):
            self._of_host += 1
        if target.scheme in _ENCRYPTED and len(client.encrypted) < _MOST_HOSTS:
            if not client.encrypted:
                client.refused.clear()  # it has come to trust the CA since
            client.encrypted.add(shown(host))
            self._settle_nameless(client.event, shown(host))
        if _first(event.headers, "service-worker") == "script":
            self._workers.add(clip(shown(target.origin), _LONGEST_ORIGIN))
        self._targets[event.exchange_id] = target

    def _leads_there(self, target: Target) -> bool:
        url = self._url
        return url is not None and (target.host, target.port) == (url.host, url.port)

    def _settle_nameless(self, by: Client, host: str) -> None:
        """Forget refusals of who did not say its name: most programs do so only within TLS."""
        for client in self._clients.values():
            event = client.event
            if event.user_agent is None and (event.listen, event.peer) == (by.listen, by.peer):
                client.refused.pop(host, None)

    def _response(self, event: Response) -> None:
        target = self._targets.pop(event.exchange_id, None)
        if target is not None and target.host is not None:
            self.offered(target, event.headers)

    def offered(self, target: Target, headers: Headers) -> None:
        """Take what a response says about other ways to its host."""
        host = target.host
        if host is None:
            return
        if _HTTP3.search(_first(headers, "alt-svc")):
            self._http3.add(host)
        lifetime = _MAX_AGE.search(_first(headers, "strict-transport-security"))
        if target.scheme in _ENCRYPTED and lifetime is not None:
            if lifetime[1].strip("0"):
                subdomains = (
                    "includesubdomains" in _first(headers, "strict-transport-security").lower()
                )
                self._strict[host] = StrictHost(host, subdomains, "the capture")
            else:
                self._strict.pop(host, None)


def read_store(store: CaptureStore, reader: CaptureReader) -> str:
    """Let a reader take all events of a capture, and return the position after the last one."""
    position = START
    while (batch := store.read(position)).events:
        read_events(batch.events, reader)
        position = batch.position
    return position


def read_events(events: Iterable[Event], reader: CaptureReader) -> CaptureReader:
    """Let a reader take events, and return it."""
    for event in events:
        reader.apply(event)
    return reader


def with_offers(seen: Seen, other: Seen) -> Seen:
    """Return what was seen, with what another reader learned of hosts."""
    return msgspec.structs.replace(
        seen, http3=seen.http3 | other.http3, strict=(*seen.strict, *other.strict)
    )


def _first(headers: Headers, name: str) -> str:
    """Return the first value of a header field, or nothing; ``name`` is in lower case."""
    return next((value for key, value in headers if key.lower() == name), "")
