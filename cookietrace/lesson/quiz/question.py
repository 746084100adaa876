"""A question with four options, and the step that a kind of question asks about."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

import msgspec

from cookietrace.cookies import CookieKey, StoreResult
from cookietrace.fold.exchange import RowKind
from cookietrace.lesson.cookie_histories import ACCEPTED, CookieHistories
from cookietrace.lesson.display_text import clip, shown
from cookietrace.lesson.prose import valued
from cookietrace.lesson.set_cookie_text import masked_attributes
from cookietrace.lesson.standing import current_results, is_open, is_wrong
from cookietrace.lesson.table import Table

OPTIONS = 4
"""How many options every question has."""

LINE_CELLS = 76
"""The most cells that a Set-Cookie line takes in an option."""


class Option(msgspec.Struct, frozen=True):
    """One answer to choose."""

    text: str
    """What is shown; display text."""
    claim: str
    """What it states, in its kind's own notation, unmasked: for tests, never for a screen."""


class Question(msgspec.Struct, frozen=True):
    """A question about one step; all texts except claims and subject are display text."""

    kind: str
    """A key of ``KINDS``."""
    step: int
    """The step that it is about; the feedback links to it."""
    prompt: str
    options: tuple[Option, ...]
    """Four, all different; exactly one is right."""
    right: int
    """The index of the right one."""
    hint: str
    """Where to look, without giving the answer away."""
    hint_step: int
    """The step to look at."""
    label: str
    """What texts call ``step``."""
    hint_label: str
    """What texts call ``hint_step``."""
    feedback: str
    """Why the right answer is right, with the trace's own values."""
    subject: tuple[str, ...] = ()
    """What it asks about, in its kind's own notation, unmasked: for tests."""

    def is_right(self, choice: int) -> bool:
        """Return whether the option at an index, from 0, is the right one."""
        return choice == self.right


class QuestionContext:
    """One step of a table, with everything that a kind of question needs.

    The random choices depend only on the seed, the kind and the step.
    """

    def __init__(
        self, table: Table, histories: CookieHistories, step: int, kind: str, seed: int
    ) -> None:
        self.table = table
        self.histories = histories
        self.step = step
        self.kind = kind
        self.row = table.trace_row(step)
        self.exchange = table.exchange(step)
        self.part = self.exchange.request
        self.client_id = self.part.client_id
        self.random = Random(f"{seed}/{kind}/{step}")  # noqa: S311 - a quiz keeps no secrets

    @property
    def trace_is_redacted(self) -> bool:
        """True if values are tokens, so no Set-Cookie line can be judged again."""
        capture = self.table.trace.capture
        return capture is not None and capture.redacted

    @property
    def is_exchange(self) -> bool:
        """True if the step is the exchange row."""
        return self.row.kind is RowKind.EXCHANGE

    @property
    def label(self) -> str:
        """What texts call the step: its number."""
        return self.row.label

    @property
    def request_label(self) -> str:
        """What texts call the exchange's own step."""
        return self.exchange.row.label

    @property
    def request_step(self) -> int:
        """The exchange's first step in focus."""
        return self.table.steps_of(self.exchange.exchange_id)[0]

    def results(self) -> list[StoreResult]:
        """Return the verdicts on the response's Set-Cookie lines in focus that are known."""
        response = self.exchange.response
        return self._known(response.set_cookies) if response is not None else []

    def shown_results(self) -> list[StoreResult]:
        """Return those of them that the step shows."""
        return self._known(current_results(self.row, self.exchange))

    def _known(self, results: Iterable[StoreResult]) -> list[StoreResult]:
        covers = self.table.focus.covers
        return [r for r in results if covers(r.name) and not (is_open(r) or is_wrong(r))]

    def lasting_results(self) -> list[StoreResult]:
        """Return those that the client accepted for sure and no later line undid."""
        kept: dict[CookieKey, StoreResult] = {}
        response = self.exchange.response
        for result in response.set_cookies if response is not None else ():
            if result.cookie is None or is_open(result) or is_wrong(result):
                continue
            if result.outcome in ACCEPTED:
                kept[result.cookie.key] = result
            else:
                kept.pop(result.cookie.key, None)
        covers = self.table.focus.covers
        return [result for result in kept.values() if covers(result.name)]

    def pick(self, results: list[StoreResult]) -> StoreResult | None:
        """Return a random one; None if there is none."""
        return self.random.choice(results) if results else None

    def value(self, value: str) -> str:
        """Return a cookie's value as prose shows it."""
        return valued(value, self.table.mask)

    def line(self, name: str, value: str, attributes: str) -> str:
        """Return a Set-Cookie line as an option shows it, with its value masked."""
        first = f"{name}={self.table.mask(value)}" if name else self.table.mask(value)
        first = clip(shown(first), LINE_CELLS // 2)
        attributes = masked_attributes(attributes, self.table.mask)
        return clip(f"{first}; {shown(attributes)}" if attributes else first, LINE_CELLS)

    def question(
        self,
        *,
        prompt: str,
        right: Option,
        wrong: Iterable[Option],
        hint: str,
        feedback: str,
        subject: tuple[str, ...] = (),
        hint_step: int | None = None,
    ) -> Question | None:
        """Return the question, its options in random order; None if too few are different.

        The first three of ``wrong`` that differ from each other and from the right
        one are used, so the most tempting ones should come first.
        """
        chosen = {right.text: right}
        claims = {right.claim}
        for option in wrong:
            if len(chosen) == OPTIONS:
                break
            if option.text not in chosen and option.claim not in claims:
                chosen[option.text] = option
                claims.add(option.claim)
        if len(chosen) < OPTIONS:
            return None
        options = list(chosen.values())
        self.random.shuffle(options)
        look_at = self.step if hint_step is None else hint_step
        return Question(
            kind=self.kind,
            step=self.step,
            prompt=prompt,
            options=tuple(options),
            right=options.index(right),
            hint=hint,
            hint_step=look_at,
            label=self.label,
            hint_label=self.table.label(look_at),
            feedback=feedback,
            subject=subject,
        )
