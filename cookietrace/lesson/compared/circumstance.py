"""How a request is made: from which page, as what, and what the engine must know about it."""

from __future__ import annotations

from typing import Final

import msgspec

from cookietrace.cookies import (
    Credentials,
    Profile,
    PublicSuffixes,
    RequestContext,
    Site,
    Target,
    parse_target,
    site_of,
)
from cookietrace.cookies.request.context import SAFE_METHODS, StorageAccess

OTHER_SITE: Final = "https://another-site.example"
"""A page of any other site: nobody can have registered it (RFC 2606)."""


class Circumstance(msgspec.Struct, frozen=True):
    """A request, as the cookie rules see it."""

    url: str
    """What is requested."""
    page: str | None = None
    """The page that makes the request; None if its own site does, or the user."""
    top_level: bool = True
    """Whether it is a navigation of the tab: a link, a form, a typed address."""
    method: str = "GET"
    date: float | None = None
    """The Date of its response, in Unix seconds: some browsers correct Expires by it."""
    access: StorageAccess | None = None
    """What the browser said about third-party cookies in this request, such as that they are
    blocked; None if it said nothing, and does what it does by default."""
    told_by: str = ""
    """The browser that said so: others have settings of their own."""

    @property
    def target(self) -> Target:
        """The parts of the URL."""
        return parse_target(self.url)

    def context(self, profile: Profile, suffixes: PublicSuffixes) -> RequestContext:
        """Return what the rules of a browser need to know about it."""
        own = site_of(self.target, suffixes)
        page = own if self.page is None else site_of(parse_target(self.page), suffixes)
        same = page == own or (not profile.schemeful and _host(page) == _host(own))
        return RequestContext(
            site=Site.SAME if same else Site.CROSS,
            top_level=self.top_level,
            unsafe=self.method.upper() not in SAFE_METHODS,
            credentials=Credentials.INCLUDE,
            storage_access=self.access if profile.name == self.told_by else None,
            top_level_site=own if self.top_level else page,
            certain=True,
        )

    @property
    def words(self) -> str:
        """The circumstance in a few words: ``a POST in a page of https://shop.test``."""
        what = self.method.upper()
        if self.page is None:
            return f"{what} from its own site"
        page = f"a page of {parse_target(self.page).origin}"
        if self.page == OTHER_SITE:
            page = "a page of another site"
        if self.top_level:
            how = "a link" if what == "GET" else f"a {what}"
            return f"{how} from {page}"
        return f"{what} within {page}, as from a frame or fetch()"


def _host(site: str) -> str:
    return site.partition("://")[2]


TITLES: Final = {
    "again": "the same request again",
    "own": "a request from its own site",
    "link": "a link on another site",
    "post": "a POST from another site",
    "embedded": "a frame or fetch() in another site's page",
}
"""The requests in which it matters whether a cookie is sent, in words."""


def requests(first: Circumstance) -> dict[str, Circumstance]:
    """Return these requests, all for the URL of the first one."""
    url = first.url
    return {
        "again": first,
        "own": Circumstance(url, top_level=False),
        "link": Circumstance(url, OTHER_SITE),
        "post": Circumstance(url, OTHER_SITE, method="POST"),
        "embedded": Circumstance(url, OTHER_SITE, top_level=False),
    }
