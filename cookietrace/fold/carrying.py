"""Carries a client across a cut: its fold as a ``jar`` event, and a fold from such an event.

The event holds the jar's cookies as anyone may read them, and beside them a memory: the pages,
connections, doubts and open requests on which later verdicts depend. With both, every later
verdict is the one that the whole capture gives. A memory of another version is left unused:
what the first requests after it say about their context is less certain then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from cookietrace.cookies import (
    Cookie,
    Outcome,
    Profile,
    RestsOn,
    Standing,
    Target,
    ThirdParty,
)
from cookietrace.cookies.jar import SavedJar
from cookietrace.errors import FormatError
from cookietrace.events import Jar, JarCookie, OpenExchange, Removed, Request
from cookietrace.fold.client import IN_A_ROW, ClientFold
from cookietrace.fold.exchange import Exchange, RequestPart
from cookietrace.fold.jar_history import JarHistory
from cookietrace.fold.saved_client import SavedClient
from cookietrace.fold.unconfirmed import Settled
from cookietrace.fold.verdict_reading import ExchangeVerdicts, decode_record
from cookietrace.fold.verdict_record import VerdictRecord, encode_record, record_of
from cookietrace.fold.verdict_replay import VerdictReplay, request_misfit, with_verdicts

VERSION = 1
"""The version of the memory that is written, and the only one that is read."""


class Unsettled(msgspec.Struct, frozen=True, gc=False):
    """Results before a cut that a later request may settle, so that a row tells of it."""

    exchange_id: str
    results: tuple[tuple[bool, RestsOn], ...]
    """For each whether the line was rejected, and what is not known about it."""

    def after(self, shown: Settled) -> tuple[bool, Unsettled]:
        """Return whether something turned out to be wrong, and what is still unsettled."""
        about = [rejected for rejected, rests_on in self.results if rests_on is shown.rests_on]
        left = tuple([each for each in self.results if each[1] is not shown.rests_on])
        return shown.taken in about, Unsettled(self.exchange_id, left)


class Memory(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What later verdicts depend on besides the cookies of the jar."""

    version: int
    client: SavedClient
    """Without the cookies, which are in the event."""
    judged: tuple[msgspec.Raw, ...] = ()
    """The verdicts on the open exchanges: they were judged by an earlier jar."""
    unsettled: tuple[Unsettled, ...] = ()
    two_jars: bool | None = None
    """Not None if a second jar is suspected: whether it came on other connections."""
    third_party: ThirdParty | None = None
    """What a note has said about the client and third-party cookies."""


Numbering = tuple[int, int]
"""The ``number`` and ``aside`` of a row."""


class Carried(msgspec.Struct):
    """A client as an event carried it."""

    fold: ClientFold
    judged: dict[str, ExchangeVerdicts]
    """The verdicts on the open exchanges whose requests follow."""
    unsettled: tuple[Unsettled, ...] = ()
    two_jars: bool | None = None
    third_party: ThirdParty | None = None
    problem: str | None = None
    """Why the memory could not be used; None if it was, or if there is none."""


class OpenRequest(msgspec.Struct, frozen=True, gc=False):
    """A request that follows a ``jar`` event out of its place."""

    numbering: Numbering
    verdicts: ExchangeVerdicts | None
    """None if they are not known."""


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Memory)


class _Version(msgspec.Struct):
    version: int = 0


def jar_event(
    fold: ClientFold,
    exchanges: Mapping[str, Exchange],
    unsettled: Iterable[Unsettled],
    *,
    at: float,
    last: Numbering,
    removed: Removed | None,
    two_jars: bool | None,
    third_party: ThirdParty | None,
) -> Jar:
    """Return a client as an event.

    ``exchanges`` are those that ``fold`` names as open or differing, as far as the trace holds
    them, and ``unsettled`` are results that a request may settle. ``at`` is the trace's clock and
    ``last`` the numbering of its last row.
    """
    differing = fold.differing
    parts = {name: exchanges[name].request for name in differing if name in exchanges}
    client = fold.saved(parts, at)
    still_open = [exchanges[name] for name in fold.open if name in exchanges]
    memory = Memory(
        version=VERSION,
        client=msgspec.structs.replace(client, jar=msgspec.structs.replace(client.jar, cookies=())),
        judged=tuple([msgspec.Raw(encode_record(_record(each))) for each in still_open]),
        unsettled=tuple(unsettled),
        two_jars=two_jars,
        third_party=third_party,
    )
    return Jar(
        client_id=fold.client_id,
        at=at,
        cookies=tuple(map(_entry, client.jar.cookies)),
        removed=removed,
        step=last[0],
        aside=last[1],
        open=tuple(map(open_exchange, still_open)),
        memory=msgspec.Raw(_encoder.encode(memory)),
    )


