"""What is said about a request if its kind is only a guess."""

from __future__ import annotations

from cookietrace.cookies import RequestContext, ThirdParty
from cookietrace.fold.exchange import RequestPart


def unknown(context: RequestContext) -> str:
    """Return what is not known about a request whose context is not certain: ``whether …``."""
    if context.third_party in (ThirdParty.UNTOLD, ThirdParty.SEEMS_BLOCKED):
        return "whether this client sends third-party cookies"
    return "whether this request was same-site"


def guess(part: RequestPart) -> str:
    """Return a sentence that says what was assumed about a request and why; empty if nothing.

    On plain http, and in browsers that send no Fetch Metadata, the request of a frame and that
    of a link or a form have the same headers.
    """
    if not part.context.guessed_frame:
        return ""
    return (
        "Its headers do not show whether it was made for the tab or for a frame in another site's "
        "page. It is assumed to be a frame's, because it lacks cookies that the tab would have "
        "sent."
    )
