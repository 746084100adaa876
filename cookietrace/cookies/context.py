"""The pages, frames and redirects a client has shown, and what they tell about its next request."""

from __future__ import annotations

from cookietrace.cookies.match import site_of
from cookietrace.cookies.profiles import Profile
from cookietrace.cookies.request import (
    SAFE_METHODS,
    Credentials,
    RequestContext,
    RequestFacts,
    Site,
)
from cookietrace.cookies.suffixes import PublicSuffixes


class PageHistory:
    """What one client has shown so far, fed with its requests and responses in order."""

    def __init__(self, profile: Profile, public_suffixes: PublicSuffixes) -> None:
        """Start with nothing shown."""
        self._profile = profile
        self._suffixes = public_suffixes

    def context(self, facts: RequestFacts) -> RequestContext:
        """Return the circumstances of a request that is about to be answered."""
        headers = {name.lower(): value for name, value in facts.headers}
        fetch_site = headers.get("sec-fetch-site")
        navigation = headers.get("sec-fetch-mode") == "navigate"
        top_level = navigation and headers.get("sec-fetch-dest") == "document"
        site = Site.UNKNOWN
        if fetch_site is not None:
            site = Site.CROSS if fetch_site == "cross-site" else Site.SAME
        credentials = Credentials.UNKNOWN
        if facts.method == "OPTIONS" and "access-control-request-method" in headers:
            credentials = Credentials.OMIT
        elif navigation or "cookie" in headers:
            credentials = Credentials.INCLUDE
        return RequestContext(
            site=site,
            top_level=top_level,
            unsafe=facts.method not in SAFE_METHODS,
            credentials=credentials,
            top_level_site=site_of(facts.target, self._suffixes) if top_level else None,
            certain=site is not Site.UNKNOWN and credentials is not Credentials.UNKNOWN,
        )

    def request(self, facts: RequestFacts, context: RequestContext) -> None:
        """Note a request that was made."""

    def response(
        self, exchange_id: str, status_code: int, location: str | None, content_type: str | None
    ) -> None:
        """Note the answer to a request."""

    def follows(self, facts: RequestFacts) -> frozenset[str]:
        """Return the exchanges whose responses this request demonstrably follows."""
        return frozenset()