def unsettled_of(exchange: Exchange) -> Unsettled:
    """Return the results of an exchange that a later request may settle and a row tell of."""
    results = () if exchange.response is None else exchange.response.set_cookies
    return Unsettled(
        exchange.exchange_id,
        tuple(
            [
                (result.outcome is Outcome.REJECTED, result.rests_on)
                for result in results
                if result.standing is Standing.UNCONFIRMED
                and result.rests_on is not None
                and result.outcome in IN_A_ROW
            ]
        ),
    )


def plain_jar_event(
    client_id: str,
    cookies: Iterable[Cookie],
    still_open: Iterable[Exchange],
    *,
    at: float,
    last: Numbering,
    removed: Removed | None,
) -> Jar:
    """Return the event for a client of which no more than its cookies is known.

    That is so in a redacted capture, whose verdicts are in it, and of a jar from elsewhere.
    """
    return Jar(
        client_id=client_id,
        at=at,
        cookies=tuple(map(_entry, cookies)),
        removed=removed,
        step=last[0],
        aside=last[1],
        open=tuple(map(open_exchange, still_open)),
    )


def open_exchange(exchange: Exchange) -> OpenExchange:
    """Return what a ``jar`` event says about an exchange without response."""
    return OpenExchange(
        exchange_id=exchange.exchange_id, step=exchange.row.number, aside=exchange.row.aside
    )


def cookies_of(event: Jar) -> tuple[Cookie, ...]:
    """Return the cookies that an event carries."""
    return tuple([msgspec.convert(entry, Cookie, from_attributes=True) for entry in event.cookies])


def carried(event: Jar, profile: Profile, history: JarHistory, position: int) -> Carried:
    """Return the client that an event carries. ``history`` is that of its jar so far."""
    saved, memory, problem = SavedClient(jar=SavedJar(cookies_of(event))), None, None
    if bytes(event.memory) != b"null":
        try:
            memory = _read(event.memory)
            judged = {each.exchange_id: each for each in map(decode_record, memory.judged)}
            jar = msgspec.structs.replace(memory.client.jar, cookies=saved.jar.cookies)
            whole = msgspec.structs.replace(memory.client, jar=jar)
            fold = ClientFold(event.client_id, profile, history)
            fold.restore(whole, position)
            return Carried(fold, judged, memory.unsettled, memory.two_jars, memory.third_party)
        except (FormatError, IndexError) as error:
            problem = str(error) if isinstance(error, FormatError) else "its parts do not fit"
    fold = ClientFold(event.client_id, profile, history)
    fold.restore(saved, position)
    return Carried(fold, {}, problem=problem)


def part_of(
    request: OpenRequest, event: Request, target: Target, position: int, fold: ClientFold
) -> RequestPart:
    """Return an open request with the verdicts that were carried with it."""
    profile, verdicts = fold.profile, request.verdicts
    part = VerdictReplay.request(event, target, position, profile.name)
    if verdicts is None or request_misfit(verdicts, event) is not None:
        return part
    context = verdicts.context
    known = fold.context(event.exchange_id)
    if known is not None:
        context = msgspec.structs.replace(context, redirected=known.redirected)
    part = with_verdicts(part, verdicts)
    return msgspec.structs.replace(part, version=profile.version, context=context, told=None)


def _read(raw: msgspec.Raw) -> Memory:
    """Return a memory. Raises ``FormatError`` if it is none, or one of another version."""
    try:
        if msgspec.json.decode(raw, type=_Version).version != VERSION:
            raise FormatError("another version of cookietrace wrote it")
        return _decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FormatError("it is damaged") from error


def _record(exchange: Exchange) -> VerdictRecord:
    """Return the record of an open exchange; it names no other one, which may be cut off."""
    part = exchange.request
    cookies = tuple(
        [
            msgspec.structs.replace(cookie, refused_in=None, set_in=None)
            if cookie.refused_in or cookie.set_in
            else cookie
            for cookie in part.cookies
        ]
    )
    part = msgspec.structs.replace(part, cookies=cookies)
    return record_of(msgspec.structs.replace(exchange, request=part), (), (), None)


def _entry(cookie: Cookie) -> JarCookie:
    fields = msgspec.structs.asdict(cookie)
    fields["same_site"], fields["priority"] = cookie.same_site.value, cookie.priority.value
    return JarCookie(**fields)
