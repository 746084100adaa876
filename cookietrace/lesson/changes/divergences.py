"""In what the exchanges of two captures differ that ask the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping
from typing import Literal, NamedTuple

import msgspec

from cookietrace.cookies import (
    Finding,
    Outcome,
    SameSite,
    StoreResult,
    default_public_suffixes,
    parse_cookie_date,
    site_of,
)
from cookietrace.fold.exchange import Exchange
from cookietrace.lesson.changes.alignment import Alignment, align
from cookietrace.lesson.changes.asked import Asked, asked, steady_path
from cookietrace.trace import Trace

Kind = Literal["set", "stored", "sent", "status"]
"""Whether a response sets a cookie, or sets it otherwise; whether the browser stores it; whether a
request sends it; and the status."""

_STORED = frozenset({Outcome.CREATED, Outcome.REPLACED, Outcome.REFRESHED})


_MOST_PARTNERS = 10_000
"""How many pairs of clients are compared."""

_SIMILAR = 0.05
"""By how much two lifetimes may differ and still count as the same."""


class Side(msgspec.Struct, frozen=True):
    """What one capture has, as facts for words."""

    exchange_id: str
    what: str
    """``sent``, ``not sent``, ``stored``, ``refused``, attributes, a status; text from the wire."""
    reasons: tuple[Finding, ...] = ()


class Divergence(msgspec.Struct, frozen=True):
    """One difference between two exchanges that ask the same."""

    kind: Kind
    cookie: str
    """Its name; empty for a status."""
    before: Side
    after: Side
    follows: int | None = None
    """The index of the earlier divergence that it most likely follows from."""


class Comparison(msgspec.Struct, frozen=True):
    """Two captures, side by side."""

    alignment: Alignment
    divergences: tuple[Divergence, ...]
    """In the order of the requests."""

    @property
    def differs(self) -> bool:
        """Whether anything but what merely rotates is different."""
        return bool(self.divergences)


def compare(before: Trace, after: Trace, hosts: Mapping[str, str] = {}) -> Comparison:
    """Compare two captures of the same journey.

    ``hosts`` are hosts of the first with what they are called in the second.
    """
    mine, theirs = _asked_by(before, hosts), _asked_by(after, {})
    partners = _partners(mine, theirs)
    if partners is None:
        matched = align(mine.asked, theirs.asked)
    else:
        named = [partners[name] for name in theirs.clients]
        matched = align(
            list(zip(mine.clients, mine.asked, strict=True)),
            list(zip(named, theirs.asked, strict=True)),
        )
    alignment = Alignment(
        tuple((mine.at[index], theirs.at[place]) for index, place in matched.pairs),
        tuple(mine.at[index] for index in matched.only_before),
        tuple(theirs.at[place] for place in matched.only_after),
    )
    found: list[Divergence] = []
    latest: dict[tuple[str, str], int] = {}
    suffixes = default_public_suffixes()
    for (index, place), (nth, partner) in zip(alignment.pairs, matched.pairs, strict=True):
        if not hosts and mine.says[nth] == theirs.says[partner]:
            continue
        one, other = before.exchanges[index], after.exchanges[place]
        for each in _divergences(one, other, hosts):
            # A cookie of another site with this name is another cookie.
            site = site_of(other.request.target, suffixes).partition("://")[2]
            cause = latest.get((site, each.cookie))
            if each.kind == "status":  # most likely from a cookie that this request lacks or has
                cause = next(
                    (
                        at
                        for at in range(len(found) - 1, -1, -1)
                        if found[at].kind == "sent"
                        and found[at].after.exchange_id == each.after.exchange_id
                    ),
                    None,
                )
            else:
                latest.setdefault((site, each.cookie), len(found))
            found.append(msgspec.structs.replace(each, follows=cause))
    return Comparison(alignment, tuple(found))


class _AskedBy(NamedTuple):
    """What the requests of a capture ask, without those that browsers make by themselves."""

    at: list[int]
    """Their indices among the exchanges."""
    clients: list[str]
    """Who asks, by ids of the capture."""
    asked: list[Asked]
    says: list[Hashable]
    """What two exchanges may differ in: if it is the same, they need not be read again."""


def _asked_by(trace: Trace, hosts: Mapping[str, str]) -> _AskedBy:
    """Read each exchange once: those of a long capture are not in memory."""
    found = _AskedBy([], [], [], [])
    for index, each in enumerate(trace.exchanges):
        if not each.request.housekeeping:
            found.at.append(index)
            found.clients.append(each.request.client_id)
            found.asked.append(asked(each, hosts))
            found.says.append(_says(each))
    return found


def _partners(mine: _AskedBy, theirs: _AskedBy) -> dict[str, str] | None:
    """Return for each client of the second capture the one of the first that asks most like it.

    None if one of them has a single client: then the requests of all are one journey, in which the
    user may have started anew. Also None for more clients than can be compared in pairs.
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


