"""What can be different at one step: the choices of a menu, each with its scenario."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from cookietrace.cookies import PROFILES, default_public_suffixes
from cookietrace.edits import LineChange
from cookietrace.fold.exchange import CookieStatus, Exchange, RowKind
from cookietrace.lesson.display_text import quoted, span
from cookietrace.lesson.standing import current_results
from cookietrace.lesson.table import Table
from cookietrace.lesson.what_if.moves import Move
from cookietrace.lesson.what_if.scenario import CookiePlace, Scenario

_DAY = 86_400.0
_WAITS = (("3", 180.0), ("h", 3600.0), ("d", _DAY), ("w", 7 * _DAY), ("m", 30 * _DAY))
_BROWSERS = {"spec": ("r", "the specification")}
"""Profiles that are called otherwise in a menu, with their letters."""

_LASTING = frozenset({"max-age", "expires"})


class Offer(msgspec.Struct, frozen=True):
    """One choice."""

    key: str
    """The letter that chooses it."""
    name: str
    """Display text, as the other texts."""
    description: str = ""
    scenario: Scenario | None = None
    """None if there are ``choices``, or if the user types the change."""
    title: str = ""
    """What the scenario is, after "What if"."""
    choices: tuple[Offer, ...] = ()


def subjects(table: Table, step: int) -> tuple[str, ...]:
    """Return the names of the cookies that a step is about: those it sets, or else sends."""
    exchange, row = table.exchange(step), table.trace_row(step)
    results = current_results(row, exchange)
    if row.kind is RowKind.EXCHANGE and exchange.response is not None:
        results = exchange.response.set_cookies
    names = [result.name for result in results]
    if not names:
        part = exchange.request
        names += [each.name for each in part.cookies]
        names += [each.cookie.name for each in part.withheld]
        names += [each.cookie.name for each in part.missing]
    return tuple(dict.fromkeys(names))


def sets(exchange: Exchange, name: str) -> str | None:
    """Return the last line of an exchange's response that sets a cookie; None if there is none."""
    results = () if exchange.response is None else exchange.response.set_cookies
    lines = [result.raw for result in results if result.name == name]
    return lines[-1] if lines else None


def offers(table: Table, step: int, name: str | None) -> tuple[Offer, ...]:
    """Return what can be different with one cookie, and with the circumstances of a step."""
    exchange = table.exchange(step)
    if name is None:
        return tuple(_circumstances(exchange))
    place = place_of(table, step, name)
    own = [
        msgspec.structs.replace(each, scenario=_at(each.scenario, place))
        for each in _of_cookie(exchange, name, _line(table, exchange, name))
    ]
    return *own, *_circumstances(exchange)


def place_of(table: Table, step: int, name: str) -> CookiePlace | None:
    """Return which cookie of a name a step sets, or else sends; None if that is not known."""
    exchange = table.exchange(step)
    line = sets(exchange, name)
    if line is not None:
        return CookiePlace.of_line(line, exchange.request.target)
    part = exchange.request
    for carried in part.cookies:
        if carried.name == name:
            told = carried.status is CookieStatus.SENT
            return CookiePlace(carried.domain, carried.path if told else None)
    held = [*(each.cookie for each in part.withheld), *(each.cookie for each in part.missing)]
    found = next((each for each in held if each.name == name), None)
    return None if found is None else CookiePlace(found.domain, found.path)


def _at(scenario: Scenario | None, place: CookiePlace | None) -> Scenario | None:
    return None if scenario is None else msgspec.structs.replace(scenario, place=place)


def only_here(scenario: Scenario, exchange: Exchange) -> Scenario | None:
    """Return a scenario that changes no other response than this one; None if it sets nothing."""
    if not scenario.changes or any(sets(exchange, each.name) is None for each in scenario.changes):
        return None
    return msgspec.structs.replace(
        scenario,
        changes=tuple(
            [
                msgspec.structs.replace(each, exchange_id=exchange.exchange_id)
                for each in scenario.changes
            ]
        ),
    )


def typed_change(
    text: str, name: str | None, place: CookiePlace | None = None
) -> tuple[str, Scenario]:
    """Return what a text of the user stands for: a line change, or a move, with its title.

    A change without a name is one of the cookie ``name``, the one at ``place``. Raises
    ``FormatError`` if it is neither, or has a value that no browser knows.
    """
    if "://" in text:
        move = Move.parse(text)
        return f"{move.old} were {move.new}", Scenario(moves=(move,))
    if name is not None and ":" not in text:
        text = f"{name}: {text}"
    change = LineChange.parse(text).with_known_values()
    of = place if change.name == name else None
    return _title(change), Scenario(changes=(change,), place=of)


