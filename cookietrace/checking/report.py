"""What a check found, ready to be written: problems and warnings, and what was ignored.

Every text is display text, and holds no cookie value unless the user asked for values.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import msgspec

from cookietrace.checking.ignores import Ignore
from cookietrace.lesson.moments.grades import ORDER, Severity
from cookietrace.lesson.problems import Tally


class CodePlace(msgspec.Struct, frozen=True, kw_only=True):
    """A place in the app's code, as the server witness reported it."""

    file: str
    """Most often relative to the folder in which the app was started, with ``/``."""
    line: int | None
    function: str | None


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One problem or warning."""

    severity: Severity
    code: str
    """The same in every recording: a reason code, or the name of the rule that found it."""
    rule: str
    """A key of ``cookietrace.lesson.moments.rules.RULES``."""
    host: str
    """The host of the request; empty if it has none."""
    cookies: tuple[str, ...]
    """The names of the cookies that it is about."""
    step: int
    """The step of the request in which it first occurred, from 1.

    With several recorders, steps are counted over all of them, as ``view`` of all shows them.
    """
    row: int
    """The step whose row shows it, by which every text calls it: that of the request, or one of
    its response's."""
    request: str
    """Method and address of the request, without the query: ``POST shop.test/cart``."""
    question: str
    cause: str
    fix: str
    """Empty if no fix is known."""
    count: int
    """In how many exchanges it occurred."""
    code_place: CodePlace | None
    """Where to look in the app; None without a witness."""
    ignored: tuple[str, ...] = ()
    """Why it is ignored; empty if it is not."""
    recorders: tuple[str, ...] = ()
    """The names of the recorders that have it; empty if the capture is that of one."""

    @property
    def title(self) -> str:
        """What it is about, the same in every recording: ``expired: 'user' at shop.test``."""
        cookies = ", ".join(f"'{name}'" for name in self.cookies)
        about = " at ".join(part for part in (cookies, self.host) if part)
        return f"{self.code}: {about}" if about else self.code

    @property
    def fingerprint(self) -> str:
        """Identifies it across recordings: a digest of the code, the host and the cookies."""
        identity = "\n".join((self.code, self.host, *sorted(self.cookies)))
        return hashlib.sha256(identity.encode()).hexdigest()[:32]


class EntryGroup(msgspec.Struct, frozen=True, kw_only=True):
    """The problems and warnings of one recorder, host or cookie."""

    name: str
    entries: tuple[Entry, ...]
    """The worst first; their steps and counts are those within the group."""

    @property
    def tally(self) -> Tally:
        """How many problems and warnings there are."""
        return _tally(self.entries)


class CheckReport(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a check."""

    source: str
    """What was checked: a file as the user named it."""
    requests: int
    """How many requests were checked: those in focus, without the browser's own."""
    entries: tuple[Entry, ...]
    """The problems, then the warnings; the worst first. Without those that are ignored."""
    ignored: tuple[Entry, ...] = ()
    unused: tuple[Ignore, ...] = ()
    """The ignores that matched nothing; none in a focus, which may leave out what they match."""
    unchecked: tuple[str, ...] = ()
    """What was to be checked and is not in the capture: sentences, each with the reason."""
    remarks: tuple[str, ...] = ()
    """Lines on why a clean report may mean less than it seems to, these sentences included."""
    by: str = ""
    """What the groups are: recorders, hosts or cookies; empty if none were asked for."""
    groups: tuple[EntryGroup, ...] = ()
    """The entries once more, in groups; the group with the worst one first."""

    @property
    def tally(self) -> Tally:
        """How many problems and warnings there are."""
        return _tally(self.entries)

    def failing(self, fail_on: Severity = Severity.PROBLEM) -> tuple[Entry, ...]:
        """Return the entries that are at least this severe: those that fail the check."""
        return tuple(entry for entry in self.entries if fails(entry, fail_on))


def _tally(entries: Iterable[Entry]) -> Tally:
    severities = [entry.severity for entry in entries]
    return Tally(severities.count(Severity.PROBLEM), severities.count(Severity.WARNING))


def fails(entry: Entry, fail_on: Severity) -> bool:
    """Return whether an entry makes a check fail."""
    return not entry.ignored and ORDER[entry.severity] <= ORDER[fail_on]
