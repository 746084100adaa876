"""In what the exchanges of two captures differ that ask the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Final, Literal

import msgspec

from cookietrace.cookies import (
    Finding,
    Outcome,
    SameSite,
    Site,
    StoreResult,
    default_public_suffixes,
    parse_cookie_date,
    site_of,
)
from cookietrace.fold.exchange import Exchange
from cookietrace.lesson.changes.alignment import Alignment, align, moved, rejoined
from cookietrace.lesson.changes.asked import Asked, steady_path
from cookietrace.lesson.changes.journey import Asking, Journey, TraceJourney
from cookietrace.lesson.missed_deletions import MissedDeletion, missed_deletion
from cookietrace.lesson.prose import maker_of, page
from cookietrace.lesson.reasons import Maker
from cookietrace.trace import Trace

Kind = Literal["set", "stored", "sent", "status"]
"""Whether a response sets a cookie, or sets it otherwise; whether the browser stores it; whether a
request sends it; and the status."""

_STORED = frozenset({Outcome.CREATED, Outcome.REPLACED, Outcome.REFRESHED})


MOST_LONELY: Final = 100
"""How many of the requests that only one side has are read."""

_MOST_PARTNERS = 10_000
"""How many pairs of clients are compared."""

_SIMILAR = 0.05
"""By how much two lifetimes may differ and still count as the same."""


class Side(msgspec.Struct, frozen=True):
    """What one capture has, as facts for words."""

    exchange_id: str
    url: str
    page: str
    """Its address without scheme and query, as display text."""
    what: str
    """``sent``, ``not sent``, ``stored``, ``refused``, attributes, a status; text from the wire."""
    reasons: tuple[Finding, ...] = ()
    maker: Maker = Maker.UNKNOWN
    """What made the request."""
    missed: MissedDeletion | None = None
    """Which cookie its deletion missed."""
    label: str = "?"
    """What its step is called."""
    step: int | None = None
    by_hand: bool = False
    """Whether the user changed this on the wire (``--edit``), so that the app did not do it."""


class Divergence(msgspec.Struct, frozen=True):
    """One difference between two exchanges that ask the same."""

    kind: Kind
    cookie: str
    """Its name; empty for a status."""
    before: Side
    after: Side
    follows: int | None = None
    """The index of the earlier divergence that it most likely follows from."""
    places: tuple[int, int] = (0, 0)
    """The indices of its exchanges among those of each capture."""


class Lonely(msgspec.Struct, frozen=True):
    """A request that only one of the two captures has."""

    exchange_id: str
    method: str
    url: str
    page: str
    """Its address without scheme and query, as display text."""
    label: str
    """What its step is called."""
    step: int | None


class Comparison(msgspec.Struct, frozen=True):
    """Two captures, side by side."""

    alignment: Alignment
    divergences: tuple[Divergence, ...]
    """In the order of the requests."""
    only_before: tuple[Lonely, ...] = ()
    """The first ``MOST_LONELY`` of the requests that only the first capture has."""
    only_after: tuple[Lonely, ...] = ()
    moved: tuple[tuple[Lonely, Lonely], ...] = ()
    """Pages that the two captures ask for in another order, as they are in either; the first
    ``MOST_LONELY``. That is no difference."""

    @property
    def differs(self) -> bool:
        """Whether anything but what merely rotates is different."""
        lonely = self.alignment.only_before or self.alignment.only_after
        return bool(self.divergences or lonely) or not self.alignment.pairs


def compare(before: Trace, after: Trace, hosts: Mapping[str, str] = {}) -> Comparison:
    """Compare two captures of the same journey.

    ``hosts`` are hosts of the first with what they are called in the second.
    """
    return compare_journeys(TraceJourney(before), TraceJourney(after), hosts)


def compare_journeys(before: Journey, after: Journey, hosts: Mapping[str, str]) -> Comparison:
    """Compare two captures as ``compare`` does. Only exchanges that may differ are read."""
    mine, theirs = before.asking(hosts), after.asking({})
    partners = _partners(mine, theirs)
    questions: tuple[Sequence[Hashable], Sequence[Hashable]] = mine.asked, theirs.asked
    if partners is not None:
        named = [partners[name] for name in theirs.clients]
        questions = (
            list(zip(mine.clients, mine.asked, strict=True)),
            list(zip(named, theirs.asked, strict=True)),
        )
    matched = rejoined(align(*questions), *questions)
    alignment = Alignment(
        tuple((mine.at[index], theirs.at[place]) for index, place in matched.pairs),
        tuple(mine.at[index] for index in matched.only_before),
        tuple(theirs.at[place] for place in matched.only_after),
    )
    differing = [
        (mine.at[nth], theirs.at[partner])
        for nth, partner in matched.pairs
        if mine.says[nth] != theirs.says[partner]
    ]
    exchanges = zip(
        differing,
        before.exchanges([index for index, _ in differing]),
        after.exchanges([place for _, place in differing]),
        strict=True,
    )
    found: list[Divergence] = []
    latest: dict[tuple[str, str], int] = {}
    suffixes = default_public_suffixes()
    for places, one, other in exchanges:
        first = len(found)
        for each in _divergences(one, other, hosts):
            # A cookie of another site with this name is another cookie.
            site = site_of(other.request.target, suffixes).partition("://")[2]
            cause = latest.get((site, each.cookie))
            if each.kind == "status":  # most likely from a cookie that this request lacks or has
                sent = [at for at in range(first, len(found)) if found[at].kind == "sent"]
                cause = sent[-1] if sent else None
            else:
                latest.setdefault((site, each.cookie), len(found))
            found.append(msgspec.structs.replace(each, follows=cause, places=places))
    return Comparison(
        alignment,
        tuple(_with_steps(found, before, after)),
        _lonely(before, alignment.only_before),
        _lonely(after, alignment.only_after),
        _moved(before, after, alignment),
    )


def _moved(
    before: Journey, after: Journey, alignment: Alignment
) -> tuple[tuple[Lonely, Lonely], ...]:
    """Return the pages in another order. Browsers ask for the parts of a page in no fixed one."""
    places = moved(alignment.pairs)[:MOST_LONELY]
    pages = [
        each.request.context.top_level or each.request.context.site is Site.UNKNOWN
        for each in before.exchanges([index for index, _ in places])
    ]
    chosen = [place for place, is_page in zip(places, pages, strict=True) if is_page]
    return tuple(
        zip(
            _lonely(before, [index for index, _ in chosen]),
            _lonely(after, [place for _, place in chosen]),
            strict=True,
        )
    )


def _with_steps(
    found: Sequence[Divergence], before: Journey, after: Journey
) -> Iterator[Divergence]:
    """Yield the divergences with what their exchanges are called."""
    sides = (
        before.steps([each.before.exchange_id for each in found]),
        after.steps([each.after.exchange_id for each in found]),
    )
    for each, one, other in zip(found, *sides, strict=True):
        yield msgspec.structs.replace(
            each,
            before=msgspec.structs.replace(each.before, label=one.label, step=one.number),
            after=msgspec.structs.replace(each.after, label=other.label, step=other.number),
        )


def _lonely(journey: Journey, indices: Sequence[int]) -> tuple[Lonely, ...]:
    """Return the first of the requests that only one capture has."""
    exchanges = journey.exchanges(indices[:MOST_LONELY])
    steps = journey.steps([each.exchange_id for each in exchanges])
    return tuple(
        Lonely(each.exchange_id, each.request.method, each.request.url, page(each), *step)
        for each, step in zip(exchanges, steps, strict=True)
    )


def _partners(mine: Asking, theirs: Asking) -> dict[str, str] | None:
    """Return for each client of the second capture the one of the first that asks most like it.

    None if one of them has a single client: then the requests of all are one journey, in which the
    user may have started again. Also None for more clients than can be compared in pairs.
    """
    one, other = _questions(mine), _questions(theirs)
    if len(one) < 2 or len(other) < 2 or len(one) * len(other) > _MOST_PARTNERS:
        return None
    shared = sorted(
        (-(asks & questions).total(), at, place, client, name)
        for at, (client, asks) in enumerate(one.items())
        for place, (name, questions) in enumerate(other.items())
    )
    found: dict[str, str] = {}
    for _, _, _, client, name in shared:
        if name not in found and client not in found.values():
            found[name] = client
    return {name: found.get(name, f"only {name}") for name in other}


def _questions(side: Asking) -> dict[str, Counter[Asked]]:
    """Return what each client asks, and how often; the clients in the order of their requests."""
    found: dict[str, Counter[Asked]] = {}
    for name, question in zip(side.clients, side.asked, strict=True):
        found.setdefault(name, Counter())[question] += 1
    return found


def _divergences(one: Exchange, other: Exchange, hosts: Mapping[str, str]) -> Iterator[Divergence]:
    yield from _sent(one, other)
    yield from _statuses(one, other)
    yield from _set(one, other, hosts)


def _side(
    exchange: Exchange, what: str, reasons: tuple[Finding, ...] = (), *, by_hand: bool = False
) -> Side:
    url = exchange.request.url
    maker = maker_of(exchange.request)
    return Side(
        exchange.exchange_id, url, page(exchange), what, reasons, maker=maker, by_hand=by_hand
    )


def _response_side(
    exchange: Exchange, name: str, what: str, reasons: tuple[Finding, ...] = ()
) -> Side:
    """Return a side of a difference in the lines that set one cookie."""
    by_hand = any(each.of == "response" and each.name == name for each in exchange.edited)
    return _side(exchange, what, reasons, by_hand=by_hand)


def _effect_side(exchange: Exchange, name: str, result: StoreResult) -> Side:
    """Return a side of a difference in what became of a line."""
    side = _response_side(exchange, name, _effect(result), result.reasons)
    return msgspec.structs.replace(side, missed=missed_deletion(result))


def _status_side(exchange: Exchange, status: str) -> Side:
    """Return a side of a difference in the status: the app may have got other cookies."""
    by_hand = any(each.of == "request" for each in exchange.edited)
    return _side(exchange, status, by_hand=by_hand)


def _sent(one: Exchange, other: Exchange) -> Iterator[Divergence]:
    before = Counter([each.name for each in one.request.cookies])
    after = Counter([each.name for each in other.request.cookies])
    for name in before | after:
        if before[name] == after[name]:
            continue
        sides = _sending(one, name), _sending(other, name)
        if before[name] and after[name]:
            counts = _times(before[name]), _times(after[name])
            sides = _side(one, f"sent {counts[0]}"), _side(other, f"sent {counts[1]}")
        yield Divergence("sent", name, *sides)


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _sending(exchange: Exchange, name: str) -> Side:
    part = exchange.request
    if any(each.name == name for each in part.cookies):
        return _side(exchange, "sent")
    for held in part.withheld:
        if held.cookie.name == name:
            return _side(exchange, "withheld", held.reasons)
    missing = any(each.cookie.name == name for each in part.missing)
    return _side(exchange, "missing" if missing else "not in the jar")


def _statuses(one: Exchange, other: Exchange) -> Iterator[Divergence]:
    before, after = _status(one), _status(other)
    if before != after and not {before, after} <= {"200", "304"}:
        yield Divergence("status", "", _status_side(one, before), _status_side(other, after))


def _status(exchange: Exchange) -> str:
    if exchange.response is None:
        return "no response"
    return str(exchange.response.event.status_code)


def _set(one: Exchange, other: Exchange, hosts: Mapping[str, str]) -> Iterator[Divergence]:
    before, after = _results(one), _results(other)
    for name in dict.fromkeys([*before, *after]):
        mine, theirs = before.get(name, []), after.get(name, [])
        for result, partner in _matched(mine, theirs, hosts):
            yield from _line(one, other, (result, partner), hosts)
        if mine and theirs and len(mine) != len(theirs):
            said = _attributes(mine[-1], one, hosts), _attributes(theirs[-1], other, {})
            last = f", the last with {_all_of(said[0])}", f", the last with {_all_of(said[1])}"
            yield Divergence(
                "set",
                name,
                _response_side(
                    one, name, f"set {_times(len(mine))}{last[0] if len(mine) > 1 else ''}"
                ),
                _response_side(
                    other, name, f"set {_times(len(theirs))}{last[1] if len(theirs) > 1 else ''}"
                ),
            )


def _line(
    one: Exchange,
    other: Exchange,
    lines: tuple[StoreResult | None, StoreResult | None],
    hosts: Mapping[str, str],
) -> Iterator[Divergence]:
    """Yield in what two lines for one cookie differ, and what becomes of them."""
    mine, theirs = lines
    said = _attributes(mine, one, hosts), _attributes(theirs, other, {})
    _even_out_paths(*said)
    if not _same_date(mine, theirs):
        _even_out(*said)
    elif said[0] is not None and said[1] is not None and "lifetime" in said[0]:
        said[1]["lifetime"] = said[0]["lifetime"]
    name = next(each.name for each in lines if each is not None)
    if said[0] != said[1]:
        yield Divergence(
            "set",
            name,
            _response_side(one, name, _listed(said[0], said[1])),
            _response_side(other, name, _listed(said[1], said[0])),
        )
    if mine is not None and theirs is not None and _effect(mine) != _effect(theirs):
        yield Divergence(
            "stored",
            name,
            _effect_side(one, name, mine),
            _effect_side(other, name, theirs),
        )


def _results(exchange: Exchange) -> dict[str, list[StoreResult]]:
    """Return the lines for each name, in order."""
    found: dict[str, list[StoreResult]] = {}
    if exchange.response is not None:
        for each in exchange.response.set_cookies:
            found.setdefault(each.name, []).append(each)
    return found


def _matched(
    mine: Sequence[StoreResult], theirs: Sequence[StoreResult], hosts: Mapping[str, str]
) -> Iterator[tuple[StoreResult | None, StoreResult | None]]:
    """Yield the lines of one name in pairs: those for the same Domain and Path, then in order.

    What is left of several lines that set a cookie again is not paired.
    """
    if len(mine) <= 1 and len(theirs) <= 1:
        yield (mine[0] if mine else None), (theirs[0] if theirs else None)
        return
    left = list(theirs)
    alone: list[StoreResult] = []
    for each in mine:
        place = _place(each, hosts)
        partner = next((other for other in left if _place(other, {}) == place), None)
        if partner is None:
            alone.append(each)
        else:
            left = [other for other in left if other is not partner]
            yield each, partner
    yield from zip(alone, left, strict=False)
    if not mine or not theirs:
        yield (mine[-1] if mine else None), (theirs[-1] if theirs else None)


def _place(result: StoreResult, hosts: Mapping[str, str]) -> tuple[str, str]:
    domain = (result.parsed.domain or "").lstrip(".")
    return hosts.get(domain, domain), steady_path(result.parsed.path or "")


def _effect(result: StoreResult) -> str:
    if result.outcome in _STORED:
        return "stored"
    return {
        Outcome.DELETED: "deleted",
        Outcome.REJECTED: "refused",
        Outcome.IGNORED: "without effect",
    }[result.outcome]


def _attributes(
    result: StoreResult | None, exchange: Exchange, hosts: Mapping[str, str]
) -> dict[str, str] | None:
    """Return what a line says, by attribute; None without a line."""
    if result is None:
        return None
    parsed = result.parsed
    domain = (parsed.domain or "").lstrip(".")
    said = {
        "Domain": hosts.get(domain, domain),
        "Path": parsed.path or "",
        "Secure": "Secure" if parsed.secure else "",
        "HttpOnly": "HttpOnly" if parsed.http_only else "",
        "SameSite": _same_site(parsed.same_site),
        "Partitioned": "Partitioned" if parsed.attributes.partitioned else "",
        "lifetime": _lifetime(result, exchange),
    }
    return {name: value for name, value in said.items() if value}


def _same_site(said: SameSite) -> str:
    """Return a SameSite value as apps write it; empty if the line says none that is known."""
    return "" if said is SameSite.DEFAULT else said.value.capitalize()


def _lifetime(result: StoreResult, exchange: Exchange) -> str:
    """Return how long a line says that its cookie lasts: ``3600 s``, ``expired``.

    Empty for a session cookie. What a browser makes of it (a limit of its own, a refusal) is no
    part of the line. A date counts from the server's clock if the response has one.
    """
    parsed, response = result.parsed, exchange.response
    seconds: float | None = parsed.max_age
    if seconds is None and parsed.expires is not None and response is not None:
        dates = [value for name, value in response.event.headers if name.lower() == "date"]
        date = parse_cookie_date(dates[0]) if dates else None
        seconds = parsed.expires - (response.at if date is None else date)
    if seconds is None:
        return ""
    return "expired" if seconds <= 0 else f"{round(seconds)} s"


def _same_date(one: StoreResult | None, other: StoreResult | None) -> bool:
    """Return whether two lines end at the same date, which the app did not compute from a clock."""
    if one is None or other is None or one.parsed.expires is None:
        return False
    no_age = one.parsed.max_age is None and other.parsed.max_age is None
    return no_age and one.parsed.expires == other.parsed.expires


def _even_out(one: dict[str, str] | None, other: dict[str, str] | None) -> None:
    """Make two lifetimes equal that are almost so: the app computed one of them from a clock."""
    if one is None or other is None:
        return
    texts = one.get("lifetime", ""), other.get("lifetime", "")
    seconds = [float(text.removesuffix(" s")) for text in texts if text.endswith(" s")]
    if len(seconds) == 2 and abs(seconds[0] - seconds[1]) <= _SIMILAR * max(seconds):
        other["lifetime"] = one["lifetime"]


def _even_out_paths(one: dict[str, str] | None, other: dict[str, str] | None) -> None:
    """Make two paths equal that differ in an id or a token."""
    mine, theirs = (one or {}).get("Path"), (other or {}).get("Path")
    if other and mine and theirs and steady_path(mine) == steady_path(theirs):
        other["Path"] = mine


def _all_of(said: dict[str, str] | None) -> str:
    """Return all that a line says."""
    return _listed(said, {}) or "no attributes"


def _listed(said: dict[str, str] | None, other: dict[str, str] | None) -> str:
    """Return what one line says and the other does not."""
    if said is None:
        return "not set"
    if other is None:
        return "set"
    parts = [
        f"{name}={value}" if name in ("Domain", "Path", "SameSite", "lifetime") else name
        for name, value in said.items()
        if other.get(name) != value
    ]
    missing = [f"no {name}" for name in other if name not in said]
    return ", ".join([*parts, *missing])
