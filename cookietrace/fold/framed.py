"""Tell a frame's request from a tab's by its cookies, where no header says which it is."""

from __future__ import annotations

import msgspec

from cookietrace.cookies import (
    CookieJar,
    RequestContext,
    RequestFacts,
    Selection,
    Site,
    parse_target,
    site_of,
)

_TELLING = frozenset({"Sec-Fetch-Dest", "Sec-Fetch-Mode"})


def link_or_frame(
    jar: CookieJar,
    facts: RequestFacts,
    context: RequestContext,
    selection: Selection,
    observed: str,
    now: float,
) -> tuple[RequestContext, Selection]:
    """Return the circumstances under which a request may carry what it carries.

    On plain http a link and a frame of another site's page ask in the same
    words, and only the link brings Lax cookies. ``context`` takes the request
    for a link; where that does not foretell the ``observed`` header and a frame
    does, it was one. Else context and ``selection`` come back as they are.
    """
    if observed == selection.header or not context.top_level or context.certain:
        return context, selection
    if context.site is not Site.CROSS or not _TELLING.isdisjoint(context.sources):
        return context, selection
    told = dict(facts.headers)
    around = told.get("Origin", "null")
    around = told.get("Referer", "") if around == "null" else around
    inside = msgspec.structs.replace(
        context,
        top_level=False,
        top_level_site=site_of(parse_target(around), jar.public_suffixes) if around else None,
    )
    framed = jar.select(facts.target, inside, now)
    return (inside, framed) if framed.header == observed else (context, selection)
