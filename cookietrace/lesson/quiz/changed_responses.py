"""Questions about a different response: what if a Set-Cookie line were missing or changed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cookietrace.cookies import Outcome, StoreResult
from cookietrace.fold.exchange import RowKind
from cookietrace.lesson.jar_simulation import simulate_response, simulate_visit
from cookietrace.lesson.prose import named, page, reason
from cookietrace.lesson.quiz.question import Option, Question, QuestionContext

SHORT_LIFE = 60
"""Seconds: a cookie that expires this soon makes no good question."""

_LONGEST_LINE = 600
_PREFIX = re.compile(r"^__(?:Host-Http|Http|Host|Secure)-", re.IGNORECASE)


def stops_setting(context: QuestionContext) -> Question | None:
    """Ask what happens to a stored cookie if the server no longer sets it."""
    response = context.exchange.response
    if not context.is_exchange or response is None:
        return None
    again = [
        result
        for result in context.results()
        if result.outcome in (Outcome.REFRESHED, Outcome.REPLACED)
        and result.name
        and result.previous is not None
        and not result.previous.inferred
        and (
            result.previous.expires_at is None
            or result.previous.expires_at > response.at + SHORT_LIFE
        )
    ]
    result = context.pick(again)
    if result is None or result.previous is None:
        return None
    before = result.previous
    rest = [r.raw for r in response.set_cookies if r.name != result.name]
    jar, _ = simulate_response(context.table.trace, context.exchange, rest)
    held = jar.get(before.key)
    if held is None or held.value != before.value:
        return None
    sent = any(
        cookie.key == before.key
        for cookie in simulate_visit(jar, context.part.target, response.at + 1).sent
    )
    name, value = named(result.name), context.value(before.value)
    still_sent = f"It stays in the jar, and the next visit to that page sends it with {value}"
    only_held = (
        f"It stays in the jar with {value}, but the next visit to that page does not send it"
    )
    life = "until the browser closes" if before.expires_at is None else "until it expires"
    feedback = (
        f"The client keeps what it has stored: {name} with {value} stays {life}, or until a "
        "response deletes it. A response that does not mention a cookie does not change it"
    )
    if sent:
        feedback += f", so the next visit to {page(context.exchange)} sends it again."
    else:
        feedback += (
            f". It is not sent to {page(context.exchange)}, since it is for other addresses."
        )
    new = (
        Option(f"It is sent with {context.value(result.value)} anyway", f"sent:{result.value}")
        if result.value != before.value
        else Option("It is sent once more and then forgotten", "once")
    )
    return context.question(
        prompt=f"Suppose the response in step {context.label} had not set {name}. What would have "
        "happened to the one that the client had stored before?",
        right=Option(still_sent, f"sent:{before.value}") if sent else Option(only_held, "held"),
        wrong=[
            Option("It is deleted as soon as a response leaves it out", "gone"),
            new,
            Option(only_held, "held") if sent else Option(still_sent, f"sent:{before.value}"),
            Option("The client asks the server for it again", "asks"),
        ],
        hint="Who decides when a cookie leaves the jar? Look at the cookie's life in the jar.",
        feedback=feedback,
        subject=(context.client_id, *map(str, before.key)),
    )


def which_fixes(context: QuestionContext) -> Question | None:
    """Ask which of four lines the client would have accepted instead of the refused one."""
    if context.row.kind is not RowKind.REFUSED or context.trace_is_redacted:
        return None
    result = next(iter(context.shown_results()), None)
    if result is None:
        return None
    if len(result.raw) > _LONGEST_LINE or not result.name:
        return None
    edits = list(dict.fromkeys(_edits(result)))
    judged = [(line, _is_accepted(context, line)) for line in edits]
    good = [line for line, accepted in judged if accepted]
    bad = [line for line, accepted in judged if not accepted]
    if not good or len(bad) < 3:
        return None
    right = context.random.choice(good)
    first, *others = bad
    context.random.shuffle(others)
    why = " ".join(reason(finding) for finding in result.reasons)
    return context.question(
        prompt=f"The client refuses {named(result.name)} in step {context.label}. Which of these "
        "lines would it have accepted instead?",
        right=_line(context, right),
        wrong=[_line(context, line) for line in (first, *others)],
        hint="Find the rule that the line breaks. Only one of the four follows every rule.",
        feedback=f"{why} The line that follows every rule is {_line(context, right).text}.",
        hint_step=context.request_step,
    )


def _is_accepted(context: QuestionContext, line: str) -> bool:
    """Return whether the client would have stored this line, everything else being the same."""
    response = context.exchange.response
    assert response is not None
    (refused,) = context.shown_results()
    lines = [r.raw for r in response.set_cookies]
    place = next(i for i, r in enumerate(response.set_cookies) if r is refused or r == refused)
    lines[place] = line
    _, results = simulate_response(context.table.trace, context.exchange, lines[: place + 1])
    return results[place].outcome in (Outcome.CREATED, Outcome.REPLACED, Outcome.REFRESHED)


def _line(context: QuestionContext, line: str) -> Option:
    pair, _, attributes = line.partition(";")
    name, _, value = pair.partition("=")
    return Option(context.line(name.strip(), value.strip(), attributes.strip()), line)


def _edits(result: StoreResult) -> Iterator[str]:
    """Yield the line as it was, then with one or a few attributes changed."""
    name, value = result.name, result.value
    attributes = [part.strip() for part in result.raw.split(";")[1:] if part.strip()]
    bare = _PREFIX.sub("", name) or name

    def line(kept: list[str], name: str = name) -> str:
        return "; ".join([f"{name}={value}", *kept])

    def without(*keys: str) -> list[str]:
        return [a for a in attributes if a.partition("=")[0].strip().lower() not in keys]

    yield line(attributes)
    yield line([*without("secure"), "Secure"])
    yield line(without("domain"))
    yield line([*without("samesite"), "SameSite=Lax"])
    yield line([*without("path"), "Path=/"])
    yield line([*without("httponly"), "HttpOnly"])
    yield line([*without("secure", "samesite"), "SameSite=None", "Secure"])
    yield line([*without("domain", "path", "secure"), "Path=/", "Secure"])
    yield line(without("secure", "samesite"))
    yield line(without("domain", "secure", "samesite", "partitioned"))
    yield line([*without("max-age"), "Max-Age=3600"])
    if bare != name:
        yield line(attributes, bare)
        yield line([*without("secure"), "Secure"], bare)
