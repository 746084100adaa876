"""Questions about what a client sends: which cookies, which not and why, and where to."""

from __future__ import annotations

from collections.abc import Iterator

from cookietrace.cookies import Code, Cookie, CookieJar, is_ip, parse_target
from cookietrace.fold.exchange import CookieStatus
from cookietrace.lesson.cookie_histories import ACCEPTED
from cookietrace.lesson.display_text import capitalized, listed, quoted, shown
from cookietrace.lesson.jar_simulation import jar_after, simulate_visit
from cookietrace.lesson.prose import RULES_IN_SHORT, hosts_of, named, page, paths_of, reason
from cookietrace.lesson.quiz.question import Option, Question, QuestionContext

MOST_NAMES = 5
"""Options with more names than this would not be readable."""

_CLOSE = frozenset({Code.OTHER_HOST, Code.HOST_ONLY})
"""Rules so similar that one cannot be right and the other wrong."""

_WITHHOLDING = (
    Code.PATH_MISMATCH,
    Code.HOST_ONLY,
    Code.SECURE_OVER_INSECURE,
    Code.SAME_SITE_STRICT,
    Code.EXPIRED,
    Code.OTHER_HOST,
    Code.SAME_SITE_LAX,
    Code.WITHOUT_CREDENTIALS,
)


def which_sent(context: QuestionContext) -> Question | None:
    """Ask which cookies are sent with this request."""
    if not context.is_exchange:
        return None
    covers = context.table.focus.covers
    right = [name for name, _ in context.table.request_pairs(context.exchange)]
    jar = context.table.trace.jar_at(context.client_id, context.part.position - 1)
    held = list(dict.fromkeys(cookie.name for cookie in jar if covers(cookie.name)))
    siblings = context.histories.siblings.of(context.exchange)
    withheld = (*context.part.withheld, *siblings)
    back = [h.cookie.name for h in withheld if covers(h.cookie.name)]
    if len(right) > MOST_NAMES or "" in (*right, *held, *back) or len(set(right)) < len(right):
        return None
    set_here = [result.name for result in context.results() if result.outcome in ACCEPTED]
    step = context.label
    sure = {h.cookie.name for h in withheld if not h.cookie.unconfirmed}
    kept = list(dict.fromkeys(name for name in back if name not in right and name in sure))
    feedback = f"The Cookie header in step {step} contains {_names(right)}."
    if kept:
        why = next(h for h in withheld if h.cookie.name == kept[0])
        because = RULES_IN_SHORT[why.reasons[0].code]
        feedback += f" {quoted(kept[0])} is withheld because {because}."
    for absent in context.part.missing:
        if covers(absent.cookie.name) and absent.cookie.name not in right:
            name = quoted(absent.cookie.name)
            feedback += (
                f" {name} should have been sent too, and the client did not."
                if absent.status is CookieStatus.MISSING
                else f" On {name} there is no verdict: a response that changes it was in progress."
            )
    return context.question(
        prompt=f"Which cookies does the request for {page(context.exchange)} in step {step} send?",
        right=_set(right),
        wrong=_wrong_sets(right, held, kept, set_here),
        hint="Look at the jar before this step: which of its cookies are for this host and this "
        "path?",
        feedback=feedback,
        hint_step=max(1, context.step - 1),
    )


def _wrong_sets(
    right: list[str], held: list[str], kept: list[str], set_here: list[str]
) -> Iterator[Option]:
    sets: list[list[str]] = [held, [*right, *kept], [*right, *kept[:1]], []]
    sets += [[n for n in right if n != name] for name in right]
    sets += [[name] for name in kept]
    sets += [[*right, *(name for name in set_here if name not in right)], set_here]
    sets += [[name] for name in right]
    for names in sets:
        unique = list(dict.fromkeys(names))
        if len(unique) <= MOST_NAMES and set(unique) != set(right):
            yield _set(unique)


def _set(names: list[str]) -> Option:
    """Return the option for a set of names; its order does not matter."""
    ordered = sorted(names)
    return Option(_names(ordered), "; ".join(ordered) if ordered else "(none)")


def _names(names: list[str]) -> str:
    return listed([quoted(name) for name in names]) if names else "no cookies"


