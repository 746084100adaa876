"""The refusals that a server can provoke: one row each, in the order of the specification."""

from __future__ import annotations

from typing import NamedTuple

from demo_app.hosts import ADS, SHOP

PATH = "/lessons/refused"
"""The lesson's address, and the Path of all its cookies."""


class Refusal(NamedTuple):
    """One Set-Cookie line that browsers refuse, and what to know about it."""

    code: str
    """The reason code that cookietrace gives for it."""
    title: str
    line: str
    """The header's value, one character an octet."""
    why: str
    mended: str
    """The line as it would be kept, where it is sent over https."""
    scheme: str | None = None
    """``http`` or ``https`` where it is refused over that one only."""
    first: str | None = None
    """A line to be sent over https before."""
    cross_site: bool = False
    """True where the refusal takes a request from another site."""


def _kept(cookie: str) -> str:
    """Return a line for a cookie of this lesson that lives for ten minutes."""
    return f"{cookie}; Max-Age=600; Path={PATH}"


_ROWS = (
    Refusal(
        "control-character",
        "A control character",
        _kept("control=bell\x07rings"),
        "The value holds the octet 07. A cookie with such a character is dropped whole.",
        _kept("control=bell%07rings"),
        scheme="http",
    ),
    Refusal(
        "name-value-too-large",
        "Too large",
        _kept("large=" + "x" * 4092),
        "Name and value together may have 4,096 octets. These have 4,097.",
        _kept("large=" + "x" * 1000),
    ),
    Refusal(
        "empty-cookie",
        "No name and no value",
        _kept("="),
        "A cookie may do without a name, or without a value, but not without both.",
        _kept("=value-without-name"),
    ),
    Refusal(
        "domain-not-ascii",
        "A domain that is not ASCII",
        _kept("umlaut=1") + "; Domain=sh\xc3\xb6p.test",
        "Domain takes host names as they travel: an international name in its xn-- form.",
        _kept("umlaut=1") + f"; Domain={SHOP}",
    ),
    Refusal(
        "public-suffix-domain",
        "A domain that belongs to everyone",
        _kept("greedy=1") + "; Domain=test",
        "Anybody can have a name under .test, so no cookie may be set for all of it.",
        _kept("greedy=1") + f"; Domain={SHOP}",
    ),
    Refusal(
        "domain-mismatch",
        "Somebody else's domain",
        _kept("foreign=1") + f"; Domain={ADS}",
        f"A host can set cookies for itself and the domains it is part of, and {ADS} is neither.",
        _kept("foreign=1") + f"; Domain={SHOP}",
    ),
    Refusal(
        "secure-from-insecure",
        "Secure, over plain http",
        _kept("padlock=1") + "; Secure",
        "What came unprotected cannot be made Secure: anybody on the way may have written it.",
        _kept("padlock=1") + "; Secure",
        scheme="http",
    ),
    Refusal(
        "would-overwrite-secure",
        "Over a Secure cookie, from plain http",
        _kept("locked=forged"),
        "A Secure cookie of that name is in the jar. Plain http may not replace it.",
        _kept("locked=changed") + "; Secure",
        scheme="http",
        first=_kept("locked=safe") + "; Secure",
    ),
    Refusal(
        "same-site-from-cross-site",
        "SameSite, from another site's picture",
        _kept("pixel=1") + "; SameSite=Strict",
        f"A page on {ADS} shows a picture of {SHOP}'s. Its answer may set no SameSite cookie.",
        _kept("pixel=1") + "; SameSite=None; Secure",
        cross_site=True,
    ),
    Refusal(
        "same-site-none-insecure",
        "SameSite=None without Secure",
        _kept("anywhere=1") + "; SameSite=None",
        "A cookie that goes along with other sites' requests has to be Secure.",
        _kept("anywhere=1") + "; SameSite=None; Secure",
    ),
    Refusal(
        "prefix-secure",
        "__Secure- without Secure",
        _kept("__Secure-id=1"),
        "The name promises the attribute, so that the server can rely on it.",
        _kept("__Secure-id=1") + "; Secure",
        scheme="https",
    ),
    Refusal(
        "prefix-host",
        "__Host- with a narrower path",
        _kept("__Host-id=1") + "; Secure",
        "The name promises Secure, Path=/ and no Domain. This one has another path.",
        "__Host-id=1; Max-Age=600; Path=/; Secure",
        scheme="https",
    ),
    Refusal(
        "prefix-nameless",
        "A prefix in a cookie without a name",
        _kept("=__Host-id") + "; Secure",
        "It would be sent as __Host-id, and look like a cookie whose name keeps the promise.",
        "__Host-id=1; Max-Age=600; Path=/; Secure",
        scheme="https",
    ),
    Refusal(
        "prefix-http",
        "__Http- without HttpOnly",
        _kept("__Http-id=1") + "; Secure",
        "The name promises that no script has written it. Newer browsers enforce that.",
        _kept("__Http-id=1") + "; Secure; HttpOnly",
        scheme="https",
    ),
    Refusal(
        "prefix-host-http",
        "__Host-Http- without HttpOnly",
        "__Host-Http-id=1; Max-Age=600; Path=/; Secure",
        "Both promises at once: of one host, and by no script. Newer browsers enforce that.",
        "__Host-Http-id=1; Max-Age=600; Path=/; Secure; HttpOnly",
        scheme="https",
    ),
    Refusal(
        "partitioned-insecure",
        "Partitioned without Secure",
        _kept("apart=1") + "; Partitioned",
        "A cookie kept apart for each site that embeds us has to be Secure.",
        _kept("apart=1") + "; Partitioned; Secure; SameSite=None",
    ),
)

REFUSALS: dict[str, Refusal] = {row.code: row for row in _ROWS}
"""The refusals by their codes."""
