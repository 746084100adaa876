"""``HTTP_PROXY`` and its like: what programs on the command line go by."""

from __future__ import annotations

from collections.abc import Iterator

from cookietrace.doctor.bypass import bypassing, split
from cookietrace.doctor.checks.app_itself import is_front
from cookietrace.doctor.checks.unused import is_left_to_browsers
from cookietrace.doctor.facts import Facts
from cookietrace.doctor.finding import Finding, Fix, Sure

_FOR = {"http": ("http_proxy", "HTTP_PROXY"), "https": ("https_proxy", "HTTPS_PROXY")}
_ALL = ("all_proxy", "ALL_PROXY")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield that the variables lead elsewhere, leave the host out, or are not set."""
    if facts.proxy is None or facts.seen.of_host:
        return
    yield from _bypass(facts)
    yield from _elsewhere(facts)
    yield from _upper_case(facts)
    yield from _unset(facts)


def _bypass(facts: Facts) -> Iterator[Finding]:
    """Programs that are told to use the recorder's proxy, but not for this host."""
    for name in ("no_proxy", "NO_PROXY"):
        entry = bypassing(facts.url, split(facts.variable(name) or "")) if facts.url else None
        if entry is None or facts.url is None:
            continue
        used = any(facts.leads_here(facts.proxy_of(each)) for each in _names(facts))
        yield Finding(
            Sure.KNOWN if used else Sure.GUESS,
            f"{name} keeps requests for {facts.url.host} from the proxy.",
            f"It has the entry {entry}. Programs that are started from this shell and use these "
            "variables (curl, Python, Go, many others) connect to that host directly.",
            (Fix(f"unset {name}"),),
        )


def _elsewhere(facts: Facts) -> Iterator[Finding]:
    """Programs that are told to use another proxy."""
    found = {name: facts.proxy_of(name) for name in _names(facts)}
    elsewhere = {
        name: proxy.address
        for name, proxy in found.items()
        if proxy is not None and proxy.address and not facts.leads_here(proxy)
    }
    if elsewhere:
        names = sorted(elsewhere)
        yield Finding(
            Sure.PROBABLY,
            f"{' and '.join(names)} {'leads' if len(names) == 1 else 'lead'} to another proxy.",
            f"Programs that are started from this shell use {elsewhere[names[0]]}, and not the "
            "recorder. If that proxy is needed to get out, the recorder can send its traffic on "
            "to it.",
            (
                Fix(" && ".join(f"export {name}=http://{facts.proxy}" for name in names)),
                Fix(
                    f"cookietrace watch --upstream http://{elsewhere[names[0]]}",
                    "to send traffic on to that proxy",
                ),
            ),
        )


def _upper_case(facts: Facts) -> Iterator[Finding]:
    """Curl takes ``http_proxy`` in lower case only: CGI made a header field of the other one."""
    https = facts.url is not None and facts.url.scheme != "http"
    upper = facts.leads_here(facts.proxy_of("HTTP_PROXY"))
    others = ("http_proxy", *_ALL)
    if upper and not https and not any(facts.variable(name) for name in others):
        yield Finding(
            Sure.PROBABLY,
            "curl ignores HTTP_PROXY in upper case.",
            "For http URLs it takes http_proxy only, in lower case, and connects directly "
            "without it.",
            (Fix(f"export http_proxy=http://{facts.proxy}"),),
        )


def _unset(facts: Facts) -> Iterator[Finding]:
    """Programs that are told of no proxy, beside browsers, of which other checks speak."""
    if facts.url is None or is_front(facts) or not is_left_to_browsers(facts):
        return
    if any(variable.proxy for variable in facts.variables):
        return
    name = _FOR.get(facts.url.scheme, _ALL)[0]
    yield Finding(
        Sure.GUESS,
        "Programs that are started from this shell do not use the recorder.",
        f"Neither {name} nor all_proxy is set here, so programs such as curl connect to "
        f"{facts.url.host} directly.",
        (Fix(f"export {name}=http://{facts.proxy}"),),
    )


def _names(facts: Facts) -> tuple[str, ...]:
    """Return the variables that matter for the URL, or for any URL."""
    schemes = ("http", "https") if facts.url is None else (facts.url.scheme,)
    return (*(name for scheme in schemes for name in _FOR.get(scheme, ())), *_ALL)
