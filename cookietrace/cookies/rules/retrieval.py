"""The retrieval rules, -22 5.8.3 step 3: which cookies are sent, and why others are withheld."""

from __future__ import annotations

from typing import NamedTuple

from cookietrace.cookies.codes import Code
from cookietrace.cookies.cookie import Cookie, SameSite
from cookietrace.cookies.match import (
    SECURE_SCHEMES,
    Target,
    domain_match,
    is_secure,
    path_match,
    site_of,
)
from cookietrace.cookies.profiles import Profile
from cookietrace.cookies.request.context import (
    UNKNOWN_PARTITION,
    Credentials,
    RequestContext,
    Site,
    StorageAccess,
    out_of_reach,
    partition_key,
)
from cookietrace.cookies.results import Withheld
from cookietrace.cookies.suffixes import PublicSuffixes
from cookietrace.cookies.verdicts import Finding, shortened


class Traits(NamedTuple):
    """All that the rules look at, except for the age: equal traits get equal results."""

    domain: str
    host_only: bool
    path: str
    secure: bool
    same_site: SameSite
    partition_key: str | None
    inferred: bool
    kept_apart: bool


def traits_of(cookie: Cookie) -> Traits:
    """Return the traits of a cookie."""
    return Traits(
        cookie.domain,
        cookie.host_only,
        cookie.path,
        cookie.secure,
        cookie.same_site,
        cookie.partition_key,
        cookie.inferred,
        cookie.kept_apart,
    )


_POLICIES = {
    "blocked": Code.CLIENT_POLICY,
    "partitioned": Code.PARTITION_MISMATCH,
}
"""Why an unpartitioned cookie is withheld if it is out of reach."""


