"""The fold from a capture's events to a trace: exchanges with verdicts, jars, rows and notes.

The trace owns the jars, one per client. It reads no clock: its time is the highest ``at``
seen so far of the events on which verdicts depend. The same events always give the same trace,
whether the screen, an export, ``explain`` or a test folds them.

One thread applies events; others may read at the same time. Everything returned is frozen,
and sequences only grow or have items replaced by newer ones.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from operator import attrgetter
from typing import Literal

import msgspec

from cookietrace.archive import PLAIN, RequestColumns, RowLog, Shelf
from cookietrace.cookies import (
    PROFILES,
    Cookie,
    CookieKey,
    Outcome,
    Profile,
    Standing,
    StoreResult,
    parse_target,
    profile_for,
)
from cookietrace.errors import FormatError
from cookietrace.events import (
    Body,
    Browser,
    Capture,
    Client,
    Edited,
    Event,
    Failure,
    Jar,
    Listener,
    Recorder,
    Removed,
    Request,
    Response,
    Server,
    Session,
    Verdicts,
    recorder_of,
)
from cookietrace.fold.browser_word import BrowserWord, follows
from cookietrace.fold.carrying import (
    Numbering,
    OpenRequest,
    Unsettled,
    carried,
    cookies_of,
    jar_event,
    part_of,
    plain_jar_event,
    unsettled_of,
)
from cookietrace.fold.client import IN_A_ROW, ClientFold, Imagine
from cookietrace.fold.cut_notes import CutNotes
from cookietrace.fold.departures import SENDS_ON, Departures
from cookietrace.fold.effects import CHANGING
from cookietrace.fold.exchange import (
    ClientState,
    Exchange,
    JarChange,
    Note,
    NoteKind,
    RequestPart,
    ResponsePart,
    Row,
    RowKind,
    TraceUpdate,
)
from cookietrace.fold.housekeeping import is_doctor
from cookietrace.fold.jar_history import JarHistory, StoredChanges
from cookietrace.fold.notes import Notes, by_recorder
from cookietrace.fold.recorders import Recorders
from cookietrace.fold.swaps import two_jars_message
from cookietrace.fold.third_party import ThirdPartyNotes
from cookietrace.fold.timed import TIMED
from cookietrace.fold.unconfirmed import Settled
from cookietrace.fold.verdict_reading import ExchangeVerdicts, decode_record
from cookietrace.fold.verdict_replay import VerdictReplay

# As plain names, because looking up an enum member is slow in Python 3.11.
_EXCHANGE, _STORES, _REFUSED = RowKind.EXCHANGE, RowKind.STORES, RowKind.REFUSED
_REJECTED = Outcome.REJECTED

_TOGETHER = 16
"""How many events are applied for one update: about a quarter of a millisecond's work."""

_LATELY = 64
"""Among how many exchanges those are looked for that a browser explains later."""


