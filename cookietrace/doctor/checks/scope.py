"""Whether the recorder was told to leave the URL's host out."""

from __future__ import annotations

from collections.abc import Iterator

from cookietrace.doctor.bypass import bypassing
from cookietrace.doctor.facts import Facts
from cookietrace.doctor.finding import Finding, Fix, Sure


def check(facts: Facts) -> Iterator[Finding]:
    """Yield that ``--only`` or ``--ignore`` leaves the host out."""
    recorder, url = facts.recorder, facts.url
    if recorder is None or url is None:
        return
    ignored = bypassing(url, recorder.ignore)
    if ignored is not None:
        yield Finding(
            Sure.KNOWN,
            f"The recorder leaves out {url.host}.",
            f"It was started with --ignore {ignored}, or your settings say so: such traffic "
            "passes, and is not recorded.",
            (Fix("cookietrace config", "where that comes from, if it is not on its command line"),),
        )
    elif recorder.only and bypassing(url, recorder.only) is None:
        yield Finding(
            Sure.KNOWN,
            f"The recorder leaves out {url.host}.",
            f"It records only {', '.join(recorder.only)} (--only, or your settings).",
            (Fix(f"cookietrace watch --only {url.host}"),),
        )
