"""Checks that a redacted capture has usable verdicts on each of its exchanges."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from cookietrace.cookies.verdicts import shortened
from cookietrace.errors import FormatError
from cookietrace.events import Capture, Event, Jar, Request, Response, Verdicts
from cookietrace.fold.verdict_reading import ExchangeVerdicts, decode_record
from cookietrace.fold.verdict_replay import TOO_LATE, request_misfit, response_misfit
from cookietrace.formats.format import Lost
from cookietrace.safe_text import safe

MISSING = "they are missing"


def checked(
    events: Iterable[Event], name: str, lost: Lost | None = None, *, live: bool = False
) -> Iterator[Event]:
    """Yield the events of a file, without verdicts that cannot be used.

    ``name`` is the file's, safe to show. Raises ``FormatError`` that names the first exchange
    with a problem. With ``lost``, that exchange stays without verdicts, and one line per
    problem is reported at the end. A ``live`` capture may end between verdicts and the response
    that they are about, and its oldest exchanges may be gone.
    """
    return _Check(name, lost, live=live).events(events)


class _Check:
    """What is known about one file so far."""

    def __init__(self, name: str, lost: Lost | None, *, live: bool) -> None:
        self._name = name
        self._lost = lost
        self._live = live
        self._redacted: bool | None = None
        """None before the ``capture`` event."""
        self._numbers: dict[str, int] = {}
        self._waiting: dict[str, Request] = {}
        """The requests whose verdicts have not come yet."""
        self._judged: dict[str, ExchangeVerdicts] = {}
        """The verdicts on exchanges whose response has not come yet."""
        self._named: dict[str, str] = {}
        """The exchanges that verdicts name, each with one of those that name it."""
        self._problems: defaultdict[str, list[str]] = defaultdict(list)
        """Problem -> the exchanges that have it."""
        self._stray = False
        self._cut = False
        """Whether exchanges were removed, which the verdicts on others may still name."""

    def events(self, events: Iterable[Event]) -> Iterator[Event]:
        """Yield the events that can be used; report the problems."""
        for event in events:
            kind = type(event)
            if kind is Verdicts:
                if not self._takes(event):  # type: ignore[arg-type]
                    continue
            elif kind is Capture:
                if self._redacted is None:
                    self._redacted = event.redacted  # type: ignore[union-attr]
            elif self._redacted:
                self._follow(event)
            yield event
        self._end()

    def _follow(self, event: Event) -> None:
        """Take note of a redacted request or response."""
        if isinstance(event, Request) and event.exchange_id not in self._numbers:
            self._numbers[event.exchange_id] = len(self._numbers) + 1
            self._waiting[event.exchange_id] = event
        elif isinstance(event, Jar):
            self._cut = self._cut or event.removed is not None
        elif isinstance(event, Response):
            if self._waiting.pop(event.exchange_id, None) is not None:
                self._report(event.exchange_id, MISSING)
            verdicts = self._judged.pop(event.exchange_id, None)
            problem = response_misfit(verdicts, event) if verdicts is not None else None
            if problem is not None:
                self._report(event.exchange_id, problem)

    def _takes(self, event: Verdicts) -> bool:
        """Return whether verdicts can be used."""
        if not self._redacted:
            self._report_stray()
            return False
        exchange_id = event.exchange_id
        if self._live and exchange_id not in self._numbers:
            return False
        if event.revised:
            return self._takes_revised(event)
        request = self._waiting.pop(exchange_id, None)
        if request is None:
            known = exchange_id in self._numbers
            self._report(
                exchange_id,
                TOO_LATE if known else "there is no such exchange",
            )
            return False
        try:
            verdicts = decode_record(event.content)
        except FormatError as error:
            self._report(exchange_id, safe(str(error)))
            return False
        problem = request_misfit(verdicts, request)
        if problem is not None:
            self._report(exchange_id, problem)
            return False
        self._judged[exchange_id] = verdicts
        for named in verdicts.named:
            self._named.setdefault(named, exchange_id)
        return True

    def _takes_revised(self, event: Verdicts) -> bool:
        """Return whether verdicts can take the place of earlier ones."""
        exchange_id = event.exchange_id
        before = self._judged.get(exchange_id)
        problem: str | None = None
        if exchange_id not in self._numbers or exchange_id in self._waiting:
            problem = "they are revised, and there were none before"
        else:
            try:
                verdicts = decode_record(event.content)
            except FormatError as error:
                problem = safe(str(error))
        if problem is None and before is not None:
            if (verdicts.request_line, verdicts.observed) != (before.request_line, before.observed):
                problem = "they belong to another request"
            else:
                self._judged[exchange_id] = verdicts
        if problem is not None:
            self._report(exchange_id, problem)
            return False
        for named in verdicts.named:
            self._named.setdefault(named, exchange_id)
        return True

    def _end(self) -> None:
        """Report what only the end of the file shows."""
        for exchange_id in self._waiting:
            self._report(exchange_id, MISSING)
        for exchange_id, verdicts in self._judged.items():
            if verdicts.status_code is not None and not self._live:
                self._report(exchange_id, "they belong to a response that is not there")
        for named, by in self._named.items():
            if named not in self._numbers and not self._cut and not self._live:
                self._report(
                    by, f"they name an exchange that is not there ({safe(shortened(named))})"
                )
        if self._lost is not None:
            for problem, exchanges in self._problems.items():
                of = self._exchange(exchanges[0])
                if exchanges[1:]:
                    of = f"{len(exchanges)} exchanges ({of} first)"
                self._lost(f"{self._name}: the verdicts on {of} are lost: {problem}")

    def _report(self, exchange_id: str, problem: str) -> None:
        if self._lost is None:
            raise FormatError(
                f"{self._name}: the verdicts on {self._exchange(exchange_id)} cannot be used: "
                f"{problem} (--lenient leaves them out)"
            )
        self._problems[problem].append(exchange_id)

    def _report_stray(self) -> None:
        what = "it has verdicts, but does not say that it is redacted"
        if self._lost is None:
            raise FormatError(f"{self._name}: {what} (--lenient leaves them out)")
        if not self._stray:
            self._stray = True
            self._lost(f"{self._name}: {what}: they are lost, and its values are used as they are")

    def _exchange(self, exchange_id: str) -> str:
        number = self._numbers.get(exchange_id)
        name = safe(shortened(exchange_id))
        return f"exchange {name}" if number is None else f"exchange {number} ({name})"