class Trace:
    """The content of a capture, up to the last event applied."""

    # Python 3.11 is slower with the attributes of an object that has more than 30 of them.
    __slots__ = (
        "_added", "_all_clients", "_changed", "_clients_changed", "_clock", "_clocks", "_cuts",
        "_departures", "_folds", "_forced", "_imagine", "_last", "_notes", "_notes_told", "_open",
        "_ordinals", "_place", "_recorder_changed", "_recorder_names", "_recorders", "_replay",
        "_settled_by", "_shelf", "_suspected", "_third_party", "_turn", "_unsettled", "asked",
        "browser", "capture", "clients", "edited", "exchanges", "listeners", "position",
        "recorder", "requests", "rows", "settled",
    )  # fmt: skip

    def __init__(
        self, browser: str = "auto", shelf: Shelf = PLAIN, imagine: Imagine | None = None
    ) -> None:
        """Start empty. ``browser`` is a profile's name, or ``auto`` to choose by User-Agent.

        ``shelf`` makes the lists of exchanges, rows and changes. With ``imagine``, clients send
        what that says instead of what was recorded. Raises ``KeyError`` for a profile that does
        not exist.
        """
        self._imagine = imagine
        self._shelf = shelf
        self._forced: Profile | None = None if browser == "auto" else PROFILES[browser]
        self.asked = None if self._forced is None else self._forced.name
        """The profile that was asked for, whatever the clients are; None if each has its own."""
        self.position = 0
        """How many events have been applied, including one that is being applied."""
        self.capture: Capture | None = None
        self.recorder: Recorder | None = None
        """The latest event of a recorder other than a gap; None if there was none.

        Of several recorders, that of one which has not stopped.
        """
        self.listeners: tuple[Listener, ...] = ()
        self.settled = 0
        """How many events have been applied completely; other threads may rely on these."""
        self.exchanges = shelf.exchanges()
        """In the order of the requests."""
        self.rows = RowLog(shelf.details(), self.exchanges)
        """In the order in which they were added."""
        self.requests = RequestColumns()
        """What is asked of every request at once."""
        self.clients: list[ClientState] = []
        """In the order in which they appeared, without our own doctor."""
        self.browser = BrowserWord()
        """What browsers themselves said beside the exchanges."""
        self.edited = False
        """Whether anything was changed by hand on the wire."""
        self._notes = Notes()
        self._third_party = ThirdPartyNotes(self._notes)
        self._departures = Departures(self._notes)
        self._cuts = CutNotes(self._notes)
        self._last: Numbering = (0, 0)
        """The numbering of the last row, whether the trace holds it or not."""
        self._open: dict[str, OpenRequest] = {}
        """The requests before a cut that follow it."""
        self._unsettled: dict[str, Unsettled] = {}
        """The results before a cut that a later request may settle."""
        self._recorders = Recorders()
        self._recorder_names: set[str] = set()
        """The recorders that have a name: there is one, or several."""
        self._turn: str | None = None
        """The recorder of the event that is being applied; None for one without a name."""
        self._clock = 0.0
        """The highest ``at`` so far of this recorder: each has a clock of its own."""
        self._clocks: dict[str | None, float] = {}
        """Those of the other recorders."""
        self._place: int | None = None
        """Where the event that is being applied is in the capture."""
        self._folds: dict[str, ClientFold] = {}
        self._all_clients: list[ClientState] = []
        """The doctor, too."""
        self._ordinals: dict[str, int] = {}
        """The place of each client among those, from 1."""
        self._suspected: set[str] = set()
        self._replay: VerdictReplay | None = None
        self._settled_by: dict[str, tuple[str, ...]] = {}
        """In a replay, a request without its verdicts -> the exchanges that it settles."""
        self._changed: dict[str, None] = {}
        """The exchanges that have changed since the last update, in order."""
        self._added: list[Row] = []
        """The rows that were added since then."""
        self._notes_told = 0
        """How many notes there were then."""
        self._clients_changed = False
        self._recorder_changed = False

    # --- reading

    @property
    def notes(self) -> Sequence[Note]:
        """The notes on the trace as a whole, in the order in which they were added."""
        return self._notes.all

    @property
    def notes_ended(self) -> Sequence[int]:
        """The indices of the notes that no longer apply, in the order in which they ended."""
        return self._notes.ended

    @property
    def clock(self) -> float:
        """The highest time so far of an event that counts, in Unix time; 0 before the first."""
        return self._clock

    def exchange(self, exchange_id: str) -> Exchange:
        """Return one exchange. Raises ``KeyError`` if there is none."""
        exchange = self.find(exchange_id)
        if exchange is None:
            raise KeyError(exchange_id)
        return exchange

    def find(self, exchange_id: str) -> Exchange | None:
        """Return one exchange; None if there is none."""
        return self.exchanges.find(exchange_id)

    def client(self, client_id: str) -> ClientState:
        """Return one client. Raises ``KeyError`` if there is none."""
        return self._all_clients[self._ordinals[client_id] - 1]

    def client_of(self, number: int) -> ClientState:
        """Return the client of the exchange with a number."""
        return self._all_clients[self.requests.client(number) - 1]

    def jar_at(self, client_id: str, position: int) -> tuple[Cookie, ...]:
        """Return a client's jar after ``position`` events, sorted by domain, path and name."""
        return self._history(client_id).at(position)

    def jar_changes(self, client_id: str) -> Sequence[JarChange]:
        """Return every change to a client's jar so far."""
        return self._history(client_id).changes

    def changes_at(self, client_id: str, position: int) -> Sequence[JarChange]:
        """Return what the event at a position changed in a client's jar."""
        return self._history(client_id).made_at(position)

    def stored(self, client_id: str, key: CookieKey) -> StoredChanges:
        """Return the changes in which a response stored the client's cookie with this key."""
        return self._history(client_id).stored(key)

    def _history(self, client_id: str) -> JarHistory:
        if self._replay is not None:
            return self._replay.history(client_id)
        return self._fold(client_id).history

    # --- cutting

    def jars(self, removed: Removed | None) -> tuple[Jar, ...]:
        """Return an event for each client, to begin a capture with instead of all so far.

        Requests without response must follow them. ``removed`` is what the events say about it.
        """
        return tuple([self._jar_of(fold, removed) for fold in self._folds.values()])

    @property
    def open_exchanges(self) -> tuple[str, ...]:
        """The exchanges whose response may still come, in the order of their requests."""
        if self._replay is not None:
            return tuple(
                [
                    each.exchange_id
                    for each in self.exchanges
                    if each.response is None and each.failure is None
                ]
            )
        names = [name for fold in self._folds.values() for name in fold.open]
        known = ((self.exchanges.number(name), name) for name in names)
        return tuple(name for _, name in sorted((one, name) for one, name in known if one))

    @property
    def awaits_open(self) -> bool:
        """Whether requests still follow that a ``jar`` event has announced."""
        return bool(self._open)

    @property
    def removed(self) -> Removed | None:
        """What is missing before the first event; None if nothing is."""
        return self._cuts.removed

    def cut(self, removed: Removed | None) -> TraceUpdate:
        """Note that events which are in this trace are no longer in the capture."""
        self._cuts.removed_before(removed, self.position)
        return self._update()

    def _jar_of(self, fold: ClientFold, removed: Removed | None) -> Jar:
        client_id = fold.client_id
        at = self._clock_of(self.client(client_id).recorder)
        if self._replay is not None:
            found = [self.exchange(name) for name in self.open_exchanges]
            still_open = [each for each in found if each.request.client_id == client_id]
            cookies = self._replay.history(client_id).at(self.position)
            return plain_jar_event(
                client_id, cookies, still_open, at=at, last=self._last, removed=removed
            )
        names = (*fold.open, *fold.differing)
        return jar_event(
            fold,
            {name: self.exchange(name) for name in names if self._is_known(name)},
            [
                unsettled_of(self.exchange(name))
                if self._is_known(name)
                else self._unsettled.get(name, Unsettled(name, ()))
                for name in fold.doubted
            ],
            at=at,
            last=self._last,
            removed=removed,
            two_jars=fold.swaps.on_other_connections if client_id in self._suspected else None,
            third_party=self._third_party.noted(client_id),
        )

    # --- applying

    def apply(
        self, event: Event, place: int | None = None, *, passed_over: bool = False
    ) -> TraceUpdate:
        """Apply one event and return what it changed. Raises nothing.

        ``place`` is where the event is in its capture, for a shelf that reads it again from there.
        An event that is ``passed_over`` is only counted.
        """
        self._apply(event, place, passed_over)
        return self._update()

    def apply_all(self, events: Iterable[tuple[Event, int | None]]) -> Iterator[TraceUpdate]:
        """Apply events, each with its place, and yield what a few of them at a time have changed.

        They are applied as the updates are taken.
        """
        left = iter(events)
        while some := list(islice(left, _TOGETHER)):
            for event, place in some:
                self._apply(event, place, False)
            yield self._update()

    def pass_over(self, event: Event) -> None:
        """Count an event on which no verdict depends, and whose content nobody will ask for."""
        self._apply(event, None, True)
        self.settled = self.position

    def _apply(self, event: Event, place: int | None, passed_over: bool) -> None:
        self._place = place
        self.position += 1
        kind = type(event)
        if self._recorder_names or (kind in _NAMED and event.recorder):  # type: ignore[union-attr]
            self._take_turn(event)
        exchange = None
        if kind is Response:
            exchange = self.exchanges.find(event.exchange_id)  # type: ignore[union-attr,arg-type]
        if exchange is not None or kind in _TIMED:
            at = event.at  # type: ignore[union-attr]
            if at < self._clock or self._notes.behind:
                self._notes.clock(self._clock - at, self.position, self._turn)
            if at > self._clock:
                self._clock = at
        if not passed_over:
            if exchange is not None:
                self._response(event, exchange)  # type: ignore[arg-type]
            else:
                applier = _APPLIERS.get(kind)
                if applier is not None:
                    applier(self, event)

    def _update(self) -> TraceUpdate:
        """Return what has changed since the last update."""
        changed, self._changed = self._changed, {}
        rows, self._added = self._added, []
        told, self._notes_told = self._notes_told, len(self._notes.all)
        update = TraceUpdate(
            self.position,
            tuple(changed),
            tuple(rows),
            tuple(self._notes.all[told:]),
            self._clients_changed,
            self._recorder_changed,
        )
        self._clients_changed = self._recorder_changed = False
        self.settled = self.position
        return update

    def _take_turn(self, event: Event) -> None:
        """Go by the clock of the recorder that an event comes from."""
        name = self._source(event)
        if name is not None:
            self._recorder_names.add(name)
        if name != self._turn:
            self._clocks[self._turn] = self._clock
            self._clock = self._clocks.get(name, 0.0)
            self._turn = name

    def _clock_of(self, recorder: str | None) -> float:
        return self._clock if recorder == self._turn else self._clocks.get(recorder, 0.0)

    def _source(self, event: Event) -> str | None:
        """Return the recorder that an event comes from."""
        if isinstance(event, Client | Recorder | Request):
            return recorder_of(event)
        exchange_id = getattr(event, "exchange_id", None)
        number = None if exchange_id is None else self.exchanges.number(exchange_id)
        if number is not None:
            return self.client_of(number).recorder
        ordinal = self._ordinals.get(getattr(event, "client_id", None) or "")
        return self._turn if ordinal is None else self._all_clients[ordinal - 1].recorder

    def _note(self, kind: NoteKind, message: str, client_id: str | None = None) -> None:
        self._notes.add(kind, self.position, message, client_id=client_id)

    def _capture(self, event: Capture) -> None:
        if self.capture is not None:
            return
        self.capture = event
        self._recorder_changed = True
        if event.redacted:
            self._replay = VerdictReplay(self.exchanges, self._shelf)
            message = (
                "Cookie values are replaced by tokens here; the verdicts are based on the real "
                "values."
            )
            self._note(NoteKind.REDACTED, message)

    def _recorder(self, event: Recorder) -> None:
        self._recorder_changed = True
        if event.state == "gap":
            message = event.message or "Some traffic was not recorded."
            self._note(NoteKind.GAP, by_recorder(self._turn, message))
        else:
            self._recorders.apply(event)
            self.recorder = self._recorders.latest
            if event.state == "started":
                self.listeners = self._recorders.listeners
                for state in self._all_clients:
                    if state.recorder == self._turn:
                        self._folds[state.client_id].forget_open()

    def _client(self, event: Client) -> None:
        if event.client_id in self._folds:
            return
        self._clients_changed = True
        self._departures.client(event)
        profile = self._forced or profile_for(event.user_agent)
        fold = ClientFold(event.client_id, profile, self._new_history())
        fold.imagine = self._imagine
        self._folds[event.client_id] = fold
        self._ordinals[event.client_id] = len(self._all_clients) + 1
        name, doctor = recorder_of(event), is_doctor(event.user_agent)
        state = ClientState(
            client_id=event.client_id,
            ordinal=0 if doctor else len(self.clients) + 1,
            listen=event.listen,
            peer=event.peer,
            user_agent=event.user_agent,
            label=event.label,
            profile=profile.name,
            version=profile.version,
            first_at=event.at,
            recorder=name,
            place=0 if doctor or name is None else self._next_place(name),
        )
        self._all_clients.append(state)
        if not doctor:
            self.clients.append(state)
        if profile.doubtful:
            self._old_browser(profile, event.client_id)

    def _next_place(self, recorder: str) -> int:
        return 1 + sum(state.recorder == recorder for state in self.clients)

    def _is_known(self, exchange_id: str) -> bool:
        return self.exchanges.number(exchange_id) is not None

    def _new_history(self) -> JarHistory:
        return JarHistory(self._shelf.changes())

    def _old_browser(self, profile: Profile, client_id: str) -> None:
        """Note that too little is known about a browser."""
        browser = "an old browser"
        if profile.version is not None:
            browser = f"an old version of its browser ({profile.name} {profile.version:g})"
        message = (
            f"What is said about client {len(self.clients)}'s cookies is a guess: it is {browser}, "
            "about which too little is known."
        )
        self._note(NoteKind.OLD_BROWSER, message, client_id)

    def _session(self, event: Session) -> None:
        """Record that a client is a fresh browser instead of another one.

        Its jar is empty, since it is a client of its own. Without its ``client`` event it is like
        the one that it follows.
        """
        if event.follows not in self._folds or event.follows == event.client_id:
            return
        earlier = self.client(event.follows)
        if event.client_id not in self._folds:
            self._client(
                Client(
                    client_id=event.client_id,
                    at=event.at,
                    listen=earlier.listen,
                    peer=earlier.peer,
                    user_agent=earlier.user_agent,
                    label=earlier.label,
                    recorder=_named(earlier.recorder),
                )
            )
        state = self.client(event.client_id)
        if state.follows is not None:
            return
        state = msgspec.structs.replace(state, follows=event.follows)
        self._all_clients[self._ordinals[state.client_id] - 1] = state
        if state.ordinal:
            self.clients[state.ordinal - 1] = state
        message = (
            f"A fresh browser from here on: client {state.ordinal} takes over from client "
            f"{earlier.ordinal}, with an empty jar."
        )
        self._note(NoteKind.FRESH_BROWSER, message, event.client_id)
        self._clients_changed = True

    def _jar(self, event: Jar) -> None:
        """Take a client as it is here, whatever came before."""
        before = self._fold(event.client_id)
        self._last = max(self._last, (event.step, max(0, event.aside)))
        self._cuts.removed_before(event.removed, self.position)
        judged: Mapping[str, ExchangeVerdicts] = {}
        if self._replay is not None:
            self._replay.history(event.client_id).begin(self.position, cookies_of(event))
        else:
            client = carried(event, before.profile, before.history, self.position)
            self._folds[event.client_id], judged = client.fold, client.judged
            client.fold.imagine = self._imagine
            self._unsettled.update({each.exchange_id: each for each in client.unsettled})
            if client.problem is not None:
                self._cuts.forgotten(client.problem, event, self.position)
            if client.two_jars is not None:
                self._two_jars(event.client_id, self.position, client.two_jars)
            if client.third_party is not None:
                self._third_party.carried(event.client_id, client.third_party, self.position)
        for each in event.open:
            if not self._is_known(each.exchange_id):
                numbering = max(0, each.step), max(0, each.aside)
                verdicts = judged.get(each.exchange_id)
                self._open[each.exchange_id] = OpenRequest(numbering, verdicts)

    def _open_request(self, event: Request, request: OpenRequest) -> None:
        """Enter a request that was made and judged before a cut."""
        fold = self._fold(event.client_id)
        part = part_of(request, event, parse_target(event.url), self.position, fold)
        last, (number, aside) = self._last, request.numbering
        row = self._next_row(_EXCHANGE, part)
        if number or aside:
            row, self._last = msgspec.structs.replace(row, number=number, aside=aside), last
        self._add(Exchange(len(self.exchanges) + 1, part, row))

    def _fold(self, client_id: str) -> ClientFold:
        """Return a client's fold; make one if its ``client`` event was lost."""
        if client_id not in self._folds:
            self._client(
                Client(
                    client_id=client_id,
                    at=self._clock,
                    listen="",
                    peer="",
                    user_agent=None,
                    recorder=_named(self._turn),
                )
            )
        return self._folds[client_id]

    def _request(self, event: Request) -> None:
        exchange_id = event.exchange_id
        if self.exchanges.number(exchange_id) is not None:
            return
        if exchange_id in self._open:
            self._open_request(event, self._open.pop(exchange_id))
            return
        fold = self._folds.get(event.client_id)
        if fold is None:
            fold = self._fold(event.client_id)
        target = parse_target(event.url)
        if self._notes.failed:
            self._notes.connected(event.client_id, target)
        if self._replay is None:
            part = fold.request(event, target, self.position, self._clock)
        else:
            part = self._replay.request(event, target, self.position, fold.profile.name)
        row = self._next_row(_EXCHANGE, part)
        exchange = Exchange(len(self.exchanges) + 1, part, row)
        self._add(exchange)
        if self.browser.waiting and not row.aside:
            self.browser.requested(exchange_id, event.client_id, target, event.at)
        settled: tuple[str, ...] = ()
        if fold.settled or self._replay is not None:
            settled = self._settle(fold, exchange_id)
        if fold.swaps.suspicious:
            self._suspect(fold)
        if self._replay is not None:
            self._settled_by[exchange_id] = settled
        elif part.context.third_party is not None or settled:
            self._third_parties(exchange, settled)

    def _third_parties(self, exchange: Exchange, settled: Iterable[str]) -> None:
        """Note it if a request shows what its client does with third-party cookies."""
        earlier = [self.exchange(exchange_id) for exchange_id in settled]
        self._third_party.request(exchange, earlier, exchange.request.position)

    def _add(self, exchange: Exchange) -> None:
        """Add an exchange and its row."""
        part = exchange.request
        self._changed[part.event.exchange_id] = None
        self._added.append(exchange.row)
        self.requests.add(self.position, self._ordinals[part.event.client_id], part.target)
        self.exchanges.add(exchange, self._place)
        self.rows.add(exchange.row, exchange.number)

    def _suspect(self, fold: ClientFold) -> None:
        """Note it, once per client, if two jars seem to alternate in it."""
        self._two_jars(fold.client_id, self.position, fold.swaps.on_other_connections)

    def _two_jars(self, client_id: str, position: int, on_other_connections: bool) -> None:
        if client_id not in self._suspected:
            self._suspected.add(client_id)
            message = two_jars_message(on_other_connections=on_other_connections)
            self._notes.add(NoteKind.TWO_JARS, position, message, client_id=client_id)

    def _settle(self, fold: ClientFold, by: str) -> tuple[str, ...]:
        """Enter what a request shows about the Set-Cookie lines of earlier responses.

        Adds one row for each that turned out wrong, and returns the ids of those exchanges that
        have changed.
        """
        changed = []
        settled: Iterable[tuple[str, tuple[StoreResult, ...]]]
        if self._replay is not None:
            settled = self._replay.settled_by(by)
        else:  # one at a time: two may be about the lines of one response
            settled = (
                (each.exchange_id, _settled(self.exchange(each.exchange_id), by, each))
                for each in fold.take_settled()
                if self._is_known(each.exchange_id) or self._settle_cut_off(each, by)
            )
        for exchange_id, results in settled:
            exchange = self.exchange(exchange_id)
            response = exchange.response
            assert response is not None
            if results != response.set_cookies:
                changed.append(exchange_id)
                response = msgspec.structs.replace(response, set_cookies=results)
                self.rows.pin(exchange.number)
                self._keep(msgspec.structs.replace(exchange, response=response))
            refuted = [
                line
                for line, result in enumerate(results)
                if result.standing is Standing.REFUTED
                and result.settled_by == by
                and result.outcome in IN_A_ROW
            ]
            if refuted:
                shower = self.exchange(by)
                self._row(RowKind.REFUTED, shower, results, refuted, exchange_id)
        self._changed.update(dict.fromkeys(changed))
        return tuple(changed)

    def _settle_cut_off(self, shown: Settled, by: str) -> Literal[False]:
        """Leave out the number of the row that tells what an exchange before a cut did."""
        unsettled = self._unsettled.get(shown.exchange_id)
        if unsettled is not None:
            refuted, self._unsettled[shown.exchange_id] = unsettled.after(shown)
            if refuted:
                self._next_row(RowKind.REFUTED, self.exchange(by).request)
        return False

    def _row(
        self,
        kind: RowKind,
        exchange: Exchange,
        of: tuple[StoreResult, ...],
        lines: list[int],
        refutes: str | None = None,
    ) -> None:
        """Add a row of an exchange, with the results ``of`` a response at some of its lines."""
        results = of if len(lines) == len(of) else tuple([of[line] for line in lines])
        row = self._next_row(kind, exchange.request, results, refutes, tuple(lines))
        self.rows.add(row, exchange.number)
        self._added.append(row)

    def _next_row(
        self,
        kind: RowKind,
        part: RequestPart,
        results: tuple[StoreResult, ...] = (),
        refutes: str | None = None,
        lines: tuple[int, ...] = (),
    ) -> Row:
        number, aside = self._last
        if part.housekeeping:
            aside += 1
        else:
            number, aside = number + 1, 0
        self._last = number, aside
        index, exchange_id = len(self.rows), part.event.exchange_id
        return Row(index, kind, exchange_id, self.position, results, refutes, number, aside, lines)

    def _response(self, event: Response, exchange: Exchange) -> None:
        if exchange.response is not None:
            return
        part = exchange.request
        self._changed[event.exchange_id] = None
        response: ResponsePart
        problem: str | None = None
        if self._replay is None:
            fold = self._folds[part.event.client_id]
            if fold.awaits_explanation:
                self._explain(fold, event, part)
            response = fold.response(event, part, self.position, self._clock)
        else:
            response, problem = self._replay.response(event, part, self.position)
        self.exchanges.keep(msgspec.structs.replace(exchange, response=response), self._place)
        if problem is not None:
            self._lost_verdicts(exchange, problem)
        if event.status_code in SENDS_ON:
            listeners = self._recorders.listeners_of(self._turn)
            self._departures.response(event, exchange, listeners, self.position)
        if response.set_cookies:
            self._add_rows(exchange, response.set_cookies)

    def _add_rows(self, exchange: Exchange, results: tuple[StoreResult, ...]) -> None:
        """Add the rows that tell what a response stored and what was refused."""
        stored = [line for line, result in enumerate(results) if result.outcome in CHANGING]
        if stored:
            self._row(_STORES, exchange, results, stored)
        if len(stored) < len(results):
            for line, result in enumerate(results):
                if result.outcome is _REJECTED:
                    self._row(_REFUSED, exchange, results, [line])

    def _explain(self, fold: ClientFold, event: Response, part: RequestPart) -> None:
        """Withdraw what a response explains of earlier exchanges."""
        for exchange_id, names in fold.explained(event, part, self._clock).items():
            if self._is_known(exchange_id):
                self._withdraw(fold, exchange_id, names)
                self._changed[exchange_id] = None
            else:
                fold.withdraw_cut_off(exchange_id, names, event.exchange_id, self.position)

    def _withdraw(self, fold: ClientFold, exchange_id: str, names: Collection[str]) -> None:
        """Withdraw an earlier request's verdicts on the cookies that a response sets."""
        exchange = self.exchange(exchange_id)
        part = fold.withdraw(exchange, names, self.position)
        self._keep(msgspec.structs.replace(exchange, request=part))

    def _body(self, event: Body) -> None:
        exchange = self.exchanges.find(event.exchange_id)
        if exchange is None:
            return
        if event.of == "request":
            exchange = msgspec.structs.replace(exchange, request_body=event)
        else:
            exchange = msgspec.structs.replace(exchange, response_body=event)
        self._changed[event.exchange_id] = None
        self.exchanges.keep(exchange, self._place)

    def _server(self, event: Server) -> None:
        exchange = self.exchanges.find(event.exchange_id)
        if exchange is not None:
            self._gain(msgspec.structs.replace(exchange, server=event))

    def _browser(self, event: Browser) -> None:
        name = event.exchange_id
        exchange = None if name is None else self.exchanges.find(name)
        self.browser.apply(event, known=exchange is not None)
        self._changed.update(dict.fromkeys((*self._carrying(event), *self._tried(event))))
        if event.restarted and event.client_id in self._folds:
            self._restarted(event, event.client_id)
        elif exchange is not None:
            self._gain(msgspec.structs.replace(exchange, browser=event))

    def _restarted(self, event: Browser, client_id: str) -> None:
        """Note that a browser was started again; it is known only after its first requests."""
        message = (
            f"The browser of client {self.client(client_id).ordinal} is gone, and another was "
            "started in its place. Cookies without Expires or Max-Age are then gone, unless it "
            "restores its last session; the others are still there if its profile is the same."
        )
        lacking = (
            each.exchange_id
            for each in self.exchanges[max(0, len(self.exchanges) - _LATELY) :]
            if each.request.client_id == client_id
            and each.request.missing
            and each.request.at >= event.said_at
        )
        self._changed.update(dict.fromkeys(lacking))
        self._note(NoteKind.RESTARTED, message, client_id)

    def _carrying(self, event: Browser) -> tuple[str, ...]:
        """Return the latest exchanges whose cookies are explained by what scripts wrote.

        A browser may say so only after the request that carried them.
        """
        written = {(each.name, each.value) for each in event.changes if each.kind == "added"}
        if not written:
            return ()
        return tuple(
            each.exchange_id
            for each in self.exchanges[max(0, len(self.exchanges) - _LATELY) :]
            if each.exchange_id != event.exchange_id
            and each.request.client_id == event.client_id
            and any((one.name, one.value) in written for one in each.request.cookies)
        )

    def _tried(self, event: Browser) -> tuple[str, ...]:
        """Enter what scripts wrote and the browser did not store; return whose exchanges change.

        It is told with the next request to that host, which may have been made already.
        """
        changed = []
        lately = self.exchanges[max(0, len(self.exchanges) - _LATELY) :] if event.tried else ()
        for client_id, attempt in self.browser.tried(event):
            for each in lately:
                part = each.request
                if (
                    part.client_id == client_id
                    and each.row.step is not None
                    and follows(attempt, part.target, part.at)
                ):
                    self.browser.attempt(each.exchange_id, attempt)
                    changed.append(each.exchange_id)
                    break
            else:
                self.browser.wait(client_id, attempt)
        return tuple(changed)

    def _edited(self, event: Edited) -> None:
        exchange = self.exchanges.find(event.exchange_id)
        if exchange is not None:
            self.edited = True
            self._gain(msgspec.structs.replace(exchange, edited=(*exchange.edited, event)))

    def _failure(self, event: Failure) -> None:
        exchange = self.find(event.exchange_id) if event.exchange_id is not None else None
        if exchange is None and event.exchange_id is not None and self.removed is not None:
            return  # its exchange had a response, and was cut off
        if exchange is None:
            self._notes.connection_failed(event, self.position)
            return
        self._folds[exchange.request.client_id].failed(exchange.exchange_id)
        self._gain(msgspec.structs.replace(exchange, failure=event))

    def _verdicts(self, event: Verdicts) -> None:
        exchange = self.exchanges.find(event.exchange_id)
        if exchange is None or self._replay is None:
            return
        try:
            verdicts = decode_record(event.content)
            fits = self._replay.revision_misfit if event.revised else self._replay.misfit
            problem = fits(verdicts, exchange)
        except FormatError as error:
            problem = str(error)
        if problem is not None:
            self._lost_verdicts(exchange, problem)
            return
        self._changed[event.exchange_id] = None
        if event.revised:
            self.rows.pin(exchange.number)
            self._keep(self._replay.revised(verdicts, exchange))
            return
        part = self._replay.verdicts(verdicts, exchange.request)
        exchange = msgspec.structs.replace(exchange, request=part)
        self._keep(exchange)
        if verdicts.two_jars is not None:
            self._two_jars(part.client_id, part.position, verdicts.two_jars)
        settled = self._settled_by.pop(event.exchange_id, ())
        if part.context.third_party is not None or settled:
            self._third_parties(exchange, settled)

    def _lost_verdicts(self, exchange: Exchange, problem: str) -> None:
        message = f"The verdicts on exchange {exchange.number} cannot be used: {problem}."
        self._note(NoteKind.VERDICTS_LOST, message)

    def _keep(self, exchange: Exchange) -> None:
        """Put a newer version of an exchange in its place."""
        self.exchanges.keep(exchange)

    def _gain(self, exchange: Exchange) -> None:
        """The same for one that has gained the event that is being applied."""
        self._changed[exchange.exchange_id] = None
        self.exchanges.keep(exchange, self._place)