def _questions(side: _AskedBy) -> dict[str, Counter[Asked]]:
    """Return what each client asks, and how often; the clients in the order of their requests."""
    found: dict[str, Counter[Asked]] = {}
    for name, question in zip(side.clients, side.asked, strict=True):
        found.setdefault(name, Counter())[question] += 1
    return found


def _says(exchange: Exchange) -> Hashable:
    response = exchange.response
    lines: tuple[Hashable, ...] = ()
    if response is not None and response.set_cookies:
        lines = tuple(
            [(each.name, each.raw.partition(";")[2], each.outcome) for each in response.set_cookies]
        )
    return frozenset([each.name for each in exchange.request.cookies]), _status(exchange), lines


def _divergences(one: Exchange, other: Exchange, hosts: Mapping[str, str]) -> Iterator[Divergence]:
    yield from _sent(one, other)
    yield from _statuses(one, other)
    yield from _set(one, other, hosts)


def _sent(one: Exchange, other: Exchange) -> Iterator[Divergence]:
    before = {each.name for each in one.request.cookies}
    after = {each.name for each in other.request.cookies}
    names = [each.name for each in (*one.request.cookies, *other.request.cookies)]
    for name in dict.fromkeys(names):
        if (name in before) != (name in after):
            yield Divergence("sent", name, _sending(one, name), _sending(other, name))


def _sending(exchange: Exchange, name: str) -> Side:
    part = exchange.request
    if any(each.name == name for each in part.cookies):
        return Side(exchange.exchange_id, "sent")
    for held in part.withheld:
        if held.cookie.name == name:
            return Side(exchange.exchange_id, "withheld", held.reasons)
    missing = any(each.cookie.name == name for each in part.missing)
    return Side(exchange.exchange_id, "missing" if missing else "not in the jar")


def _statuses(one: Exchange, other: Exchange) -> Iterator[Divergence]:
    before, after = _status(one), _status(other)
    if before != after and not {before, after} <= {"200", "304"}:
        yield Divergence(
            "status", "", Side(one.exchange_id, before), Side(other.exchange_id, after)
        )


def _status(exchange: Exchange) -> str:
    if exchange.response is None:
        return "no response"
    return str(exchange.response.event.status_code)


def _set(one: Exchange, other: Exchange, hosts: Mapping[str, str]) -> Iterator[Divergence]:
    before, after = _results(one), _results(other)
    for name in dict.fromkeys([*before, *after]):
        mine, theirs = before.get(name), after.get(name)
        said = _attributes(mine, one, hosts), _attributes(theirs, other, {})
        _even_out_paths(*said)
        if not _same_date(mine, theirs):
            _even_out(*said)
        elif said[0] is not None and said[1] is not None and "lifetime" in said[0]:
            said[1]["lifetime"] = said[0]["lifetime"]
        if said[0] != said[1]:
            yield Divergence(
                "set",
                name,
                Side(one.exchange_id, _listed(said[0], said[1])),
                Side(other.exchange_id, _listed(said[1], said[0])),
            )
        if mine is not None and theirs is not None and _effect(mine) != _effect(theirs):
            yield Divergence(
                "stored",
                name,
                Side(one.exchange_id, _effect(mine), mine.reasons),
                Side(other.exchange_id, _effect(theirs), theirs.reasons),
            )


def _results(exchange: Exchange) -> dict[str, StoreResult]:
    """Return the last line for each name."""
    if exchange.response is None:
        return {}
    return {each.name: each for each in exchange.response.set_cookies}


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
        "SameSite": "" if parsed.same_site is SameSite.DEFAULT else parsed.same_site.value,
        "Partitioned": "Partitioned" if parsed.attributes.partitioned else "",
        "lifetime": _lifetime(result, exchange),
    }
    return {name: value for name, value in said.items() if value}


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
