"""Questions about what a client does with a Set-Cookie: store, replace, refuse; how long."""

from __future__ import annotations

from collections.abc import Iterator

from cookietrace.cookies import Code, Outcome, SameSite, StoreResult
from cookietrace.fold.exchange import RowKind
from cookietrace.lesson.display_text import plural, shown, span
from cookietrace.lesson.jar_simulation import simulate_response
from cookietrace.lesson.prose import RULES_IN_SHORT, named, page, reason
from cookietrace.lesson.quiz.question import Option, Question, QuestionContext
from cookietrace.lesson.standing import is_open, is_wrong

OUTCOMES = {
    Outcome.CREATED: "It stores a new cookie",
    Outcome.REPLACED: "It replaces the cookie it has",
    Outcome.REFRESHED: "It keeps what it has: nothing changes",
    Outcome.DELETED: "It deletes the cookie it has",
    Outcome.REJECTED: "It refuses the cookie",
    Outcome.IGNORED: "It does nothing: the line expires at once, and there is no such cookie",
}
"""What a client can do with a Set-Cookie, in mutually exclusive words."""

_REFUSALS = (
    Code.DOMAIN_MISMATCH,
    Code.SAME_SITE_NONE_INSECURE,
    Code.SECURE_FROM_INSECURE,
    Code.PUBLIC_SUFFIX_DOMAIN,
    Code.NAME_VALUE_TOO_LARGE,
    Code.PREFIX_HOST,
    Code.PREFIX_SECURE,
    Code.SAME_SITE_FROM_CROSS_SITE,
    Code.WOULD_OVERWRITE_SECURE,
    Code.PARTITIONED_INSECURE,
)

_EARLY = frozenset({Code.CONTROL_CHARACTER, Code.NAME_VALUE_TOO_LARGE})
"""Reasons that end the check before the later rules are applied."""

_ON_LIFETIMES = frozenset({Code.LIFETIME_CAPPED, Code.EXPIRES_UNPARSABLE, Code.MAX_AGE_UNPARSABLE})
"""Warnings on why a lifetime is not what was written."""

_LONGEST_LIFE = 20 * 365 * 86400
_NICE_LIVES = (1800, 3600, 86400, 14 * 86400, 365 * 86400)


def outcome(context: QuestionContext) -> Question | None:
    """Ask what the client does with a Set-Cookie."""
    if context.is_exchange:
        results = [
            r for r in context.results() if r.outcome in (Outcome.REFRESHED, Outcome.IGNORED)
        ]
    else:
        results = context.shown_results()
    response = context.exchange.response
    result = context.pick(results)
    if result is None or response is None:
        return None
    line = context.line(result.name, result.value, result.raw.partition(";")[2].strip())
    wrong = [other for other in OUTCOMES if other is not result.outcome]
    context.random.shuffle(wrong)
    place = response.set_cookies.index(result)
    return context.question(
        prompt=f"The response from {page(context.exchange)} in step {context.request_label} has "
        f"Set-Cookie: {line}. What does the client do with it?",
        right=Option(OUTCOMES[result.outcome], result.outcome.value),
        wrong=[Option(OUTCOMES[other], other.value) for other in wrong],
        hint="Does the line follow the rules? Did the jar already hold a cookie with this name, "
        "domain and path, and with which value?",
        feedback=_what_happened(context, result),
        subject=(str(place),),
        hint_step=context.request_step,
    )


def _what_happened(context: QuestionContext, result: StoreResult) -> str:
    name, before, step = named(result.name), result.previous, context.label
    match result.outcome:
        case Outcome.CREATED:
            return (
                f"The jar did not hold {name} for this domain and path, so in step {step} it is "
                "new."
            )
        case Outcome.REPLACED if before is not None and before.value != result.value:
            return (
                f"The jar held {name} with {context.value(before.value)}; "
                f"{context.value(result.value)} replaces it in step {step}."
            )
        case Outcome.REPLACED:
            return f"The jar held {name} with the same value; step {step} changes its attributes."
        case Outcome.REFRESHED:
            value = context.value(result.value)
            return f"The jar already held {name} exactly like this, with {value}."
        case Outcome.DELETED:
            return f"The expiry is in the past, so {name} is removed from the jar."
        case Outcome.IGNORED:
            return (
                f"The expiry is in the past, but the jar did not hold {name} for this domain and "
                "path."
            )
        case Outcome.REJECTED:
            return " ".join(reason(finding) for finding in result.reasons)