_TIMED = frozenset(TIMED) - {Response}
"""Those that count by themselves: a response does if its request is known."""

_NAMED = frozenset({Client, Recorder, Request})
"""The events that can name their recorder."""

_APPLIERS: dict[type, Callable[..., None]] = {
    Capture: Trace._capture,
    Recorder: Trace._recorder,
    Client: Trace._client,
    Session: Trace._session,
    Jar: Trace._jar,
    Request: Trace._request,
    Body: Trace._body,
    Server: Trace._server,
    Failure: Trace._failure,
    Verdicts: Trace._verdicts,
    Browser: Trace._browser,
    Edited: Trace._edited,
}


def _named(recorder: str | None) -> str | msgspec.UnsetType:
    return msgspec.UNSET if recorder is None else recorder


def _settled(exchange: Exchange, by: str, shown: Settled) -> tuple[StoreResult, ...]:
    """Return an exchange's results, given whether the client took its Set-Cookie lines."""
    assert exchange.response is not None
    return tuple(
        msgspec.structs.replace(
            result,
            standing=(
                Standing.CONFIRMED
                if shown.taken is (result.outcome is not Outcome.REJECTED)
                else Standing.REFUTED
            ),
            settled_by=by,
        )
        if result.standing is Standing.UNCONFIRMED and result.rests_on is shown.rests_on
        else result
        for result in exchange.response.set_cookies
    )


def fold(events: Iterable[Event], browser: str = "auto") -> Trace:
    """Return the trace of all events."""
    trace = Trace(browser)
    for _ in trace.apply_all((event, None) for event in events):
        pass
    return trace


_exchanges, _rows, _notes = map(attrgetter, ("exchanges", "rows", "notes"))
_clients, _recorder = map(attrgetter, ("clients", "recorder"))


def merge_updates(updates: Sequence[TraceUpdate]) -> TraceUpdate:
    """Return one update that combines several, given in order."""
    if len(updates) == 1:
        return updates[0]
    return TraceUpdate(
        position=updates[-1].position if updates else 0,
        exchanges=tuple(dict.fromkeys(chain.from_iterable(map(_exchanges, updates)))),
        rows=tuple(chain.from_iterable(map(_rows, updates))),
        notes=tuple(chain.from_iterable(map(_notes, updates))),
        clients=any(map(_clients, updates)),
        recorder=any(map(_recorder, updates)),
    )