def why_withheld(context: QuestionContext) -> Question | None:
    """Ask why a cookie of the jar is not sent with this request."""
    covers = context.table.focus.covers
    held = [
        h
        for h in context.part.withheld
        if covers(h.cookie.name) and h.reasons and not h.cookie.unconfirmed
    ]
    if not context.is_exchange or not held:
        return None
    chosen = context.random.choice(held)
    codes = {finding.code for finding in chosen.reasons}
    right = chosen.reasons[0].code
    excluded = codes | (_CLOSE if codes & _CLOSE else frozenset())
    wrong = [code for code in _WITHHOLDING if code not in excluded]
    context.random.shuffle(wrong)
    cookie, name, step = chosen.cookie, named(chosen.cookie.name), context.label
    where = f"{shown(cookie.domain)}{shown(cookie.path)}"
    return context.question(
        prompt=f"The client holds {name} for {where}. Why is it not sent with the request for "
        f"{page(context.exchange)} in step {step}?",
        right=_because(right),
        wrong=[_because(code) for code in (*wrong, Code.NOT_SENT_BY_CLIENT)],
        hint=f"Compare what the jar says about {name} with the address in step {step} and with "
        "who caused the request.",
        feedback=" ".join(reason(finding) for finding in chosen.reasons),
        subject=(context.client_id, *map(str, cookie.key)),
    )


def _because(code: Code) -> Option:
    text = RULES_IN_SHORT[code]
    return Option(f"Because {text}", code.value)


def sent_where(context: QuestionContext) -> Question | None:
    """Ask to which of four addresses the client would send a cookie that it just stored."""
    response = context.exchange.response
    if not context.is_exchange or response is None:
        return None
    result = context.pick([r for r in context.lasting_results() if r.name])
    cookie = result.cookie if result is not None else None
    if cookie is None or cookie.partition_key is not None:
        return None
    jar = jar_after(context.table.trace, context.client_id, response.position)
    now = response.at
    addresses = list(dict.fromkeys(_addresses(cookie, context.part.target.port)))
    there = [url for url in addresses if _is_sent(jar, cookie, url, now)]
    elsewhere = [url for url in addresses if url not in there]
    if not there or len(elsewhere) < 3:
        return None
    right = context.random.choice(there)
    context.random.shuffle(elsewhere)
    name = named(cookie.name)
    secure = ", over a secure connection" if cookie.secure else ""
    return context.question(
        prompt=f"The client stored {name} in step {context.label}. If you opened one of these "
        "addresses now, which of them would get the cookie?",
        right=Option(shown(right), right),
        wrong=[Option(shown(url), url) for url in elsewhere],
        hint=f"Look at the Domain, Path and Secure attributes of {name} in the jar.",
        feedback=f"{capitalized(name)} is for {hosts_of(cookie)}, {paths_of(cookie)}{secure}. Of "
        f"the four addresses, only {shown(right)} matches.",
        subject=(context.client_id, *map(str, cookie.key)),
    )


def _addresses(cookie: Cookie, port: int | None) -> Iterator[str]:
    """Yield addresses similar to a cookie's own: some that get it, some that do not."""
    host, path = cookie.domain, cookie.path.rstrip("/")
    at = f"{host}:{port}" if port not in (None, 80, 443) else host
    for scheme in ("https", "http"):
        yield f"{scheme}://{at}{path}/"
        yield f"{scheme}://{at}{path}/more"
        if path:
            yield f"{scheme}://{at}{path}er"
            yield f"{scheme}://{at}/"
    if is_ip(host):
        yield f"http://localhost{path}/"
        yield f"https://example.org{path}/"
        yield f"http://192.0.2.7{path}/"
    else:
        yield f"https://sub.{host}{path}/"
        yield f"https://not{host}{path}/"
        yield f"https://{host}.example{path}/"
        if host.count(".") > 1:
            yield f"https://{host.partition('.')[2]}{path}/"


def _is_sent(jar: CookieJar, cookie: Cookie, url: str, now: float) -> bool:
    return any(sent.key == cookie.key for sent in simulate_visit(jar, parse_target(url), now).sent)
