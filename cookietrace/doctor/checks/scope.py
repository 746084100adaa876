"""Whether the recorder was told to leave the URL's host out."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator

from cookietrace.doctor.bypass import bypassing
from cookietrace.doctor.facts import Facts, Recorder
from cookietrace.doctor.finding import Finding, Fix, Sure

_AGAIN = "with its other options, instead of the one that is running"


def check(facts: Facts) -> Iterator[Finding]:
    """Yield that ``--only`` or ``--ignore`` leaves the host out."""
    recorder, url = facts.recorder, facts.url
    if recorder is None or url is None:
        return
    ignored = bypassing(url, recorder.ignore)
    if ignored is not None:
        others = [entry for entry in recorder.ignore if bypassing(url, (entry,)) is None]
        yield Finding(
            Sure.KNOWN,
            f"The recorder leaves out {url.host}.",
            f"It was started with --ignore {ignored}, or your settings say so: such traffic "
            "passes, and is not recorded.",
            (
                Fix(_started(recorder, recorder.only, others), _AGAIN),
                Fix("cookietrace config", "if your settings say so"),
            ),
        )
    elif recorder.only and bypassing(url, recorder.only) is None:
        yield Finding(
            Sure.KNOWN,
            f"The recorder leaves out {url.host}.",
            f"It records only {', '.join(recorder.only)} (--only, or your settings).",
            (Fix(_started(recorder, (*recorder.only, url.host or ""), recorder.ignore), _AGAIN),),
        )


def leaves_out(facts: Facts) -> bool:
    """Return whether that is why nothing of the URL is recorded."""
    return any(check(facts))


def _started(recorder: Recorder, only: Iterable[str], ignore: Iterable[str]) -> str:
    """Return the command that starts such a recorder again with another scope."""
    scope = [("--only", host) for host in only] + [("--ignore", host) for host in ignore]
    words = (f"{flag} {shlex.quote(host)}" for flag, host in scope)
    return " ".join((f"cookietrace {recorder.started_by}", *words))
