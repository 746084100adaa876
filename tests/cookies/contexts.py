"""Request contexts by short name, and empty jars by profile, for the tests of this room."""

from __future__ import annotations

from cookietrace.cookies import (
    PROFILES,
    CookieJar,
    Credentials,
    RequestContext,
    Site,
    StorageAccess,
    ThirdParty,
    default_public_suffixes,
)

NOW = 1_800_000_000.0
"""The fixed time of all rows: 2027-01-15 08:00:00 UTC."""

SUFFIXES = default_public_suffixes()


def context(
    site: Site = Site.SAME,
    *,
    top_level: bool = False,
    unsafe: bool = False,
    credentials: Credentials = Credentials.INCLUDE,
    top_level_site: str | None = None,
    embedded: bool = False,
    access: StorageAccess | None = None,
    third_party: ThirdParty | None = None,
) -> RequestContext:
    """Return a context; everything not given has a default."""
    return RequestContext(
        site=site,
        top_level=top_level,
        unsafe=unsafe,
        credentials=credentials,
        top_level_site=top_level_site,
        certain=True,
        embedded=embedded,
        storage_access=access,
        third_party=third_party,
    )


CONTEXTS = {
    "same": context(),
    "page": context(top_level=True),
    "link": context(Site.CROSS, top_level=True),
    "post": context(Site.CROSS, top_level=True, unsafe=True),
    "image": context(Site.CROSS),
    "image on ads": context(Site.CROSS, top_level_site="https://ads.test"),
    "image without access": context(Site.CROSS, access=StorageAccess.NONE),
    "image with access": context(Site.CROSS, access=StorageAccess.ACTIVE),
    "seems blocked": context(Site.CROSS, third_party=ThirdParty.SEEMS_BLOCKED),
    "embedded": context(Site.CROSS, top_level_site="https://shop.test", embedded=True),
    "unknown": context(Site.UNKNOWN),
    "unknown page": context(Site.UNKNOWN, top_level=True),
    "omit": context(credentials=Credentials.OMIT),
}


def empty_jar(profile: str = "spec") -> CookieJar:
    """Return an empty jar."""
    return CookieJar(PROFILES[profile], SUFFIXES)
