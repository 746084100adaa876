"""What is told of a browser's own word, in display text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from cookietrace.cookies import Cookie, Outcome
from cookietrace.events import BrowserChange
from cookietrace.fold.browser_word import BrowserWord
from cookietrace.fold.exchange import Exchange, RequestCookie, RequestPart
from cookietrace.lesson.browser_says.statements import Statement, Word, statements
from cookietrace.lesson.browser_says.witnesses import witness
from cookietrace.lesson.display_text import listed, plural, shown
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.hiding import Hiding
from cookietrace.lesson.mask import Mask, unmasked
from cookietrace.lesson.prose import named
from cookietrace.trace import Trace

MOST_DISPUTES: Final = 50
"""How many disputes are listed."""

MOST_SILENT: Final = 2
"""How many verdicts that a browser says nothing about are named."""

BEING: Final = {
    "sent": "sent",
    "withheld": "withheld",
    "missing": "missing",
    "overlapping": "left out",
    Outcome.CREATED: "stored",
    Outcome.REPLACED: "stored",
    Outcome.REFRESHED: "stored",
    Outcome.DELETED: "deleted",
    Outcome.IGNORED: "deleted",
    Outcome.REJECTED: "refused",
}
"""What a cookie is by a verdict, after "being"."""

_ASK: Final = (
    "If the browser and the rules differ where the verdict was certain, one of them is wrong. "
    "Please report it, with the lines above."
)


def who(said_by: str) -> str:
    """Return what texts call the one who says something."""
    return witness(said_by).name or shown(said_by)


def own_word(exchange: Exchange) -> str:
    """Return one line on what the browser says about the verdicts; empty if it says nothing."""
    said = exchange.browser
    found = statements(exchange)
    if said is None or not found:
        return ""
    name = who(said.said_by)
    disputed = [each for each in found if each.word is Word.DISPUTED]
    confirmed = sum(each.word is Word.CONFIRMED for each in found)
    if disputed:
        return f"{name} {_differs(disputed, said.said_by)}"
    if not confirmed:
        return f"{name} says nothing about these cookies"
    guesses = sum(each.guess for each in found if each.word is Word.CONFIRMED)
    if confirmed < len(found):
        number = f"{confirmed} of {plural(len(found), 'verdict')}{_guesses(guesses)}"
        return f"confirmed by {name}: {number}{_silent(found)}"
    if confirmed == 1:
        return f"confirmed by {name}{', a guess until then' if guesses else ''}"
    number = "both" if confirmed == 2 else f"all {confirmed}"
    return f"confirmed by {name}: {number} verdicts{_guesses(guesses)}"


def _guesses(count: int) -> str:
    """Return how many of the verdicts confirmed were guesses, in brackets; empty if none was."""
    if not count:
        return ""
    return f" ({count:,} {'was a guess' if count == 1 else 'were guesses'} until then)"


def _silent(found: Sequence[Statement]) -> str:
    """Return which verdicts a browser says nothing about; empty if they are many."""
    left = [
        f"{named(each.name)} being {BEING[each.ours]}"
        for each in found
        if each.word is Word.PREDICTED
    ]
    if not left or len(left) > MOST_SILENT:
        return ""
    return f"; it says nothing about {' or '.join(left)}"


def _differs(disputed: Sequence[Statement], said_by: str) -> str:
    """Return what a browser says that differs: ``says otherwise: 'sid' was refused (…)``."""
    guesses = all(each.guess for each in disputed)
    begins = "settles a guess" if guesses else "says otherwise"
    said = [_theirs(each, said_by) for each in disputed[:3]]
    more = len(disputed) - len(said)
    if more:
        said.append(f"{more} more")
    return f"{begins}: {listed(said)}"


def _theirs(each: Statement, said_by: str) -> str:
    return f"{named(each.name)} was {each.theirs}{_why(each, said_by)}"


def _why(each: Statement, said_by: str) -> str:
    """Return a browser's reasons, in brackets; empty if there are none to give."""
    if each.their_reasons:
        return f" ({', '.join(map(shown, each.their_reasons))})"
    without = each.theirs in ("refused", "withheld") and not witness(said_by).gives_reasons
    return f" ({who(said_by)} gives no reason)" if without else ""


def sentence(exchange: Exchange) -> str:
    """Return ``own_word`` as a sentence; empty if the browser says nothing about the verdicts."""
    line = own_word(exchange)
    if not line:
        return ""
    return f"{line[0].upper()}{line[1:]}."


def own_word_lines(trace: Trace, focus: Focus | None = None) -> Iterator[str]:
    """Yield lines on what browsers say about the verdicts as a whole; none if they say nothing.

    Guesses count like the other verdicts, so the number is the sum of those in ``own_word``.
    Disputes are listed, for a report to us: at the end, where they are not overlooked.
    """
    if not trace.browser.matched:
        return
    counts: Counter[Word] = Counter()
    guesses: Counter[Word] = Counter()
    for exchange in trace.exchanges:
        if focus is None or focus.place(exchange) is not None:
            found = statements(exchange)
            counts.update(each.word for each in found)
            guesses.update(each.word for each in found if each.guess)
    names = listed([who(each) for each in trace.browser.said_by])
    total = sum(counts.values())
    if not total:
        return
    number = f"{counts[Word.CONFIRMED]} of {plural(total, 'verdict')} confirmed"
    wrong = guesses[Word.DISPUTED]
    otherwise = (
        f"; {wrong:,} {'guess' if wrong == 1 else 'guesses'} settled otherwise" if wrong else ""
    )
    yield f"{names}: {number}{_guesses(guesses[Word.CONFIRMED])}{otherwise}."
    left = unmatched(trace)
    if left:
        yield left
    yield from disputes(trace, focus)


