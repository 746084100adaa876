"""The sentence and the fix for every reason; the engine itself reports only codes and facts.

All text returned here is display text: wire text in it is safe to show.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple

from cookietrace.cookies import Code, Finding, is_loopback, parse_target
from cookietrace.cookies.request.context import UNKNOWN_PARTITION
from cookietrace.cookies.verdicts import Fact
from cookietrace.lesson.display_text import listed, plural, shown
from cookietrace.safe_text import display


class Text(NamedTuple):
    """Templates; ``{words}`` are replaced by the facts of that name, put into words."""

    sentence: str
    """What happened."""
    fix: str
    """What a developer can do about it."""


class Choice(NamedTuple):
    """Texts that differ by the value of one fact."""

    fact: str
    texts: Mapping[str, Text]
    default: str = ""
    """The value of the fact if a finding does not carry it."""


def sentence(finding: Finding) -> str:
    """Return what happened to this cookie, in one sentence."""
    text = text_of(finding).sentence.format_map(fact_words(finding))
    return text[0].upper() + text[1:]


class Maker(Enum):
    """What made a request, as far as its headers say: where cookies need credentials."""

    SAME_ORIGIN = "a page of the request's own origin"
    OTHER_ORIGIN = "a page of another origin"
    NO_BROWSER = "a client that is no known browser"
    UNKNOWN = "unknown"


def fix(finding: Finding, *, over_https: bool = False, maker: Maker = Maker.UNKNOWN) -> str:
    """Return what a developer can do about it.

    ``over_https`` is whether it is served so, and ``maker`` is what made the request.
    """
    if maker in _WITH_CREDENTIALS and _lacks_credentials(finding):
        return _WITH_CREDENTIALS[maker]
    if over_https and finding.code in _OVER_HTTPS:
        return _OVER_HTTPS[finding.code]
    if finding.code in _ON_THIS_MACHINE:
        facts = dict(finding.facts)
        origin = str(facts["origin"])
        if finding.code is Code.SECURE_FROM_INSECURE and _has_prefix(str(facts["cookie"])):
            return _PREFIX_OVER_HTTP
        if is_loopback(parse_target(origin).host):
            return _ON_THIS_MACHINE[finding.code]
    return text_of(finding).fix.format_map(fact_words(finding))


def _lacks_credentials(finding: Finding) -> bool:
    """Return whether the reason is that a request was made without credentials."""
    if finding.code is Code.CLIENT_POLICY:
        return dict(finding.facts).get("policy") == "no-credentials"
    return finding.code is Code.WITHOUT_CREDENTIALS


def _has_prefix(name: str) -> bool:
    """Return whether a browser requires Secure for a cookie of this name."""
    return name.lower().startswith(("__secure-", "__host-"))


def text_of(finding: Finding) -> Text:
    """Return the templates for a finding."""
    text = TEXTS[finding.code]
    if isinstance(text, Text):
        return text
    return text.texts[str(dict(finding.facts).get(text.fact, text.default))]


def fact_words(finding: Finding) -> dict[str, str]:
    """Return the facts of a finding as display text, by their names."""
    facts = dict(finding.facts)
    words = {name: _word(name, value) for name, value in facts.items()}
    if "lacks" in facts:
        lacks = facts["lacks"]
        assert isinstance(lacks, tuple)
        words["lacks"] = listed([_LACKS[word].format_map(words) for word in lacks])
    if finding.code is Code.SHADOWS_OTHER_COOKIE:
        for name in ("partition", "other_partition"):
            words[name] = f" (partition {_wire(facts[name])})" if facts[name] else ""
    if "others" in facts:
        others = facts["others"]
        assert isinstance(others, tuple)
        words["others"] = listed([f"`{_wire(name)}`" for name in others])
    if finding.code is Code.LIFETIME_CAPPED:
        words["seconds"], words["cap"] = _days(facts["seconds"]), _days(facts["cap"])
        if words["seconds"] == words["cap"]:
            words["seconds"] = f"just over {words['cap']}"
    return words


def _word(name: str, value: Fact) -> str:
    """Return one fact as words."""
    match name:
        case "cookie":
            return f"`{_wire(value)}`" if value else "the nameless cookie"
        case "character":
            return f"0x{value:02X}"
        case "size":
            return f"{value:,}"
        case "seconds" | "offset":
            assert isinstance(value, int | float)
            return _duration(value)
        case "same_site":
            return f"SameSite={_wire(value).capitalize()}"
        case "partition":
            if value == UNKNOWN_PARTITION:
                return "an unknown site"
            return _wire(value) if value else "its own site"
        case "separator":
            return _SEPARATORS[str(value)]
        case "request_partition":
            return _wire(value) if value else "an unknown site"
        case _:
            return _wire(value)


def _wire(value: Fact) -> str:
    """Return wire text as display text; it may have been cut in the middle of a character."""
    text = str(value)
    if not text.endswith("…"):
        return shown(text)
    head = text[:-1]
    for end in range(len(head), max(len(head) - 4, 0), -1):
        if head[:end].isascii() or display(head[:end]) != head[:end]:
            return f"{shown(head[:end])}…"
    return f"{shown(head)}…"


def _days(seconds: Fact) -> str:
    assert isinstance(seconds, int | float)
    return f"{seconds / 86400:,.0f} days"


def _duration(seconds: float) -> str:
    """Return a length of time in its largest unit: ``45 seconds``, ``3 hours``."""
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            return plural(int(seconds // size), unit)
    return plural(round(seconds), "second") if round(seconds) else "less than a second"


_SEPARATORS = {"comma": "a comma", "semicolon": "a semicolon", "newline": "a line break"}
_LACKS = {
    "Secure": "it lacks Secure",
    "secure-connection": "{origin} is not a secure connection",
    "HttpOnly": "it lacks HttpOnly",
    "no-Domain": "it has Domain={domain}",
    "Path": "it lacks Path=/",
    "Path=/": "its path is {path}",
    "Path-with-slash": "its Path does not begin with a slash",
}
"""What a cookie with a prefixed name does not fulfil, by the words of the fact ``lacks``."""

_NO_CLOCK = (
    "Use Max-Age, which needs no clock, and check the server's clock and time zone. To delete a "
    "cookie, send an empty value with Max-Age=0."
)
_ONE_FIELD_EACH = (
    "Send one Set-Cookie header field for each cookie. Look for a proxy, a gateway, a framework or "
    "a recording tool that joins header fields of one name, which is not allowed for Set-Cookie."
)

_PREFIX_OVER_HTTP = (
    "Serve the page over https: the prefix of the name requires Secure. During development over "
    "plain http, use a name without the prefix."
)

_ON_THIS_MACHINE: Mapping[Code, str] = {
    Code.SECURE_FROM_INSECURE: (
        "On this machine https is not needed: most browsers keep such a cookie over plain http "
        "too. For this client, leave out Secure during development, unless SameSite=None or "
        "Partitioned requires it."
    ),
    Code.SECURE_OVER_INSECURE: (
        "On this machine https is not needed: most browsers send such a cookie over plain http "
        "too. For this client, leave out Secure during development."
    ),
}
"""What to do if the insecure connection stays on this machine, where https asks too much."""

_WITH_CREDENTIALS: Mapping[Maker, str] = {
    Maker.SAME_ORIGIN: (
        "If it is needed, leave out credentials: 'omit' in the fetch: to the page's own origin, "
        "the default sends and stores cookies."
    ),
    Maker.OTHER_ORIGIN: (
        "If it is needed, use fetch with credentials: 'include', and let the server's CORS "
        "response allow credentials and name the page's exact origin, not `*`. A preflight never "
        "sends cookies."
    ),
    Maker.NO_BROWSER: (
        "If it is needed, let the client keep cookies and send them (with curl, use -b and -c)."
    ),
}
"""What to do if a request was made without credentials (Fetch, credentials mode)."""

_OVER_HTTPS: Mapping[Code, str] = {
    Code.SAME_SITE_NONE_INSECURE: (
        "Add Secure, or use SameSite=Lax if only your own site needs it."
    ),
    Code.PREFIX_SECURE: "Add Secure, or drop the __Secure- prefix.",
    Code.PREFIX_HOST: (
        "Send it with Secure; Path=/ and without Domain, or drop the __Host- prefix."
    ),
    Code.PREFIX_HTTP: "Send it with Secure; HttpOnly, or drop the __Http- prefix.",
    Code.PREFIX_HOST_HTTP: (
        "Send it with Secure; HttpOnly; Path=/ and without Domain, or drop the __Host-Http- prefix."
    ),
    Code.PARTITIONED_INSECURE: "Add Secure, or remove Partitioned.",
}
"""What to do if the connection is secure already."""

TEXTS: Mapping[Code, Text | Choice] = {
    Code.CONTROL_CHARACTER: Text(
        "The Set-Cookie line contains the control character {character} at position {position}, "
        "so the whole line is ignored.",
        "Encode the value (Base64 or percent-encoding) before you set it.",
    ),
    Code.NAME_VALUE_TOO_LARGE: Text(
        "The name and value of {cookie} are {size} bytes together; the limit is 4,096.",
        "Keep the data on the server and store only a key in the cookie, or split the data over "
        "several cookies.",
    ),
    Code.EMPTY_COOKIE: Text(
        "The Set-Cookie line has neither a name nor a value, so there is nothing to store.",
        "Give the cookie a name. To delete a cookie, send its name with Max-Age=0.",
    ),
    Code.DOMAIN_NOT_ASCII: Text(
        "`Domain={domain}` contains a character that is not ASCII.",
        "Write the domain in its xn-- form.",
    ),
    Code.PUBLIC_SUFFIX_DOMAIN: Text(
        "`Domain={domain}` is a public suffix: anyone can register a site under it, "
        "so {host} cannot set a cookie for it.",
        "Set Domain to your own domain under {domain}, or remove Domain.",
    ),
    Code.DOMAIN_MISMATCH: Choice(
        "remedy",
        {
            "write-domain": Text(
                "`Domain={domain}` does not cover the host {host}.",
                "Write Domain={meant}, the host name alone, or remove Domain.",
            ),
            "common-parent": Text(
                "`Domain={domain}` does not cover the host {host}: a host can set cookies for "
                "itself and for the domains above it, not for hosts beside or below it.",
                "Write Domain={meant}, which covers both hosts.",
            ),
            "no-host": Text(
                "`Domain={domain}` is not a full domain name, and does not cover the host {host}.",
                "Give Domain one domain name, such as {meant}, or remove it. If a setting fills "
                "it in, check that the setting is set.",
            ),
            "send-from": Text(
                "`Domain={domain}` does not cover the host {host}.",
                "Send it from {meant}, or remove Domain.",
            ),
            "valid-host": Text(
                "`{host}` is not a valid host name, so no cookie can be stored for it.",
                "Use a valid host name.",
            ),
        },
    ),
    Code.SECURE_FROM_INSECURE: Text(
        "{cookie} is Secure, but {origin} is not a secure connection.",
        "Serve the page over https. During development over plain http you can leave out Secure, "
        "unless SameSite=None, Partitioned or a name prefix requires it.",
    ),
    Code.HTTP_ONLY_FROM_SCRIPT: Text(
        "{cookie} is HttpOnly, and a script tried to set it.",
        "Set it from the server with a Set-Cookie header, or remove HttpOnly.",
    ),
    Code.WOULD_OVERWRITE_SECURE: Text(
        "{cookie} was set over {origin}, which is not secure, and would hide the Secure cookie "
        "of the same name on {domain}{path}.",
        "Set it over https with Secure, or use another name for the insecure cookie.",
    ),
    Code.SAME_SITE_FROM_CROSS_SITE: Choice(
        "same_site",
        {
            "default": Text(
                "{cookie} has no SameSite, which counts as Lax, and it was set by a cross-site "
                "request to {host} that is not a top-level navigation.",
                "If {host} must set it inside other sites' pages, add SameSite=None; Secure.",
            ),
        }
        | dict.fromkeys(
            ("strict", "lax"),
            Text(
                "{cookie} is {same_site}, and it was set by a cross-site request to {host} that "
                "is not a top-level navigation.",
                "If {host} must set it inside other sites' pages, use SameSite=None; Secure.",
            ),
        ),
    ),
    Code.SAME_SITE_NONE_INSECURE: Text(
        "{cookie} has SameSite=None without Secure.",
        "Add Secure and serve over https, or use SameSite=Lax if only your own site needs it.",
    ),
    Code.PREFIX_SECURE: Text(
        "The name {cookie} requires Secure, but {lacks}.",
        "Send it over https with Secure, or drop the __Secure- prefix.",
    ),
    Code.PREFIX_HOST: Text(
        "The name {cookie} requires Secure, Path=/ and no Domain, but {lacks}.",
        "Send it over https with Secure; Path=/ and without Domain, or drop the __Host- prefix.",
    ),
    Code.PREFIX_NAMELESS: Text(
        "The cookie has no name, and its value begins with {prefix}: "
        "a server would read it as a cookie with that prefix.",
        "Give the cookie a name, followed by an equals sign.",
    ),
    Code.PREFIX_HTTP: Text(
        "The name {cookie} requires Secure and HttpOnly, but {lacks}.",
        "Send it over https with Secure; HttpOnly, or drop the __Http- prefix.",
    ),
    Code.PREFIX_HOST_HTTP: Text(
        "The name {cookie} requires Secure, HttpOnly, Path=/ and no Domain, but {lacks}.",
        "Send it over https with Secure; HttpOnly; Path=/ and without Domain, "
        "or drop the __Host-Http- prefix.",
    ),
    Code.WOULD_OVERWRITE_HTTP_ONLY: Text(
        "A script tried to replace {cookie}, which is HttpOnly.",
        "Change it from the server, or use another name in the script.",
    ),
    Code.PARTITIONED_INSECURE: Text(
        "{cookie} is Partitioned without Secure.",
        "Add Secure and serve over https, or remove Partitioned.",
    ),
    Code.CLIENT_POLICY: Choice(
        "policy",
        {
            "third-party-blocked": Text(
                "This browser is documented to block third-party cookies, and {cookie} is one: it "
                "belongs to a different site from the one in the address bar.",
                "Serve it from the site in the address bar, or do without it in such browsers.",
            ),
            "third-party-if-frame": Text(
                "{cookie} is not sent, as if a frame in another site's page had made this request: "
                "its headers do not show whether one did. This browser is documented to block "
                "third-party cookies there.",
                "If it was a link or a form in the tab, check why the client did not send it; if "
                "it was a frame, serve it from the site in the address bar.",
            ),
            "third-party-seems-blocked": Text(
                "This client seems to block third-party cookies, and {cookie} is one: it belongs "
                "to a different site from the one in the address bar.",
                "Add Partitioned (with Secure; SameSite=None) if each embedding site may have a "
                "cookie of its own, or ask for access with the Storage Access API "
                "(document.requestStorageAccess()).",
            ),
            "storage-access-none": Text(
                "The browser said that {cookie} is out of reach here "
                "(Sec-Fetch-Storage-Access: none): it is a third-party cookie, which belongs to a "
                "different site from the one in the address bar, and it has no Partitioned.",
                "Add Partitioned (with Secure; SameSite=None) if each embedding site may have a "
                "cookie of its own, or ask for access with the Storage Access API "
                "(document.requestStorageAccess()).",
            ),
            "storage-access-inactive": Text(
                "The browser said that {cookie} is out of reach here until the page asks for it "
                "(Sec-Fetch-Storage-Access: inactive): it is a third-party cookie without "
                "Partitioned.",
                'Respond with Activate-Storage-Access: retry; allowed-origin="ORIGIN" (or load, '
                "for a frame) to get the request again with its cookies, call "
                "document.requestStorageAccess(), or add Partitioned.",
            ),
            "storage-access-active": Text(
                "{cookie} was kept separate for the site in the address bar before the page got "
                "access to its own site's cookies (Sec-Fetch-Storage-Access: active). The client "
                "now sends those instead.",
                "Set it again, or add Partitioned if each embedding site may have a cookie of its "
                "own.",
            ),
            "no-credentials": Text(
                "{cookie} is not stored: the request was made without credentials, so its "
                "response sets no cookies.",
                "Use fetch with credentials: 'include' for another origin, and let the server's "
                "CORS response allow credentials and name the page's exact origin, not `*`; for "
                "the page's own origin, leave out credentials: 'omit'.",
            ),
            "nameless-equals": Text(
                "This client refuses {cookie}: without a name, its value must not contain an "
                "equals sign.",
                "Put a name before the first equals sign.",
            ),
            "empty-name": Text(
                "This client refuses a line that begins with an equals sign: the cookie has no "
                "name.",
                "Put a name before the first equals sign.",
            ),
            "same-site-none-unknown": Text(
                "This old client does not know SameSite=None, and refuses {cookie}.",
                "Leave SameSite=None out for browsers that do not know it (Chromium 51 to 66).",
            ),
            "site-full": Text(
                "This client refuses {cookie}: the site has as many cookies as allowed, and an "
                "insecure one does not replace Secure ones.",
                "Delete cookies that are no longer needed, or set it over https with Secure.",
            ),
            "response-dropped": Text(
                "{cookie} is not stored: a field of this response contains a character that makes "
                "the browser drop the whole response.",
                "Remove control characters from all response headers.",
            ),
            "clear-site-data": Text(
                "{cookie} is not stored: the same response clears the site's cookies "
                "(Clear-Site-Data).",
                "Set it in a later response, or remove Clear-Site-Data.",
            ),
            "informational": Text(
                "{cookie} is not stored: browsers read no cookies from an informational response "
                "(a status from 100 to 199).",
                "Set it in the final response.",
            ),
        },
    ),
    Code.OTHER_HOST: Text(
        "{cookie} belongs to {domain}, which does not cover the host {host}.",
        "Set it with a Domain that covers both hosts.",
    ),
    Code.HOST_ONLY: Text(
        "{cookie} was set without Domain, so it is sent to {domain} only, and not to {host}.",
        "If {host} needs it, set it with a Domain that covers both hosts.",
    ),
    Code.PATH_MISMATCH: Text(
        "{cookie} is for paths under {path}, and {request_path} is not one of them.",
        "Set it with Path=/ if the whole site needs it.",
    ),
    Code.SECURE_OVER_INSECURE: Text(
        "{cookie} is Secure, and {origin} is not a secure connection.",
        "Make the request over https.",
    ),
    Code.SAME_SITE_STRICT: Choice(
        "cause",
        {
            "initiator": Text(
                "{cookie} is SameSite=Strict, and another site caused this request.",
                "Use SameSite=Lax if it must be sent when a user comes from another site by a link "
                "or a redirect.",
            ),
            "redirect": Text(
                "{cookie} is SameSite=Strict, and another site redirected this request along the "
                "way. Firefox counts that, Chromium does not.",
                "Use SameSite=Lax if it must be sent when a user comes back by a redirect.",
            ),
        },
        "initiator",
    ),
    Code.SAME_SITE_LAX: Choice(
        "request",
        {
            "unsafe-navigation": Text(
                "{cookie} is SameSite=Lax, and another site caused this navigation, "
                "which uses an unsafe method.",
                "If other sites must cause it to be sent, use SameSite=None; Secure; "
                "otherwise use a link or a form with method GET.",
            ),
            "subresource": Text(
                "{cookie} is SameSite=Lax, and this request was made inside a page of another "
                "site.",
                "If other sites' pages must send it, use SameSite=None; Secure; "
                "otherwise use a link or a form with method GET.",
            ),
            "redirected": Text(
                "{cookie} is SameSite=Lax, and another site redirected this request along the way. "
                "Firefox counts that for all but links and typed addresses, Chromium does "
                "not.",
                "If it must be sent after such a redirect, use SameSite=None; Secure.",
            ),
        },
    ),
    Code.SAME_SITE_LAX_DEFAULT: Choice(
        "request",
        {
            "unsafe-navigation": Text(
                "{cookie} has no SameSite, which counts as Lax, and another site caused this "
                "navigation, which uses an unsafe method.",
                "If other sites must cause it to be sent, use SameSite=None; Secure.",
            ),
            "subresource": Text(
                "{cookie} has no SameSite, which counts as Lax, and this request was made inside "
                "a page of another site.",
                "If other sites' pages must send it, use SameSite=None; Secure.",
            ),
            "redirected": Text(
                "{cookie} has no SameSite, which counts as Lax, and another site redirected this "
                "request along the way. Firefox counts that for all but links and typed addresses, "
                "Chromium does not.",
                "If it must be sent after such a redirect, use SameSite=None; Secure.",
            ),
        },
    ),
    Code.EXPIRED: Text(
        "{cookie} expired {seconds} before this request.",
        "Set it with a later Max-Age or Expires if it should live longer.",
    ),
    Code.PARTITION_MISMATCH: Text(
        "{cookie} is kept separate for each top-level site: it was set under {partition}, "
        "and this request is made under {request_partition}.",
        "Set it again here, or remove Partitioned if several sites need the same cookie. "
        "Some browsers partition every third-party cookie.",
    ),
    Code.WITHOUT_CREDENTIALS: Text(
        "{cookie} is not sent: the request has no cookies at all, as if it was made without "
        "credentials.",
        "If it must be sent, use fetch with credentials: 'include' for another origin, and let "
        "the server's CORS response allow credentials and name the page's exact origin, not `*`; "
        "for the page's own origin, leave out credentials: 'omit'. A preflight never sends "
        "cookies.",
    ),
    Code.NOT_SENT_BY_CLIENT: Text(
        "{cookie} should have been sent with this request, but the client did not send it.",
        "Perhaps the browser was closed (which ends its session cookies), a script deleted it, the "
        "jar was cleared, a cookie blocker removed it, or there is a second jar.",
    ),
    Code.ATTRIBUTE_TOO_LONG: Text(
        "The value of {attribute} is {size} bytes long; above 1,024 the attribute is ignored.",
        "Make it shorter.",
    ),
    Code.ATTRIBUTE_UNKNOWN: Text(
        "This client does not know the attribute `{attribute}`, so it is ignored.",
        "Look for a typing error, for an unencoded semicolon in the value, or for a second cookie, "
        "which needs its own Set-Cookie header field.",
    ),
    Code.ATTRIBUTE_DUPLICATE: Text(
        "{attribute} appears more than once; the last one counts.",
        "Send it once.",
    ),
    Code.EXPIRES_UNPARSABLE: Text(
        "`Expires={text}` is not a valid date, so it is ignored.",
        "Write it like Expires=Wed, 09 Jun 2027 10:18:14 GMT, or use Max-Age (Max-Age=0 deletes).",
    ),
    Code.MAX_AGE_UNPARSABLE: Text(
        "`Max-Age={text}` is not a whole number of seconds, so it is ignored.",
        "Write digits only, such as Max-Age=3600.",
    ),
    Code.LIFETIME_CAPPED: Text(
        "{cookie} asks for {seconds}; a browser keeps a cookie for at most {cap}.",
        "Set the cookie again on each visit to keep it alive.",
    ),
    Code.SAME_SITE_UNRECOGNISED: Text(
        "`SameSite={text}` is not Strict, Lax or None, so it is ignored.",
        "Use SameSite=Strict, SameSite=Lax, or SameSite=None; Secure.",
    ),
    Code.SAME_SITE_DEFAULTED: Choice(
        "treated_as",
        {
            "lax": Text(
                "{cookie} has no SameSite; this client treats it as Lax.",
                "Choose one: SameSite=Lax, or SameSite=None; Secure.",
            ),
            "none": Text(
                "{cookie} has no SameSite; this client sends it in cross-site requests too, "
                "which Chromium has not done since version 80.",
                "Choose one: SameSite=Lax, or SameSite=None; Secure.",
            ),
        },
    ),
    Code.SAME_SITE_UNKNOWN: Text(
        "{cookie} is {same_site}, and nothing in the request shows whether it was "
        "same-site; it is assumed to be same-site.",
        "Check the page that made the request: if it was cross-site, a browser refuses the cookie.",
    ),
    Code.SAME_SITE_MISREAD: Choice(
        "taken_as",
        {
            "nothing": Text(
                "This old client does not know SameSite, so it sends {cookie} in cross-site "
                "requests too.",
                "Protect such browsers from cross-site requests by other means, such as a token.",
            ),
            "strict": Text(
                "This old client does not know the value that SameSite has for {cookie}, and "
                "treats it as Strict.",
                "Leave SameSite=None out for such browsers (iOS 12, and Safari on macOS 10.14).",
            ),
        },
    ),
    Code.SHADOWS_OTHER_COOKIE: Text(
        "{cookie} now exists for {domain}{path}{partition} and for "
        "{other_domain}{other_path}{other_partition}; a request can send both under one name.",
        "Always set it with the same Domain, Path and Partitioned, and delete the other one.",
    ),
    Code.BORN_EXPIRED: Choice(
        "clock",
        {
            "unknown": Text(
                "{cookie} had expired {seconds} before it arrived, so a browser drops it at once. "
                "Its value does not look like a deletion; perhaps the server's clock is slow, or "
                "it writes a local time as GMT.",
                _NO_CLOCK,
            ),
            "right": Text(
                "{cookie} had expired {seconds} before it arrived, so a browser drops it at once. "
                "Its value does not look like a deletion, and the response's Date is right; "
                "perhaps the server writes a local time as GMT.",
                _NO_CLOCK,
            ),
            "behind": Text(
                "{cookie} had expired {seconds} before it arrived, so a browser drops it at once. "
                "Its value does not look like a deletion, and the response's Date is {offset} "
                "behind the recording: the server's clock seems to be slow.",
                _NO_CLOCK,
            ),
            "ahead": Text(
                "{cookie} had expired {seconds} before it arrived, so a browser drops it at once. "
                "Its value does not look like a deletion, and the response's Date is {offset} "
                "ahead of the recording: one of the two clocks is wrong.",
                _NO_CLOCK,
            ),
        },
    ),
    Code.LINES_JOINED: Choice(
        "lifetime",
        {
            "own": Text(
                "This line looks like several cookies joined by {separator}: a browser reads "
                "only the first as a cookie, and never stores {others}.",
                _ONE_FIELD_EACH,
            ),
            "other": Text(
                "This line looks like several cookies joined by {separator}: a browser reads "
                "only the first as a cookie, and never stores {others}. The first gets the "
                "lifetime that was written for another.",
                _ONE_FIELD_EACH,
            ),
        },
    ),
    Code.LINE_MISWRITTEN: Choice(
        "mistake",
        {
            "header-name": Text(
                "The value of this Set-Cookie header begins with the name of a header, so a "
                "browser reads that as part of the cookie's name.",
                "Pass on only what comes after the colon.",
            ),
            "quotes": Text(
                "The whole line is in quotation marks; a browser reads them as part of the name "
                "and of the last attribute.",
                "Remove the quotation marks around the line.",
            ),
            "json": Text(
                "This line is JSON, and not a cookie: a browser reads what comes before the first "
                "equals sign as a name.",
                "Write NAME=VALUE, and encode JSON (Base64 or percent-encoding) in the value.",
            ),
            "colon": Text(
                "The line has a colon where the equals sign belongs, so a browser reads all of it "
                "as the value of a cookie without a name.",
                "Write NAME=VALUE.",
            ),
            "value-cut": Text(
                "The value has a semicolon in it, which ends it: a browser reads the rest as "
                "attributes.",
                "Encode the value (Base64 or percent-encoding) before you set it.",
            ),
            "flag-value": Text(
                "{attribute} has a value, which a browser ignores: {attribute} applies, even "
                "where the value says that it should not.",
                "To turn {attribute} off, leave it out.",
            ),
            "attribute-colon": Text(
                "{attribute} is followed by a colon, so a browser does not recognise it.",
                "Write an equals sign before the attribute's value, and Secure, HttpOnly and "
                "Partitioned without a value.",
            ),
            "misspelt": Text(
                "{attribute} is misspelt, so a browser does not recognise it.",
                "Write it {attribute}.",
            ),
            "no-semicolon": Text(
                "There is no semicolon before {attribute}, so a browser reads it as part of the "
                "attribute before it.",
                "Put a semicolon between attributes.",
            ),
        },
    ),
}