class Retrieval:
    """The rules for one request, applied to one group of cookies after another."""

    __slots__ = (
        "_by_redirect", "_context", "_cross", "_host", "_in_reach", "_lax_blocked", "_partition",
        "_path", "_policy", "_profile", "_secure", "_suffixes", "_target", "_third_party",
        "_without_credentials", "spares_young",
    )  # fmt: skip

    def __init__(
        self,
        target: Target,
        context: RequestContext,
        profile: Profile,
        public_suffixes: PublicSuffixes,
    ) -> None:
        """Compute once what does not depend on the cookie. ``target`` must have a host."""
        self._target = target
        self._host = target.host or ""
        self._path = target.path
        self._context = context
        self._profile = profile
        self._suffixes = public_suffixes
        self._secure = target.scheme in SECURE_SCHEMES or is_secure(target, profile)
        self._without_credentials = context.credentials is Credentials.OMIT
        self._partition: str | None = None
        self._cross = context.site is Site.CROSS
        self._by_redirect = context.redirected and not self._cross and profile.redirects_count
        """Whether only a redirect makes it cross-site, and for SameSite only."""
        self.spares_young = self._cross and context.top_level and profile.lax_post_seconds > 0
        """Whether a cookie without SameSite is sent while it is young enough (5.6.7.2)."""
        self._lax_blocked = not context.top_level or context.unsafe
        self._third_party: Code | None = None
        self._policy = ""
        kept_out = None if context.top_level else out_of_reach(context, profile.third_party)
        self._in_reach = context.storage_access is StorageAccess.ACTIVE
        """Whether the unpartitioned cookies take the place of those that the client kept apart."""
        if self._in_reach:
            self._policy = "storage-access-active"
        if kept_out is not None:
            self._third_party, self._policy = _POLICIES[kept_out[0]], kept_out[1]

    def covers_host(self, traits: Traits) -> bool:
        """Return whether a cookie with these traits covers the request's host."""
        if traits.host_only:
            return self._host == traits.domain
        return domain_match(self._host, traits.domain)

    def refusals(self, traits: Traits) -> list[Code]:
        """Return every rule that withholds a cookie with these traits, in the order of 5.8.3."""
        codes: list[Code] = []
        domain, host_only, path, secure, flag, partition, _, kept_apart = traits
        if self._host != domain:
            if not domain_match(self._host, domain):
                codes.append(Code.OTHER_HOST)
            elif host_only:
                codes.append(Code.HOST_ONLY)
        if path != "/" and not path_match(self._path, path):
            codes.append(Code.PATH_MISMATCH)
        if secure and not self._secure:
            codes.append(Code.SECURE_OVER_INSECURE)
        if self._cross or self._by_redirect:
            self._same_site(flag, codes)
        if partition is None and self._third_party is not None:
            codes.append(self._third_party)
        if partition is not None:
            if partition != self._partition_key():
                codes.append(Code.PARTITION_MISMATCH)
            elif kept_apart and self._in_reach:
                codes.append(Code.CLIENT_POLICY)
        if self._without_credentials:
            codes.append(Code.WITHOUT_CREDENTIALS)
        return codes

    def _same_site(self, flag: SameSite, codes: list[Code]) -> None:
        """Apply the same-site rule for a cross-site request."""
        if flag is SameSite.STRICT:
            codes.append(Code.SAME_SITE_STRICT)
        elif flag is SameSite.LAX and self._lax_blocked:
            codes.append(Code.SAME_SITE_LAX)
        elif flag is SameSite.DEFAULT and self._lax_blocked and self._profile.same_site_default_lax:
            codes.append(Code.SAME_SITE_LAX_DEFAULT)

    def young_enough(self, cookie: Cookie, now: float) -> bool:
        """Return whether a cookie without SameSite is sent with a cross-site POST (5.6.7.2)."""
        return self.spares_young and now - cookie.created_at <= self._profile.lax_post_seconds

    def withheld(self, cookie: Cookie, codes: list[Code], now: float) -> Withheld:
        """Return a cookie with the rules that withhold it."""
        return Withheld(cookie, tuple([self.finding(code, cookie, now) for code in codes]))

    def finding(self, code: Code, cookie: Cookie, now: float) -> Finding:
        """Return a rule that withholds this cookie, with its facts."""
        name = ("cookie", shortened(cookie.name))
        match code:
            case Code.OTHER_HOST | Code.HOST_ONLY:
                domain, host = shortened(cookie.domain), shortened(self._host)
                return Finding(code, (name, ("domain", domain), ("host", host)))
            case Code.PATH_MISMATCH:
                path, request_path = shortened(cookie.path), shortened(self._target.path)
                return Finding(code, (name, ("path", path), ("request_path", request_path)))
            case Code.SECURE_OVER_INSECURE:
                return Finding(code, (name, ("origin", shortened(self._target.origin))))
            case Code.SAME_SITE_STRICT if self._by_redirect:
                return Finding(code, (name, ("cause", "redirect")))
            case Code.SAME_SITE_LAX | Code.SAME_SITE_LAX_DEFAULT:
                kind = "unsafe-navigation" if self._context.top_level else "subresource"
                if self._by_redirect:
                    kind = "redirected"
                return Finding(code, (name, ("request", kind)))
            case Code.PARTITION_MISMATCH:
                here = self._partition_key()
                here = "" if here == UNKNOWN_PARTITION else shortened(here)
                partition = ("partition", shortened(cookie.partition_key or ""))
                return Finding(code, (name, partition, ("request_partition", here)))
            case Code.CLIENT_POLICY:
                return Finding(code, (name, ("policy", self._policy)))
            case Code.EXPIRED:
                expires_at = cookie.expires_at if cookie.expires_at is not None else now
                return Finding(code, (name, ("seconds", now - expires_at)))
            case _:
                return Finding(code, (name,))

    def _partition_key(self) -> str:
        """Return the partition of this request. It is computed when a cookie first needs it."""
        if self._partition is None:
            own_site = site_of(self._target, self._suffixes)
            self._partition = partition_key(self._context, own_site)
        return self._partition
