"""Every reason a cookie can be refused, withheld or remarked on: code, section, sentence, fix."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

import msgspec

from cookietrace.cookies.codes import Code

Where = Literal["rejected", "withheld", "missing", "warning"]


class ReasonText(NamedTuple):
    """What is told about one code; ``{words}`` are filled with the cookie's own values."""

    where: Where
    section: str
    fields: tuple[str, ...]
    """The names of the values that a finding carries, in order."""
    sentence: str
    fix: str


class Finding(msgspec.Struct, frozen=True, gc=False):
    """One reason or warning about one cookie: a code and this cookie's own values.

    The texts are made when they are asked for. Values from the wire stand in
    them as they came (latin-1, shortened): a front end makes them safe to show.
    """

    code: Code
    values: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """What happened, in one sentence with the values of this very cookie."""
        text = TABLE[self.code]
        sentence = text.sentence.format_map(dict(zip(text.fields, self.values, strict=True)))
        return sentence[0].upper() + sentence[1:]

    @property
    def fix(self) -> str:
        """What a developer can do about it."""
        text = TABLE[self.code]
        return text.fix.format_map(dict(zip(text.fields, self.values, strict=True)))

    @property
    def section(self) -> str:
        """The section and step of -22 (or the name of the later document) that says so."""
        return TABLE[self.code].section


_LONGEST_SHOWN = 60


def shown(text: str) -> str:
    """Return wire text as a finding carries it: whole up to 60 characters, else cut."""
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"


def cookie_label(name: str) -> str:
    """Return how a finding names a cookie: its name in backticks, or that it has none."""
    return f"`{shown(name)}`" if name else "the nameless cookie"


THIRD_PARTY_BLOCKED = (
    "cookies of other sites than the one in the address bar are blocked",
    "Serve it from the site in the address bar, or make do without it in such browsers",
)
"""The policy and the remedy of a browser that blocks third-party cookies."""
NO_CREDENTIALS = (
    "the request was made without credentials, so its answer sets no cookies",
    "Use fetch with credentials: 'include' (and allow credentials in the CORS answer); "
    "an answer to a preflight never sets any",
)
"""Why such a cookie is refused (Fetch, credentials mode), and what to do."""

