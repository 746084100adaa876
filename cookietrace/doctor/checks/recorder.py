"""Whether anything is being recorded, and its listeners accept connections."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from cookietrace.addresses import from_here
from cookietrace.doctor.facts import Facts
from cookietrace.doctor.finding import Finding, Fix, Sure


def check(facts: Facts) -> Iterator[Finding]:
    """Yield that nothing records, that it is not known what, or that a listener is closed."""
    url = "" if facts.url is None else f" {facts.url.origin}"
    recorder = facts.recorder
    if recorder is None and facts.several:
        yield Finding(
            Sure.KNOWN,
            "Several recorders run.",
            f"They record {' and '.join(facts.several)}. Which one you mean is not known: name "
            "its capture with --capture.",
            tuple(
                Fix(f"cookietrace doctor{url} --capture {shlex.quote(each)}", "if this is it")
                for each in facts.several
            ),
        )
        return
    if recorder is None:
        others = tuple(
            Fix(f"cookietrace doctor{url} --proxy {address} --capture FILE", f"if {address} is it")
            for address in facts.listening
        )
        where = f"No capture in {facts.folder} is being recorded" if facts.folder else "None runs"
        listens = (
            f", but something listens on {' and '.join(facts.listening)}: it may be a recorder "
            "whose capture is elsewhere"
            if facts.listening
            else ""
        )
        yield Finding(
            Sure.PROBABLY if facts.listening else Sure.KNOWN,
            "No recorder was found.",
            f"{where}{listens}.",
            (*others, Fix(f"cookietrace watch{url}", "if none runs" if others else "")),
        )
        return
    if not recorder.live and recorder.capture is not None:
        yield Finding(
            Sure.KNOWN,
            "The capture is not being recorded.",
            f"{recorder.capture} is there, and no recorder adds to it now.",
            (Fix(f"cookietrace watch{url}"),),
        )
        return
    for listener in recorder.listeners:
        address = from_here(listener.address)
        if address in recorder.closed and address == recorder.given:
            yield Finding(
                Sure.KNOWN,
                f"Nothing accepts connections on {address}.",
                "You named it with --proxy. Whether a recorder ever listened there is not known.",
                (
                    Fix(f"cookietrace doctor{url}", "if a recorder runs on this machine"),
                    Fix(f"cookietrace watch{url}", "if none runs"),
                ),
            )
        elif address in recorder.closed:
            yield Finding(
                Sure.KNOWN,
                f"Nothing accepts connections on {address}.",
                "The recorder says that it listens there. It may be on another machine or in a "
                "container, or it is stopping.",
                (Fix(f"cookietrace watch{url}"),),
            )