def disputes(trace: Trace, focus: Focus | None = None) -> Iterator[str]:
    """Yield lines that list the disputes of a trace, for a report to us; none if there are none.

    Guesses that the browser settles are no disputes.
    """
    listed_so_far = more = 0
    for exchange in trace.exchanges:
        if focus is not None and focus.place(exchange) is None:
            continue
        for each in statements(exchange):
            if each.word is not Word.DISPUTED or each.guess:
                continue
            if listed_so_far == MOST_DISPUTES:
                more += 1
                continue
            if not listed_so_far:
                yield "Disputed: the browser itself says otherwise."
            listed_so_far += 1
            yield f"  {_dispute(exchange, each)}"
    if more:
        yield f"  and {more} more"
    if listed_so_far:
        yield _ASK


def _dispute(exchange: Exchange, each: Statement) -> str:
    assert exchange.browser is not None
    ours = ", ".join(each.our_reasons)
    line = "" if each.line is None else f", Set-Cookie line {each.line + 1}"
    said_by = exchange.browser.said_by
    part = exchange.request
    return (
        f"step {exchange.row.label}{line}: {named(each.name)}: "
        f"{shown(part.profile)} rules say {each.ours}{f' ({ours})' if ours else ''}, "
        f"{who(said_by)} says {each.theirs}{_why(each, said_by)}"
    )


def unmatched(trace: Trace) -> str:
    """Return a line on what is about no recorded exchange; empty if there is nothing like that."""
    word = trace.browser
    if not word.unmatched:
        return ""
    said = plural(word.unmatched, "request")
    return (
        f"{listed([who(each) for each in word.said_by])} also reports {said} that the recording "
        "does not show like that."
    )


def wrote(
    word: BrowserWord | None,
    part: RequestPart,
    carried: RequestCookie,
    hide: Callable[[str], str] = str,
) -> str:
    """Return who wrote a cookie that no response set, to follow what was sent.

    ``, written by a script: https://shop.example/app.js, line 12``; empty if nobody says.
    ``hide`` masks the values in that address.
    """
    if word is None or carried.refused_in is not None:
        return ""
    found = word.writer(part.client_id, carried.name, carried.value, part.at)
    if found is None:
        return ""
    if place := place_of(found.change):
        return f", written by a script: {hide(place)}"
    by = "a script" if found.change.script else "something other than a response"
    return f": {by} wrote it, says {who(found.said_by)}"


def place_of(change: BrowserChange) -> str:
    """Return where the script is that wrote a cookie; empty if that is not known.

    Without the query of its URL, which may hold secrets.
    """
    if change.source is None:
        return ""
    path, query, _ = change.source.partition("?")
    line = "" if change.line is None else f", line {change.line}"
    return f"{shown(path)}{'?…' if query else ''}{line}"


_REJECTED: Final = {
    "REJECTED_HTTPONLY": "it keeps one that is HttpOnly",
    "REJECTED_SECURE": "it keeps one that is Secure",
}
"""Why Chromium's store rejects what a script writes, in words."""


def attempts(word: BrowserWord | None, exchange: Exchange) -> Iterator[tuple[str, str]]:
    """Yield what scripts tried to write before a request and the browser did not store.

    Each with where the script is; that is empty if it is not known.
    """
    if word is None:
        return
    for each in word.attempts(exchange.exchange_id):
        why = _REJECTED.get(each.change.cause or "")
        because = f": {why}" if why else ""
        yield (
            f"a script tried to write {named(each.change.name)}; "
            f"{who(each.said_by)} did not store it{because}",
            place_of(each.change),
        )


def attempt_sentences(word: BrowserWord, exchange: Exchange) -> Iterator[str]:
    """Yield ``attempts`` as sentences."""
    for text, place in attempts(word, exchange):
        where = f" ({place})" if place else ""
        yield f"{text[0].upper()}{text[1:]}{where}."


def restarted(word: BrowserWord | None, part: RequestPart, cookie: Cookie) -> str:
    """Return what a restart of the browser means for a cookie that a request lacks.

    Empty if there was none since the cookie was last there.
    """
    if word is None or not word.restarted(part.client_id, cookie, part.at):
        return ""
    if cookie.expires_at is None:
        kept = (
            "without Expires or Max-Age, a cookie is then gone unless the browser restores its "
            "session"
        )
    else:
        kept = "a cookie with a lifetime is then kept, if the profile is the same"
    return f"the browser has been restarted since: {kept}"


def written(
    word: BrowserWord, exchange: Exchange, carried: RequestCookie, mask: Mask = unmasked
) -> str:
    """Return how a cookie that no response set came to be; empty if the browser does not say.

    ``written by a script, says Chromium: no response set it``; with the script's URL and line if
    scripts are watched.
    """
    part = exchange.request
    found = word.writer(part.client_id, carried.name, carried.value, part.at)
    if found is None:
        return ""
    if place := place_of(found.change):
        where = Hiding(exchange, mask).text(place)
        return f"written by a script: {where} ({who(found.said_by)}: no response set it)"
    by = "a script" if found.change.script else "something else"
    return f"written by {by}, says {who(found.said_by)}: no response set it"