TABLE: Mapping[Code, ReasonText] = {
    Code.CONTROL_CHARACTER: ReasonText(
        "rejected",
        "5.6 step 1",
        ("character", "position"),
        "The Set-Cookie line holds the control character {character} at position {position}, "
        "so the whole line is ignored.",
        "Encode the value (Base64 or percent-encoding) before setting it.",
    ),
    Code.NAME_VALUE_TOO_LARGE: ReasonText(
        "rejected",
        "5.6 step 5",
        ("cookie", "size"),
        "Name and value of {cookie} make {size} octets together; a cookie may have 4096 at most.",
        "Keep the data on the server and set only a key to it, or split it over several cookies.",
    ),
    Code.EMPTY_COOKIE: ReasonText(
        "rejected",
        "5.7 step 2",
        (),
        "The Set-Cookie line has neither a name nor a value, so there is nothing to store.",
        "Give the cookie a name; to delete one, send its name with Max-Age=0.",
    ),
    Code.DOMAIN_NOT_ASCII: ReasonText(
        "rejected",
        "5.7 step 8",
        ("domain",),
        "`Domain={domain}` holds a character that is not ASCII.",
        "Write the domain in its xn-- form.",
    ),
    Code.PUBLIC_SUFFIX_DOMAIN: ReasonText(
        "rejected",
        "5.7 step 9",
        ("domain", "host"),
        "`Domain={domain}` is a public suffix, under which anyone may have a site, "
        "so a cookie of {host} cannot cover it.",
        "Set Domain to your own name under {domain}, or drop Domain.",
    ),
    Code.DOMAIN_MISMATCH: ReasonText(
        "rejected",
        "5.7 step 10",
        ("claim", "host", "remedy"),
        "{claim} does not cover the host {host}.",
        "{remedy}, or drop Domain.",
    ),
    Code.SECURE_FROM_INSECURE: ReasonText(
        "rejected",
        "5.7 step 13",
        ("cookie", "origin"),
        "{cookie} is marked Secure, but {origin} is not a secure connection.",
        "Serve the page over https. While you develop over plain http you may leave Secure out, "
        "unless SameSite=None, Partitioned or a prefix of the name asks for it.",
    ),
    Code.HTTP_ONLY_FROM_SCRIPT: ReasonText(
        "rejected",
        "5.7 step 15",
        ("cookie",),
        "{cookie} is marked HttpOnly, and a script tried to set it.",
        "Set it from the server with a Set-Cookie header, or drop HttpOnly.",
    ),
    Code.WOULD_OVERWRITE_SECURE: ReasonText(
        "rejected",
        "5.7 step 16",
        ("cookie", "origin", "domain", "path"),
        "{cookie} came over {origin} without encryption and would overlay the Secure cookie of "
        "that name on {domain}{path}.",
        "Set it over https with Secure, or use another name for the insecure cookie.",
    ),
    Code.SAME_SITE_FROM_CROSS_SITE: ReasonText(
        "rejected",
        "5.7 step 18",
        ("cookie", "same_site", "host"),
        "{cookie} {same_site}, and the request to {host} that brought it was cross-site and "
        "no top-level navigation.",
        "If {host} must set it inside other sites' pages, add SameSite=None; Secure.",
    ),
    Code.SAME_SITE_NONE_INSECURE: ReasonText(
        "rejected",
        "5.7 step 19",
        ("cookie",),
        "{cookie} has SameSite=None without Secure.",
        "Add Secure and serve over https, or use SameSite=Lax if only your own site needs it.",
    ),
    Code.PREFIX_SECURE: ReasonText(
        "rejected",
        "5.7 step 20",
        ("cookie", "lacks"),
        "The name {cookie} promises Secure, but {lacks}.",
        "Send it over https with Secure, or drop the __Secure- prefix.",
    ),
    Code.PREFIX_HOST: ReasonText(
        "rejected",
        "5.7 step 21",
        ("cookie", "lacks"),
        "The name {cookie} promises Secure, Path=/ and no Domain, but {lacks}.",
        "Send it over https with Secure; Path=/ and without Domain, or drop the __Host- prefix.",
    ),
    Code.PREFIX_NAMELESS: ReasonText(
        "rejected",
        "5.7 step 22",
        ("prefix",),
        "The cookie has no name and a value that begins with {prefix}, "
        "which a server would take for a cookie with that prefix.",
        "Give the cookie a name: put it before an equals sign.",
    ),
    Code.PREFIX_HTTP: ReasonText(
        "rejected",
        "layered-cookies, Store a Cookie",
        ("cookie", "lacks"),
        "The name {cookie} promises Secure and HttpOnly, but {lacks}.",
        "Send it over https with Secure; HttpOnly, or drop the __Http- prefix.",
    ),
    Code.PREFIX_HOST_HTTP: ReasonText(
        "rejected",
        "layered-cookies, Store a Cookie",
        ("cookie", "lacks"),
        "The name {cookie} promises Secure, HttpOnly, Path=/ and no Domain, but {lacks}.",
        "Send it over https with Secure; HttpOnly; Path=/ and without Domain, "
        "or drop the __Host-Http- prefix.",
    ),
    Code.WOULD_OVERWRITE_HTTP_ONLY: ReasonText(
        "rejected",
        "5.7 step 23",
        ("cookie",),
        "A script tried to replace {cookie}, which is HttpOnly.",
        "Change it from the server, or use another name in the script.",
    ),
    Code.PARTITIONED_INSECURE: ReasonText(
        "rejected",
        "CHIPS",
        ("cookie",),
        "{cookie} is Partitioned without Secure.",
        "Add Secure and serve over https, or drop Partitioned.",
    ),
    Code.CLIENT_POLICY: ReasonText(
        "rejected",
        "5.7 step 1",
        ("cookie", "policy", "remedy"),
        "{cookie} is kept out by this browser's own policy: {policy}.",
        "{remedy}.",
    ),
    Code.OTHER_HOST: ReasonText(
        "withheld",
        "5.8.3 step 3",
        ("cookie", "domain", "host"),
        "{cookie} belongs to {domain}, which does not cover the host {host}.",
        "Set it with a Domain that covers both hosts.",
    ),
    Code.HOST_ONLY: ReasonText(
        "withheld",
        "5.8.3 step 3",
        ("cookie", "domain", "host"),
        "{cookie} was set without Domain, so it goes to {domain} alone and not to {host}.",
        "If {host} should have it, set it with a Domain that covers both hosts.",
    ),
    Code.PATH_MISMATCH: ReasonText(
        "withheld",
        "5.8.3 step 3",
        ("cookie", "path", "request_path"),
        "{cookie} is for paths under {path}, and {request_path} is not.",
        "Set it with Path=/ if the whole site should have it.",
    ),
    Code.SECURE_OVER_INSECURE: ReasonText(
        "withheld",
        "5.8.3 step 3",
        ("cookie", "origin"),
        "{cookie} is Secure, and {origin} is not a secure connection.",
        "Make the request over https.",
    ),
    Code.SAME_SITE_STRICT: ReasonText(
        "withheld",
        "5.8.3 step 3",
        ("cookie",),
        "{cookie} is SameSite=Strict, and another site caused this request.",
        "Use SameSite=Lax if it should come along when a person follows a link from elsewhere.",
    ),
    Code.SAME_SITE_LAX: ReasonText(
        "withheld",
        "5.8.3 step 3",
        ("cookie", "what"),
        "{cookie} is SameSite=Lax, and this is {what} from another site.",
        "If other sites' pages must send it, use SameSite=None; Secure; "
        "else make it a link or a form with method GET.",
    ),
    Code.SAME_SITE_LAX_DEFAULT: ReasonText(
        "withheld",
        "5.8.3 step 3",
        ("cookie", "what"),
        "{cookie} has no SameSite, which counts as Lax, and this is {what} from another site.",
        "If other sites' pages must send it, say so with SameSite=None; Secure.",
    ),
    Code.EXPIRED: ReasonText(
        "withheld",
        "5.8.3 step 3",
        ("cookie", "ago"),
        "{cookie} expired {ago} before this request.",
        "Set it again with a later Max-Age or Expires if it should have lived on.",
    ),
    Code.PARTITION_MISMATCH: ReasonText(
        "withheld",
        "5.8.3 step 3",
        ("cookie", "partition", "here"),
        "{cookie} is kept apart for each site in the address bar: it was set within {partition}, "
        "and this request is made within {here}.",
        "Set it again here, or drop Partitioned where one cookie should serve several sites; "
        "a browser that keeps all third-party cookies apart does so without it too.",
    ),
    Code.WITHOUT_CREDENTIALS: ReasonText(
        "withheld",
        "5.8.3 step 3",
        ("cookie",),
        "{cookie} stays behind: the request carries no cookie at all, as one made without "
        "credentials does.",
        "If it should come along: fetch with credentials: 'include' (and allow credentials in the "
        "CORS answer), or give curl its cookie jar (-b and -c); a preflight never carries any.",
    ),
    Code.NOT_SENT_BY_CLIENT: ReasonText(
        "missing",
        "5.8.3",
        ("cookie",),
        "By the rules {cookie} goes with this request, and the client did not send it.",
        "Look for a browser that was closed (its session cookies end then), a script that "
        "deleted it, a cleared jar, a cookie blocker, or a second jar.",
    ),
    Code.ATTRIBUTE_TOO_LONG: ReasonText(
        "warning",
        "5.6, attributes step 6",
        ("attribute", "size"),
        "The value of {attribute} has {size} octets; over 1024 the attribute is ignored.",
        "Shorten it.",
    ),
    Code.ATTRIBUTE_UNKNOWN: ReasonText(
        "warning",
        "5.6, attributes step 7",
        ("attribute",),
        "`{attribute}` is no attribute of this profile, so it is ignored.",
        "Look for a typing error, or for an unencoded semicolon in the value.",
    ),
    Code.ATTRIBUTE_DUPLICATE: ReasonText(
        "warning",
        "5.7",
        ("attribute",),
        "{attribute} stands there more than once; the last one counts.",
        "Send it once.",
    ),
    Code.EXPIRES_UNPARSABLE: ReasonText(
        "warning",
        "5.6.1 step 2",
        ("text",),
        "`Expires={text}` is not a date a browser can read, so it is ignored.",
        "Write it like Expires=Wed, 09 Jun 2027 10:18:14 GMT, or use Max-Age.",
    ),
    Code.MAX_AGE_UNPARSABLE: ReasonText(
        "warning",
        "5.6.2",
        ("text",),
        "`Max-Age={text}` is not a whole number of seconds, so it is ignored.",
        "Write digits only, such as Max-Age=3600.",
    ),
    Code.LIFETIME_CAPPED: ReasonText(
        "warning",
        "5.5",
        ("cookie", "days", "cap"),
        "{cookie} asks for {days} days; a browser keeps a cookie {cap} days at most.",
        "Set the cookie again on each visit to keep it alive.",
    ),
    Code.SAME_SITE_UNRECOGNISED: ReasonText(
        "warning",
        "5.6.7",
        ("text",),
        "`SameSite={text}` is none of Strict, Lax and None, so it counts as left out.",
        "Use SameSite=Strict, SameSite=Lax, or SameSite=None; Secure.",
    ),
    Code.SAME_SITE_DEFAULTED: ReasonText(
        "warning",
        "5.6.7",
        ("cookie", "effect"),
        "{cookie} has no SameSite; this browser {effect}.",
        "Say what you mean: SameSite=Lax, or SameSite=None; Secure.",
    ),
    Code.SAME_SITE_UNKNOWN: ReasonText(
        "warning",
        "5.7 step 18",
        ("cookie", "same_site"),
        "{cookie} {same_site}, and nothing in the request tells whether it was same-site; "
        "it is taken to have been.",
        "Look at the page that made the request: if it was cross-site, a browser refuses this.",
    ),
    Code.SHADOWS_OTHER_COOKIE: ReasonText(
        "warning",
        "5.8.3 step 4",
        ("cookie", "domain", "path", "other_domain", "other_path"),
        "{cookie} now exists for {domain}{path} and for {other_domain}{other_path}; "
        "a request can carry both under one name.",
        "Set it always with the same Domain, Path and Partitioned, and delete the other one.",
    ),
}