def why_refused(context: QuestionContext) -> Question | None:
    """Ask why the client refuses a Set-Cookie."""
    if context.row.kind is not RowKind.REFUSED:
        return None
    result = next(iter(context.shown_results()), None)
    if result is None:
        return None
    codes = {finding.code for finding in result.reasons}
    if not codes or (codes & _EARLY and context.trace_is_redacted):
        return None
    true_too = codes | (_hidden(context, result) if codes & _EARLY else set())
    wrong = [code for code in _REFUSALS if code not in true_too]
    context.random.shuffle(wrong)
    wrong.sort(key=lambda code: _is_far_fetched(code, result))
    line = context.line(result.name, result.value, result.raw.partition(";")[2].strip())
    return context.question(
        prompt=f"In step {context.label} the client refuses Set-Cookie: {line}, which came from "
        f"{shown(context.part.target.origin)}. Why?",
        right=_because(result.reasons[0].code),
        wrong=[_because(code) for code in wrong],
        hint="Compare each attribute of the line with the address that the response came from.",
        feedback=" ".join(reason(finding) for finding in result.reasons),
        hint_step=context.request_step,
    )


def _is_far_fetched(code: Code, result: StoreResult) -> bool:
    """Return whether the line alone shows that this is not the reason."""
    parsed = result.parsed
    match code:
        case Code.PREFIX_HOST | Code.PREFIX_SECURE:
            return not parsed.name.startswith("__")
        case Code.PARTITIONED_INSECURE:
            return "partitioned" not in result.raw.lower()
        case Code.DOMAIN_MISMATCH | Code.PUBLIC_SUFFIX_DOMAIN:
            return parsed.domain is None
        case Code.SECURE_FROM_INSECURE:
            return not parsed.secure
        case Code.SAME_SITE_NONE_INSECURE:
            return parsed.same_site is not SameSite.NONE
        case _:
            return False


def _hidden(context: QuestionContext, result: StoreResult) -> set[Code]:
    """Return what else would have been wrong with a line that was discarded early."""
    attributes = "".join(c for c in result.raw.partition(";")[2] if c.isprintable())
    name = "".join(c for c in result.name if c.isprintable())[:80] or "x"
    _, (again,) = simulate_response(
        context.table.trace, context.exchange, [f"{name}=1;{attributes}"]
    )
    return {finding.code for finding in again.reasons}


def _because(code: Code) -> Option:
    return Option(f"Because {RULES_IN_SHORT[code]}", code.value)


def jar_value(context: QuestionContext) -> Question | None:
    """Ask which value the jar holds after this step."""
    if context.is_exchange:
        return None
    result = context.pick([r for r in context.shown_results() if r.name])
    if result is None:
        return None
    jar = context.table.trace.jar_at(context.client_id, context.table.position(context.step))
    same = [cookie for cookie in jar if cookie.name == result.name]
    if len(same) > 1:
        return None
    right = same[0].value if same else None
    name, step = named(result.name), context.label
    if right is None:
        why = "is refused" if result.outcome is Outcome.REJECTED else "is deleted"
        feedback = f"In step {step}, {name} {why}, and the jar holds no other cookie of that name."
    elif result.outcome is Outcome.REJECTED:
        feedback = (
            f"A refused Set-Cookie changes nothing: after step {step} {name} is still "
            f"{context.value(right)}."
        )
    else:
        feedback = f"In step {step}, the client stores {name} with {context.value(right)}."
    return context.question(
        prompt=f"Which value does the client hold for {name} after step {step}?",
        right=_held(context, right),
        wrong=_wrong_values(context, result),
        hint=f"Look at what the response in step {context.request_label} sets, and at whether the "
        "client accepts it.",
        feedback=feedback,
        subject=(context.client_id, result.name),
        hint_step=context.request_step,
    )


def _held(context: QuestionContext, value: str | None) -> Option:
    if value is None:
        return Option("None: it holds no such cookie", "none")
    return Option(context.value(value), f"value:{value}")


def _wrong_values(context: QuestionContext, result: StoreResult) -> Iterator[Option]:
    yield _held(context, result.value)
    if result.previous is not None:
        yield _held(context, result.previous.value)
    yield _held(context, None)
    for carried in context.part.cookies:
        if carried.name == result.name:
            yield _held(context, carried.value)
    yield Option("Both the old value and the new one", "both")
    yield _held(context, "")
    yield _held(context, "deleted")


