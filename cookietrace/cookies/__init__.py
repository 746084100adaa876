"""The cookie engine: RFC 6265bis (draft 22) with the reason for every decision.

Text in, verdicts out. The engine is synchronous and reads neither the clock nor
the network: the time and the public suffix list are arguments. All strings are
the bytes on the wire, decoded as latin-1.
"""

from cookietrace.cookies.codes import Code
from cookietrace.cookies.cookie import Cookie, CookieKey, SameSite
from cookietrace.cookies.dates import parse_cookie_date
from cookietrace.cookies.hosts import canonical_host, is_ip
from cookietrace.cookies.jar import CookieJar
from cookietrace.cookies.match import (
    Target,
    default_path,
    domain_match,
    is_loopback,
    is_secure,
    parse_target,
    path_match,
    registrable_domain,
    site_of,
)
from cookietrace.cookies.parse import ParsedCookie, parse_cookie_header, parse_set_cookie
from cookietrace.cookies.profiles import PROFILES, Profile, profile_for, profile_of
from cookietrace.cookies.request.context import (
    Credentials,
    RequestContext,
    RequestFacts,
    Site,
    StorageAccess,
    ThirdParty,
)
from cookietrace.cookies.request.pages import PageHistory
from cookietrace.cookies.request.signals import context_headers
from cookietrace.cookies.results import (
    Outcome,
    RestsOn,
    Selection,
    Standing,
    StoreResult,
    Withheld,
)
from cookietrace.cookies.suffixes import PublicSuffixes, SuffixList, default_public_suffixes
from cookietrace.cookies.verdicts import TABLE, Finding, Reason

__all__ = [
    "PROFILES",
    "TABLE",
    "Code",
    "Cookie",
    "CookieJar",
    "CookieKey",
    "Credentials",
    "Finding",
    "Outcome",
    "PageHistory",
    "ParsedCookie",
    "Profile",
    "PublicSuffixes",
    "Reason",
    "RequestContext",
    "RequestFacts",
    "RestsOn",
    "SameSite",
    "Selection",
    "Site",
    "Standing",
    "StorageAccess",
    "StoreResult",
    "SuffixList",
    "Target",
    "ThirdParty",
    "Withheld",
    "canonical_host",
    "context_headers",
    "default_path",
    "default_public_suffixes",
    "domain_match",
    "is_ip",
    "is_loopback",
    "is_secure",
    "parse_cookie_date",
    "parse_cookie_header",
    "parse_set_cookie",
    "parse_target",
    "path_match",
    "profile_for",
    "profile_of",
    "registrable_domain",
    "site_of",
]
