"""What the app did with cookies during a request, in prose, as the witness reported it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

from cookietrace.events import CookieWrite, Server
from cookietrace.lesson.display_text import MOST, capitalized, quoted_text, some, times
from cookietrace.lesson.mask import Mask, masked_within
from cookietrace.lesson.prose import found
from cookietrace.safe_text import safe

_AROUND_THE_VIEW = {
    "session": "the framework's session",
    "before_request": "a function that runs before each request",
    "after_request": "a function that runs after each request",
    "middleware": "a middleware",
    "dependency": "what the view asks for in its parameters",
}


def server_sentences(server: Server, mask: Mask) -> Iterator[str]:
    """Yield a sentence for each part of the app that read or set cookies, and one for an error.

    Yields nothing if the witness had to leave out its whole report. A framework's
    own read of a session that is not there is skipped.
    """
    if "all" in server.dropped:
        return
    reads: dict[str, dict[str, str | None]] = defaultdict(dict)
    for read in server.reads:
        if read.value is not None or read.where != "session":
            reads[read.where][read.name] = read.value
    writes: dict[str, list[CookieWrite]] = defaultdict(list)
    for write in server.writes:
        writes[write.where].append(write)
    lead = "On the server, "
    for where in dict.fromkeys((*reads, *writes)):
        actions = [f"reads {_read(reads[where], mask)}"] if where in reads else []
        actions += list(_written(writes[where], mask))
        sentence = f"{lead}{_agent(where, server)} {', then '.join(actions)}."
        yield capitalized(sentence)
        lead = ""
    if server.error is not None:
        agent = capitalized(_agent("view", server))
        yield f"{agent} raises {error_text(server, mask).rstrip('.')}."


def _agent(where: str, server: Server) -> str:
    """Return which part of the app it was: the view, or what runs around it."""
    if where == "view" and server.function is not None:
        return f"the view {safe(server.function)}"
    return _AROUND_THE_VIEW.get(where, "the app")


def _read(reads: Mapping[str, str | None], mask: Mask) -> str:
    """Return what was read and what was found: ``'a' and 'b', and gets '1' and None``."""
    names, values = list(reads)[:MOST], list(reads.values())[:MOST]
    asked = some(quoted_text(name) for name in reads)
    if len(reads) == 1:
        return f"{asked} and gets {found(values[0], mask)}"
    if len(set(reads.values())) == 1:
        return f"{asked}, and gets {found(values[0], mask)} each time"
    gets = some(found(value, mask) for value in values)
    more = "" if len(names) == len(reads) else " for the first of them"
    return f"{asked}, and gets {gets}{more}"


def _written(writes: Iterable[CookieWrite], mask: Mask) -> Iterator[str]:
    """Yield what was set, and what was deleted, each once: ``sets 'a' to '1' and 'b' to '2'``."""
    gone: Counter[str] = Counter()
    sets = []
    for write in writes:
        name = quoted_text(write.name) if write.name else "the nameless cookie"
        if write.value is None:
            gone[name] += 1
        else:
            value = found(write.value, mask) if write.value else "an empty value"
            sets.append(f"{name} to {value}")
    if sets:
        yield f"sets {some(sets)}"
    if gone:
        deleted = (name if n == 1 else f"{name} {times(n)}" for name, n in gone.items())
        yield f"deletes {some(deleted)}"


def cookie_values(server: Server) -> Iterator[str | None]:
    """Yield the value of every cookie that the app read or set, as its witness reported it."""
    yield from (read.value for read in server.reads)
    yield from (write.value for write in server.writes)


def error_text(server: Server, mask: Mask) -> str:
    """Return the kind and message of the view's error as display text; empty if none was raised.

    A message often contains the value that caused the error, so it is masked too.
    """
    error = server.error
    if error is None:
        return ""
    message = masked_within(error.message, cookie_values(server), mask)
    return f"{safe(error.kind)}: {safe(message)}"