def expires(context: QuestionContext) -> Question | None:
    """Ask when a cookie expires."""
    response = context.exchange.response
    if not context.is_exchange or response is None:
        return None
    result = context.pick(context.lasting_results())
    cookie = result.cookie if result is not None else None
    if result is None or cookie is None:
        return None
    name = named(cookie.name)
    life = None if cookie.expires_at is None else cookie.expires_at - cookie.set_at
    if life is not None and life < 1:
        return None
    return context.question(
        prompt=f"When does {name}, as the response in step {context.label} sets it, expire if "
        "nothing sets it again?",
        right=_life(life),
        wrong=_wrong_lives(context, result, life),
        hint="Look for Max-Age and Expires in the Set-Cookie line. What does it mean if both are "
        "missing?",
        feedback=_why_so_long(context, result, name, life),
        subject=(context.client_id, *map(str, cookie.key)),
    )


def _why_so_long(
    context: QuestionContext, result: StoreResult, name: str, life: float | None
) -> str:
    """Return which attribute decided how long a cookie lasts, and which did not count."""
    parsed, step = result.parsed, context.label
    warnings = [reason(found) for found in result.warnings if found.code in _ON_LIFETIMES]
    if life is not None:
        text = f"Set in step {step}, {name} lasts for {span(life)}."
        if parsed.max_age is not None and parsed.expires is not None:
            text += " It has both Max-Age and Expires, so only Max-Age counts."
    elif warnings:
        text = (
            f"The response in step {step} gives {name} no expiry that counts, so it is a session "
            "cookie: it lasts until the browser closes."
        )
    else:
        text = (
            f"The response in step {step} sets {name} without Max-Age and without Expires, so it "
            "is a session cookie: it lasts until the browser closes, however long that takes."
        )
    return " ".join((text, *warnings))


def _life(seconds: float | None) -> Option:
    if seconds is None:
        return Option("When the browser closes", "session")
    return Option(f"{span(seconds)} after it was set", f"{round(seconds)}")


def _wrong_lives(
    context: QuestionContext, result: StoreResult, life: float | None
) -> Iterator[Option]:
    parsed, cookie = result.parsed, result.cookie
    written: list[float] = []
    if parsed.max_age is not None:
        written.append(parsed.max_age)
    if parsed.expires is not None and cookie is not None:
        written.append(parsed.expires - cookie.set_at)
    nearby = [life * 60, life * 24, life / 60] if life is not None else []
    usual = list(_NICE_LIVES)
    context.random.shuffle(nearby)
    context.random.shuffle(usual)
    yield from (_life(other) for other in written if _differs(other, life))
    yield _life(None)
    yield Option("Never: it stays until it is deleted", "never")
    yield from (_life(other) for other in (*nearby, *usual) if _differs(other, life))


def _differs(other: float, life: float | None) -> bool:
    """Return whether a lifetime is clearly different, and still believable."""
    if not 1 <= other <= _LONGEST_LIFE:
        return False
    return life is None or abs(other - life) > max(2.0, life / 20)


def how_many(context: QuestionContext) -> Question | None:
    """Ask how many cookies the client holds after this step, if that is known."""
    if context.is_exchange or context.table.focus.cookies:
        return None
    trace = context.table.trace
    jar = trace.jar_at(context.client_id, context.table.position(context.step))
    earlier = trace.jar_at(context.client_id, context.part.position)
    response = context.exchange.response
    results = response.set_cookies if response is not None else ()
    if any(cookie.unconfirmed for cookie in (*jar, *earlier)):
        return None
    if any(is_open(result) or is_wrong(result) for result in results):
        return None
    count, before, lines = len(jar), len(earlier), len(results)
    others = [before + lines, before, lines, count + 1, count - 1, count + 2, count + 3]
    return context.question(
        prompt=f"How many cookies does the client hold after step {context.label}, for all hosts "
        "together?",
        right=Option(str(count), str(count)),
        wrong=[Option(str(other), str(other)) for other in others if other >= 0],
        hint="Open the jar at the step before. Which Set-Cookie lines add a cookie, which only "
        "change one, and which are refused?",
        feedback=f"It held {before} at the request in step {context.request_label}. The response "
        f"has {plural(lines, 'Set-Cookie line')}, and after step {context.label} the client holds "
        f"{count}.",
        subject=(context.client_id,),
        hint_step=context.request_step,
    )
