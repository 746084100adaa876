"""HSTS (RFC 6797): a browser that goes to https by itself makes no http request."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from cookietrace.doctor.facts import Facts, StrictHost
from cookietrace.doctor.finding import Finding, Fix, Sure

_PRELOADED_NAMES = """
app bank boo channel dad day dev esq fly foo gle gmail google hangout ing insurance meet meme mov
new nexus page phd play prof rsvp youtube zip
"""

PRELOADED = frozenset(_PRELOADED_NAMES.split())
"""Top-level domains that are on the preload list of browsers as a whole."""


def check(facts: Facts) -> Iterator[Finding]:
    """Yield that a plain-http URL is one that browsers never request."""
    url = facts.url
    if url is None or url.scheme != "http" or url.host is None or facts.seen.of_host:
        return
    host = url.host.rstrip(".")
    known = [each for each in (*facts.strict, *facts.seen.strict) if _covers(each, host)]
    secure = shlex.quote(f"https://{host}{url.path}")
    if host.rpartition(".")[2] in PRELOADED and "." in host:
        yield Finding(
            Sure.KNOWN,
            f"Browsers never request {url.origin}.",
            f"All of .{host.rpartition('.')[2]} is on the list of hosts (HSTS preload) for which "
            "browsers switch to https by themselves.",
            (Fix(f"cookietrace doctor {secure}"), Fix("use a name under .test or .localhost")),
        )
    elif known:
        first = known[0]
        yield Finding(
            Sure.KNOWN if first.where != "the capture" else Sure.PROBABLY,
            f"Browsers that know {first.host} switch to https by themselves.",
            f"It has sent Strict-Transport-Security before ({first.where}), so they make no "
            f"request for {url.origin}.",
            (
                Fix(f"cookietrace doctor {secure}"),
                Fix(
                    "chrome://net-internals/#hsts > Delete domain security policies",
                    "Chromium, to forget it",
                ),
                Fix('History > "Forget About This Site"', "Firefox, to forget it"),
            ),
        )


def _covers(known: StrictHost, host: str) -> bool:
    return host == known.host or (known.subdomains and host.endswith(f".{known.host}"))