def _line(table: Table, exchange: Exchange, name: str) -> str:
    """Return a line that sets the cookie, or one like it; the name alone if none is known."""
    line = sets(exchange, name)
    if line is not None:
        return line
    part = exchange.request
    held = [*(each.cookie for each in part.cookies), *(each.cookie for each in part.withheld)]
    held += [each.cookie for each in part.missing]
    for cookie in held:
        if cookie is None or cookie.name != name:
            continue
        changes = table.trace.stored(part.client_id, cookie.key)
        latest = changes.last_within(0, part.position)
        setter = None if latest is None else table.trace.find(latest.exchange_id)
        found = None if setter is None else sets(setter, name)
        if found is not None:
            return found
    return f"{name}="


def _of_cookie(exchange: Exchange, name: str, line: str) -> Iterator[Offer]:
    parsed = {
        part.partition("=")[0].strip().lower(): part.partition("=")[2].strip()
        for part in line.split(";")[1:]
    }
    same_site = parsed.get("samesite", "").lower()
    host = exchange.request.target.host or ""
    domain = default_public_suffixes().registrable_domain(host)
    if same_site != "none" or "secure" not in parsed:
        yield _set("n", name, ("SameSite", "None"), ("Secure", None))
    if same_site != "lax":
        yield _set("l", name, ("SameSite", "Lax"))
    if same_site != "strict":
        yield _set("s", name, ("SameSite", "Strict"))
    for key, attribute in (("u", "Secure"), ("h", "HttpOnly")):
        if attribute.lower() in parsed:
            yield _unset(key, name, attribute)
        else:
            yield _set(key, name, (attribute, None))
    if parsed.get("path") != "/":
        yield _set("p", name, ("Path", "/"))
    if parsed.get("domain"):
        yield _unset("d", name, "Domain")
    elif domain is not None:
        yield _set("d", name, ("Domain", domain))
    if _LASTING & parsed.keys():
        yield _unset("a", name, "Max-Age", "Expires")
    else:
        yield _set("a", name, ("Max-Age", str(int(_DAY))))
    dropped = LineChange(name, drop=True)
    yield Offer(
        "x", "not set at all", "the line is left out",
        Scenario(changes=(dropped,)), _title(dropped),
    )  # fmt: skip
    yield Offer("e", "type it…", "such as SameSite=None; Secure; -Domain")


def _circumstances(exchange: Exchange) -> Iterator[Offer]:
    part = exchange.request
    others = [each for each in sorted(PROFILES) if each != part.profile]
    yield Offer(
        "b", "another browser…", f"now: the rules of {_named(part.profile)[1]}",
        choices=tuple(map(_browser, others)),
    )  # fmt: skip
    yield Offer(
        "t", "later…", "time passes before this request",
        choices=tuple(
            Offer(
                key, f"{span(seconds)} later", "",
                Scenario(later=((exchange.exchange_id, seconds),)),
                f"{span(seconds)} passed before this request",
            )
            for key, seconds in _WAITS
        ),
    )  # fmt: skip
    moves = tuple(_moves(exchange))
    if moves:
        yield Offer("m", "another address…", part.target.origin, choices=moves)


def _named(profile: str) -> tuple[str, str]:
    """Return the letter of a profile, and what a menu calls it."""
    return _BROWSERS.get(profile, (profile[0], profile))


def _browser(profile: str) -> Offer:
    key, name = _named(profile)
    title = f"the browser went by the rules of {name}"
    return Offer(key, name, "", Scenario(browser=profile), title)


def _moves(exchange: Exchange) -> Iterator[Offer]:
    target = exchange.request.target
    if target.scheme not in ("http", "https") or target.host is None:
        return
    scheme = "https" if target.scheme == "http" else "http"
    places = [
        ("s", f"{scheme}://{target.origin.partition('://')[2]}"),
        ("o", "https://app.example"),
    ]
    for key, place in places:
        try:
            move = Move.parse(f"{target.origin}={place}")
        except ValueError:
            continue
        if move.old != move.new:
            title = f"{move.old} were {move.new}"
            yield Offer(key, move.new, "", Scenario(moves=(move,)), title)
    yield Offer("e", "type it…", f"such as {target.origin}=https://shop.example")


def _set(key: str, name: str, *attributes: tuple[str, str | None]) -> Offer:
    change = LineChange(name, attributes)
    text = "; ".join(one if value is None else f"{one}={value}" for one, value in attributes)
    return Offer(key, text, "", Scenario(changes=(change,)), _title(change))


def _unset(key: str, name: str, *attributes: str) -> Offer:
    change = LineChange(name, removed=attributes)
    return Offer(
        key, f"without {' and '.join(attributes)}", "", Scenario(changes=(change,)), _title(change)
    )


def _title(change: LineChange) -> str:
    if change.drop:
        return f"{quoted(change.name)} were not set"
    parts = [one if value is None else f"{one}={value}" for one, value in change.attributes]
    had = f"{quoted(change.name)} had " + "; ".join(parts) if parts else ""
    without = " or ".join(change.removed)
    if had and without:
        return f"{had} and no {without}"
    return had or f"{quoted(change.name)} had no {without}"
