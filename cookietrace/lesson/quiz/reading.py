"""Questions about what reaches the server: what it reads, since when, and which of two."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from cookietrace.cookies import Outcome
from cookietrace.lesson.display_text import capitalized, quoted_text, times
from cookietrace.lesson.never_sent import why_not_sent
from cookietrace.lesson.prose import cookies_named, found, named, page
from cookietrace.lesson.quiz.question import Option, Question, QuestionContext
from cookietrace.lesson.table import Table
from cookietrace.safe_text import safe

NEVER = "never"
_LOOK_AHEAD = 200
"""How many requests with a name are searched for one in focus."""


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
    quoted, step = quoted_text(name), context.label
    view = f"the view {safe(server.function)}" if server.function is not None else "the app"
    written = [w.value for w in server.writes if w.name == name and w.value is not None]
    if value is None:
        feedback = (
            f"The request in step {step} contains no {quoted}, so there is nothing to read: "
            "request.cookies.get returns None."
        )
        if written:
            feedback += (
                f" The response sets it to {context.value(written[0])}, but the client can only "
                "send that with a later request."
            )
    else:
        feedback = (
            f"The request in step {step} contains {quoted} with the value "
            f"{found(value, context.table.mask)}. The server reads what the client sent, whatever "
            "the response sets."
        )
    return context.question(
        prompt=f"What does {view} read for the cookie {quoted} in step {step}?",
        right=_read(context, value),
        wrong=_wrong_reads(context, name, written),
        hint=f"Look at the Cookie header in step {step}: the server reads that and nothing else.",
        feedback=feedback,
        subject=(name,),
    )


def _read(context: QuestionContext, value: str | None) -> Option:
    if value is None:
        return Option("None", "none")
    text = found(value, context.table.mask) if value else "'' (an empty string)"
    return Option(text, f"value:{value}")


def _wrong_reads(context: QuestionContext, name: str, written: list[str]) -> Iterator[Option]:
    yield from (_read(context, value) for value in written)
    yield _read(context, None)
    for carried in context.part.cookies:
        if carried.name == name and carried.cookie is not None and carried.replaces is not None:
            yield _read(context, carried.replaces.value)
    yield _read(context, "")
    yield Option(quoted_text(name), f"value:{name}")
    yield Option("True", "true")


def first_sent(context: QuestionContext) -> Question | None:
    """Ask in which step the client first sends a cookie that is set in this one."""
    if not context.is_exchange:
        return None
    created = [r for r in context.lasting_results() if r.outcome is Outcome.CREATED and r.name]
    result = context.pick(created)
    if result is None:
        return None
    response = context.exchange.response
    carried = context.histories.carried(context.client_id, result.name)
    if response is None or result.cookie is None:
        return None
    if carried and carried[0] <= context.histories.requests_until(response.position):
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
        unsent = why_not_sent(table, context.histories, context.exchange, result.cookie)
        if unsent is None:
            return None
        feedback = (
            f"No request so far sends {name}, which was set in step {context.label}. "
            f"{unsent.sentence}"
        )
    else:
        feedback = (
            f"The response in step {context.label} sets {name} to {context.value(result.value)}. "
            f"The request in step {table.label(right)} is the client's first matching one after "
            "that, so it sends the cookie."
        )
    return context.question(
        prompt=f"{capitalized(name)} is set in step {context.label}. In which step does the client "
        "send it for the first time?",
        right=_at(table, right),
        wrong=_wrong_steps(context, right),
        hint="A cookie is sent with a request, and only after it has been stored: look down the "
        "Request Cookies column of the execution table.",
        feedback=feedback,
        subject=(context.client_id, result.name),
    )


def _at(table: Table, step: int | None) -> Option:
    if step is None:
        return Option("None so far", NEVER)
    return Option(f"Step {table.label(step)}", str(step))


def _wrong_steps(context: QuestionContext, right: int | None) -> Iterator[Option]:
    table = context.table
    yield _at(table, context.step)
    yield from (_at(table, step) for step in table.steps_of(context.exchange.exchange_id)[1:2])
    around = context.step if right is None else right
    for step in (around + 1, around + 2, around - 1, around + 3, around - 2):
        if 1 <= step <= len(table):
            yield _at(table, step)
    yield _at(table, None)


def which_of_two(context: QuestionContext) -> Question | None:
    """Ask which of two cookies of the same name comes first in the header."""
    if not context.is_exchange:
        return None
    same: dict[str, list[str]] = defaultdict(list)
    for name, value in context.table.request_pairs(context.exchange):
        same[name].append(value)
    twins = sorted(name for name, values in same.items() if len(set(values)) > 1)
    if not twins:
        return None
    name = context.random.choice(twins)
    first, *others = dict.fromkeys(same[name])
    label, step = named(name), context.label
    paths = [c.cookie.path for c in context.part.cookies if c.name == name and c.cookie is not None]
    why = (
        "longer paths come first"
        if len(paths) > 1 and len(paths[0]) > len(paths[1])
        else "if the paths are equally long, the older cookie comes first"
    )
    return context.question(
        prompt=f"The request in step {step} contains {label} {times(len(same[name]))}. Which value "
        "comes first in the Cookie header, where most servers take it from?",
        right=Option(context.value(first), f"value:{first}"),
        wrong=[
            *(Option(context.value(value), f"value:{value}") for value in others),
            Option("Neither: when in doubt, the client sends none of them", "none"),
            Option("Both, joined into one value", "joined"),
            Option("Always the one that was set last", "latest"),
        ],
        hint=f"Compare the {cookies_named(name)} in the jar at step {step}: first their paths and, "
        "if these are equally long, their ages.",
        feedback=f"The Cookie header in step {step} for {page(context.exchange)} contains "
        f"{context.value(first)} first, then {context.value(others[0])}: {why}. Flask's "
        "request.cookies.get returns the first one.",
        subject=(name,),
    )
