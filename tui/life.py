"""The life of one cookie in one jar: set, sent, withheld, replaced, gone; runs told as one line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from cookietrace.cookies import CookieKey
from cookietrace.fold.exchange import CookieStatus, Exchange, JarChange
from cookietrace.lesson.detail import Line, attributes
from cookietrace.lesson.marks import Mark
from cookietrace.lesson.mask import Mask
from cookietrace.lesson.table import Table
from cookietrace.lesson.words import quoted, shown
from cookietrace.trace import Trace

_GONE = {
    "deleted": "deleted by the server",
    "expired": "expired",
    "evicted": "pushed out to make room",
    "given-up": "given up: the browser no longer sends it",
    "observed": "no longer there",
    "stored": "replaced",
}


class _Moment(msgspec.Struct, frozen=True):
    """One thing that happened to the cookie."""

    position: int
    exchange_id: str
    mark: Mark
    text: str
    more: str = ""
    counted: bool = False
    """True where a run of the same is one line with a count."""


def life(
    trace: Trace, table: Table, client_id: str, key: CookieKey, until: int, mask: Mask
) -> tuple[Line, ...]:
    """Return what happened to the cookie under ``key`` up to event ``until``, oldest first."""
    moments = [
        *_changes(trace, client_id, key, until, mask),
        *_uses(trace, client_id, key, until),
    ]
    moments.sort(key=lambda moment: moment.position)
    return tuple(_told(trace, table, moments))


def _changes(
    trace: Trace, client_id: str, key: CookieKey, until: int, mask: Mask
) -> Iterator[_Moment]:
    for change in tuple(trace.jar_changes(client_id)):
        if change.position > until:
            break
        if change.key == key:
            yield _changed(trace.exchange(change.exchange_id), change, mask)


def _changed(exchange: Exchange, change: JarChange, mask: Mask) -> _Moment:
    before, after = change.before, change.after
    if after is None:
        text = _GONE.get(change.cause, change.cause)
        return _Moment(change.position, change.exchange_id, Mark.CHANGED, text)
    value = quoted(mask(after.value))
    if change.cause == "observed":
        text = f"seen in a request as {value}, never seen set"
        return _Moment(change.position, change.exchange_id, Mark.UNEXPLAINED, text)
    at = exchange.response.at if exchange.response is not None else exchange.request.at
    if before is None:
        text = f"stored with the value {value}"
    elif before.value != after.value:
        text = f"value {quoted(mask(before.value))} replaced by {value}"
    elif after.doubtful and not before.doubtful:
        text = "doubtful: it should have been sent and was not"
        return _Moment(change.position, change.exchange_id, Mark.MISSING, text)
    else:
        text = f"set again to {value}"
    return _Moment(change.position, change.exchange_id, Mark.CHANGED, text, attributes(after, at))


def _uses(trace: Trace, client_id: str, key: CookieKey, until: int) -> Iterator[_Moment]:
    for exchange in tuple(trace.exchanges):
        part = exchange.request
        if part.position > until:
            break
        if part.client_id != client_id:
            continue
        where = (part.position, part.exchange_id)
        for told in part.cookies:
            if (
                told.cookie is not None
                and told.cookie.key == key
                and (told.status is CookieStatus.SENT)
            ):
                yield _Moment(*where, Mark.SENT, "sent", counted=True)
        for held in part.withheld:
            if held.cookie.key == key:
                why = "; ".join(shown(reason.sentence) for reason in held.reasons)
                yield _Moment(*where, Mark.WITHHELD, "withheld", why, counted=True)


def _told(trace: Trace, table: Table, moments: Iterable[_Moment]) -> Iterator[Line]:
    run: list[_Moment] = []
    for moment in moments:
        if run and not (
            moment.counted and moment.text == run[0].text and moment.more == run[0].more
        ):
            yield from _one(trace, table, run)
            run = []
        run.append(moment)
    if run:
        yield from _one(trace, table, run)


def _one(trace: Trace, table: Table, run: list[_Moment]) -> Iterator[Line]:
    first, last = run[0], run[-1]
    where = place(trace, table, first.exchange_id, first.position)
    if len(run) == 1:
        yield Line(f"{first.text} · {where}", first.mark)
    else:
        until = place(trace, table, last.exchange_id, last.position)
        yield Line(f"{first.text} {len(run)} times · {where} to {until}", first.mark)
    if first.more:
        yield Line(first.more, indent=1)


def place(trace: Trace, table: Table, exchange_id: str, position: int) -> str:
    """Return the step at which something happened; out of focus, the exchange and its path."""
    steps = table.steps_of(exchange_id)
    at = [step for step in steps if table.position(step) <= position]
    if at:
        return f"step {at[-1]}"
    exchange = trace.exchange(exchange_id)
    return f"exchange {exchange.number}, {shown(exchange.request.target.path)}"
