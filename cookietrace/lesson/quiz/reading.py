"""Questions on what reaches the server: what it reads, from when on, and which of two."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from cookietrace.cookies import Outcome
from cookietrace.lesson.display_text import quoted_text
from cookietrace.lesson.prose import found, named, page, times
from cookietrace.lesson.quiz.question import Option, Question, QuestionContext
from cookietrace.safe_text import safe

NEVER = "never"
_LOOK_AHEAD = 200
"""How many places of a name are looked at to find one in focus."""


def reads(context: QuestionContext) -> Question | None:
    """Ask what the view reads for a cookie at this step."""
    server = context.exchange.server
    if not context.is_exchange or server is None:
        return None
    values: dict[str, set[str | None]] = defaultdict(set)
    for read in server.reads:
        if context.table.focus.covers(read.name) and read.where == "view":
            values[read.name].add(read.value)
    clear = sorted(name for name, seen in values.items() if len(seen) == 1)
    if not clear:
        return None
    name = context.random.choice(clear)
    (value,) = values[name]
    told, step = quoted_text(name), context.step
    view = f"the view {safe(server.function)}" if server.function is not None else "the app"
    written = [w.value for w in server.writes if w.name == name and w.value is not None]
    if value is None:
        feedback = (
            f"The request in step {step} brings no {told}, so there is nothing to read: "
            "request.cookies.get gives None."
        )
        if written:
            feedback += (
                f" {context.value(written[0])} is set in the answer, and the client can bring it "
                "back with a later request at the earliest."
            )
    else:
        feedback = (
            f"The request in step {step} brings {told} with {found(value, context.table.mask)}, "
            "and that is what the server reads: what the client sent, whatever the answer sets."
        )
    return context.question(
        prompt=f"What does {view} read for the cookie {told} in step {step}?",
        right=_read(context, value),
        wrong=_wrong_reads(context, name, written),
        hint=f"Look at the Cookie header of step {step}: the server reads what is in it, no more.",
        feedback=feedback,
        subject=(name,),
    )


def _read(context: QuestionContext, value: str | None) -> Option:
    if value is None:
        return Option("None", "none")
    text = found(value, context.table.mask) if value else "'' (an empty text)"
    return Option(text, f"value:{value}")


def _wrong_reads(context: QuestionContext, name: str, written: list[str]) -> Iterator[Option]:
    yield from (_read(context, value) for value in written)
    yield _read(context, None)
    for told in context.part.cookies:
        if told.name == name and told.cookie is not None and told.replaces is not None:
            yield _read(context, told.replaces.value)
    yield _read(context, "")
    yield Option(quoted_text(name), f"value:{name}")
    yield Option("True", "true")


def first_sent(context: QuestionContext) -> Question | None:
    """Ask at which step the client first sends a cookie that is set at this one."""
    created = [r for r in context.standing() if r.outcome is Outcome.CREATED and r.name]
    result = context.pick(created)
    if not context.is_exchange or result is None:
        return None
    carried = context.histories.carried(context.client_id, result.name)
    if carried and carried[0] < context.exchange.number:
        return None
    table, name = context.table, named(result.name)
    steps = [
        step
        for number in carried[:_LOOK_AHEAD]
        for step in table.steps_of(table.trace.exchanges[number - 1].exchange_id)[:1]
    ]
    if carried and not steps:
        return None
    right = steps[0] if steps else None
    if right is None:
        feedback = (
            f"No request so far brings {name}: it was set in step {context.step}, and none of the "
            "requests since then is one that it belongs to."
        )
    else:
        feedback = (
            f"The answer in step {context.step} sets {name} to {context.value(result.value)}. The "
            f"request of step {right} is the client's first one after that which the cookie "
            "belongs to, and there it goes along."
        )
    return context.question(
        prompt=f"{_capital(name)} is set in step {context.step}. At which step does the client "
        "send it for the first time?",
        right=_at(right),
        wrong=_wrong_steps(context, right),
        hint="A cookie is sent by a request, and only after it has been stored: look down the "
        "column Request Cookies of the execution table.",
        feedback=feedback,
        subject=(context.client_id, result.name),
    )


def _at(step: int | None) -> Option:
    return Option("In none so far", NEVER) if step is None else Option(f"Step {step}", str(step))


def _wrong_steps(context: QuestionContext, right: int | None) -> Iterator[Option]:
    yield _at(context.step)
    yield from (_at(step) for step in context.table.steps_of(context.exchange.exchange_id)[1:2])
    last = len(context.table)
    around = context.step if right is None else right
    for step in (around + 1, around + 2, around - 1, around + 3, around - 2):
        if 1 <= step <= last:
            yield _at(step)
    yield _at(None)


def which_of_two(context: QuestionContext) -> Question | None:
    """Ask which of two cookies of one name the server gets first."""
    same: dict[str, list[str]] = defaultdict(list)
    for name, value in context.table.request_pairs(context.exchange):
        same[name].append(value)
    twins = sorted(name for name, values in same.items() if len(set(values)) > 1)
    if not context.is_exchange or not twins:
        return None
    name = context.random.choice(twins)
    first, *others = dict.fromkeys(same[name])
    told, step = named(name), context.step
    paths = [c.cookie.path for c in context.part.cookies if c.name == name and c.cookie is not None]
    why = (
        "longer paths come first"
        if len(paths) > 1 and len(paths[0]) > len(paths[1])
        else "of equal paths the older cookie comes first"
    )
    return context.question(
        prompt=f"The request of step {step} carries {told} {times(len(same[name]))}. Which value "
        "stands first in the Cookie header, where most servers take it from?",
        right=Option(context.value(first), f"value:{first}"),
        wrong=[
            *(Option(context.value(value), f"value:{value}") for value in others),
            Option("Neither: the client sends none of them when in doubt", "none"),
            Option("Both, joined into one value", "joined"),
            Option("Whichever was set last, in every case", "latest"),
        ],
        hint=f"Compare the two {told} in the jar as of step {step}: their paths, and where these "
        "are equal their ages.",
        feedback=f"The header of step {step} for {page(context.exchange)} has {context.value(first)} "
        f"first, then {context.value(others[0])}: {why}. Flask's request.cookies.get gives the "
        "first one.",
        subject=(name,),
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
