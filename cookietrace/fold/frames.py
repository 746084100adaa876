"""Tells the request of a frame from that of a link by its cookies, if no header does."""

from __future__ import annotations

import msgspec

from cookietrace.cookies import (
    CookieJar,
    RequestContext,
    RequestFacts,
    Selection,
    Site,
    StorageAccess,
    parse_target,
    site_of,
)

_DECISIVE = frozenset({"Sec-Fetch-Dest", "Sec-Fetch-Mode"})
"""Headers that tell a frame from a link."""


def link_or_frame(
    jar: CookieJar,
    facts: RequestFacts,
    context: RequestContext,
    selection: Selection,
    observed: str,
    now: float,
) -> tuple[RequestContext, Selection]:
    """Return the context and selection of a request that may be a frame's.

    On plain http, a link on another site's page and a frame in it send the same headers,
    but only the link sends Lax cookies. ``context`` and ``selection`` assume a link. If a
    frame, with or without access to its own site's cookies, predicts the ``observed`` header
    and a link does not, those of the frame are returned, marked as a guess; otherwise the
    arguments, unchanged.
    """
    if observed == selection.header or not context.top_level or context.certain:
        return context, selection
    if context.site is not Site.CROSS or not _DECISIVE.isdisjoint(context.sources):
        return context, selection
    headers = dict(facts.headers)
    embedder = headers.get("Origin", "null")
    embedder = headers.get("Referer", "") if embedder == "null" else embedder
    for access in (None, StorageAccess.ACTIVE):
        framed_context = msgspec.structs.replace(
            context,
            top_level=False,
            guessed_frame=True,
            storage_access=access,
            top_level_site=(
                site_of(parse_target(embedder), jar.public_suffixes) if embedder else None
            ),
        )
        framed = jar.select(facts.target, framed_context, now)
        if framed.header == observed:
            return framed_context, framed
    return context, selection
