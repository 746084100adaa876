"""The pages, frames and redirects a client has shown, and what they tell about its next request.

Sec-Fetch-Site speaks of the request's initiator and of every hop on the way.
The cookie rules ask something else: whether the site in the address bar, every
frame between it and the page that asks, and the request's own URL are one site
(-22 5.2). Where the two differ, the pages seen so far decide.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple, TypeVar

import msgspec

from cookietrace.cookies.match import Target, parse_target, site_of
from cookietrace.cookies.profiles import Profile
from cookietrace.cookies.request.addresses import address_of, redirect_address
from cookietrace.cookies.request.context import (
    SAFE_METHODS,
    Credentials,
    RequestContext,
    RequestFacts,
    Site,
)
from cookietrace.cookies.request.signals import (
    LONGEST_CACHED,
    ContextHeaders,
    Kind,
    Signals,
    read_signals,
)
from cookietrace.cookies.suffixes import PublicSuffixes

REDIRECT_SECONDS = 30.0
"""How long a redirect may wait to be followed."""
REMEMBERED = 4096
"""How many pages, origins, redirects and open requests are kept; the oldest go first."""
RELOAD_SECONDS = 10.0
"""Two loads of one page this close together: there is no telling which one asks."""

_K = TypeVar("_K", bound=Hashable)
_V = TypeVar("_V")
_Asked = tuple[str, str, str | None, str, int | None, ContextHeaders]
"""Method, the parts of the origin, and the headers that speak of circumstances."""
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
"""The status codes that a browser follows a Location of; any other answer is shown (Fetch)."""
_WITHIN = Kind.WITHIN
_OUTSIDE = ""
"""The initiator of what a person typed, or opened from a bookmark or another program."""


class _Frame(NamedTuple):
    """Where a page stands: under which address bar, and with whom in between."""

    top_level_site: str | None
    embedded: bool
    """Whether the page or a page around it is cross-site to the address bar."""


class _Shown(msgspec.Struct, frozen=True, gc=False):
    """One load of a page (or of a stylesheet or worker, which asks in its page's name)."""

    exchange_id: str
    at: float
    frames: tuple[_Frame, ...]
    """Where it stands; several where nothing told."""


class _Hop(msgspec.Struct, frozen=True, gc=False):
    """A redirect that waits to be followed."""

    exchange_id: str
    at: float
    initiator: str | None
    frames: tuple[_Frame, ...]


class _Reading(msgspec.Struct, frozen=True, gc=False):
    """What its headers, and what was shown before, tell of a request to an origin."""

    context: RequestContext
    signals: Signals
    origin: str
    own_site: str
    initiator: str | None
    """The site that caused it, ``""`` for a person, None where unknown."""
    frames: tuple[_Frame, ...]
    """Where the page that asks stands, the likeliest last."""
    frames_within: tuple[_Frame, ...] = ()
    """Where the page that a navigation shows may stand, the likeliest last."""


class _Decision(msgspec.Struct, frozen=True, gc=False):
    """All that is known of one request."""

    known: _Reading
    address: str
    hop: _Hop | None
    at: float


class PageHistory:
    """What one client has shown so far, fed with its requests and responses in order."""

    def __init__(self, profile: Profile, public_suffixes: PublicSuffixes) -> None:
        """Start with nothing shown."""
        self._profile = profile
        self._suffixes = public_suffixes
        self._pages: dict[str, tuple[_Shown, ...]] = {}
        self._origins: dict[str, tuple[_Frame, ...]] = {}
        self._redirects: dict[str, tuple[_Hop, ...]] = {}
        self._open: dict[str, _Decision] = {}
        self._sites: dict[str, None] = {}
        self._known: dict[_Asked, _Reading] = {}
        """What was worked out since anything that it rests on has changed."""
        self._last: tuple[RequestFacts, _Decision] | None = None

    def context(self, facts: RequestFacts) -> RequestContext:
        """Return the circumstances of a request. Changes nothing; never raises."""
        return self._decide(facts).known.context

    def request(self, facts: RequestFacts, context: RequestContext) -> None:
        """Note a request, so that its response tells of a page or a redirect."""
        decision = self._decide(facts)
        self._last = None
        if decision.known.context is not context:
            known = msgspec.structs.replace(decision.known, context=context)
            known = self._with_frames_within(known)
            decision = msgspec.structs.replace(decision, known=known)
        if decision.hop is not None:
            waiting = [hop for hop in self._redirects[decision.address] if hop != decision.hop]
            _remember(self._redirects, decision.address, tuple(waiting))
        _remember(self._open, facts.exchange_id, decision)

    def response(
        self, exchange_id: str, status_code: int, location: str | None, content_type: str | None
    ) -> None:
        """Note the answer to a request: a redirect on the way, or a page shown."""
        decision = self._open.pop(exchange_id, None)
        if decision is None or 100 <= status_code < 200:
            return
        self._last = None
        known = decision.known
        if location is not None and status_code in _REDIRECTS:
            self._note_redirect(exchange_id, decision, location)
        elif known.signals.kind is not _WITHIN:
            if status_code not in (204, 205):
                if known.own_site not in self._sites:
                    self._known.clear()
                    _remember(self._sites, known.own_site, None)
                self._note_page(exchange_id, decision, known.frames_within)
        elif known.signals.asks_in_turn or (content_type or "").startswith("text/css"):
            self._note_page(exchange_id, decision, known.frames)

    def follows(self, facts: RequestFacts) -> frozenset[str]:
        """Return the exchanges whose responses this request demonstrably follows.

        A redirect that leads here does, and so does the page that the Referer
        names in full. Of two loads of that page within ten seconds the later
        one proves nothing.
        """
        decision = self._decide(facts)
        found = [] if decision.hop is None else [decision.hop.exchange_id]
        referer = decision.known.signals.referer
        if referer is not None:
            shown = self._pages.get(address_of(referer), ())
            if len(shown) > 1 and shown[-1].at - shown[-2].at < RELOAD_SECONDS:
                shown = shown[:-1]
            found += [load.exchange_id for load in shown]
        return frozenset(found)

    # --- what is known of a request

    def _decide(self, facts: RequestFacts) -> _Decision:
        """Work out a request's circumstances, once for the calls that belong together."""
        if self._last is not None and self._last[0] is facts:
            return self._last[1]
        address = address_of(facts.url)
        hop = self._hop(address, facts.at) if self._redirects else None
        target = facts.target
        told = facts.headers
        known = None
        if hop is None:
            asked = (facts.method, target.scheme, target.host, target.raw_host, target.port, told)
            known = self._known.get(asked)
        if known is None:
            known = self._work_out(facts.method, told, target, hop)
            if hop is None and sum(len(value) for _, value in told) <= LONGEST_CACHED:
                _remember(self._known, asked, known)
        decision = _Decision(known, address, hop, facts.at)
        self._last = (facts, decision)
        return decision

    def _work_out(
        self, method: str, told: ContextHeaders, target: Target, hop: _Hop | None
    ) -> _Reading:
        """Return what the headers that speak of it, and what was shown, tell of a request."""
        signals = read_signals(method, told)
        own_site = site_of(target, self._suffixes)
        initiator, told_by = self._initiator(signals, hop)
        frames = self._frames(signals, target, hop)
        site, sure = self._site(signals, own_site, initiator, frames, hop)
        both_known = site is not Site.UNKNOWN and signals.credentials is not Credentials.UNKNOWN
        top_level = signals.kind in (Kind.PAGE, Kind.NAVIGATION)
        frame = frames[-1] if frames else None
        context = RequestContext(
            site=site,
            top_level=top_level,
            unsafe=method not in SAFE_METHODS,
            credentials=signals.credentials,
            top_level_site=(
                own_site if top_level else _top_level_site(own_site, site, frame, initiator)
            ),
            certain=sure and both_known,
            sources=signals.sources + told_by,
            embedded=not top_level and frame is not None and frame.embedded,
        )
        known = _Reading(context, signals, target.origin, own_site, initiator, frames)
        return self._with_frames_within(known)

    def _hop(self, address: str, at: float) -> _Hop | None:
        """Return the redirect that this request follows, the longest waiting one first."""
        for hop in self._redirects.get(address, ()):
            if at - hop.at <= REDIRECT_SECONDS:
                return hop
        return None

    def _initiator(self, signals: Signals, hop: _Hop | None) -> tuple[str | None, tuple[str, ...]]:
        """Return the site that caused the request, and the header that told.

        A stylesheet asks with its own address as Referer, so within a page a
        redirect is the better witness of who asked first.
        """
        if signals.fetch_site == "none":
            return _OUTSIDE, ()
        if hop is not None and signals.kind is Kind.WITHIN and hop.initiator is not None:
            return hop.initiator, ()
        if signals.origin is not None:
            return site_of(parse_target(signals.origin), self._suffixes), ("Origin",)
        if signals.referer is not None:
            return site_of(parse_target(signals.referer), self._suffixes), ("Referer",)
        return (hop.initiator if hop is not None else None), ()

    def _frames(self, signals: Signals, target: Target, hop: _Hop | None) -> tuple[_Frame, ...]:
        """Return where the page that asks stands, the likeliest place last."""
        if hop is not None and hop.frames:
            return hop.frames
        if signals.referer is not None:
            shown = self._pages.get(address_of(signals.referer))
            if shown is not None:
                return tuple(dict.fromkeys(frame for load in shown for frame in load.frames))
        asking = signals.origin or signals.referer
        if asking is not None:
            return self._origins.get(parse_target(asking).origin, ())
        return self._origins.get(target.origin, ()) if signals.fetch_site == "same-origin" else ()

    def _site(
        self,
        signals: Signals,
        own_site: str,
        initiator: str | None,
        frames: tuple[_Frame, ...],
        hop: _Hop | None,
    ) -> tuple[Site, bool]:
        """Return whether a request is same-site (5.2), and whether that is sure."""
        kind = signals.kind
        if signals.fetch_site == "none":
            return Site.SAME, True
        if signals.fetch_site is None and initiator is None:
            alone = kind is Kind.NAVIGATION and self._sites.keys() <= {own_site}
            return (Site.SAME if alone else Site.UNKNOWN), alone
        if not self._same_initiator(signals, own_site, initiator, hop):
            told = initiator is not None or hop is None
            return Site.CROSS, told and kind is not Kind.NAVIGATION
        if kind is Kind.PAGE:
            return Site.SAME, True
        apart = [self._apart(frame, own_site) for frame in frames]
        if kind is Kind.NAVIGATION:
            return Site.SAME, True not in apart
        return (Site.CROSS if apart and apart[-1] else Site.SAME), len(set(apart)) < 2

    def _same_initiator(
        self, signals: Signals, own_site: str, initiator: str | None, hop: _Hop | None
    ) -> bool:
        """Whether whoever caused the request is same-site with it.

        "cross-site" also stands for a same-site initiator whose request was
        redirected through another site, and -22 does not mind the hops on the
        way; a navigation's Referer, or the redirect itself, shows it.
        """
        if signals.fetch_site in ("same-origin", "same-site") or initiator == _OUTSIDE:
            return True
        if initiator is None:
            return False
        if signals.fetch_site == "cross-site" and signals.kind is Kind.WITHIN and hop is None:
            return initiator != own_site and self._same(initiator, own_site)
        return self._same(initiator, own_site)

    def _same(self, one: str, other: str) -> bool:
        """Whether two sites are one; the scheme counts only where the profile says so."""
        if one == other:
            return True
        return not self._profile.schemeful and one.partition(":")[2] == other.partition(":")[2]

    def _apart(self, frame: _Frame, own_site: str) -> bool:
        """Whether a page there is cross-site to the address bar, or has such a page above it."""
        top = frame.top_level_site
        return frame.embedded or (top is not None and not self._same(top, own_site))

    # --- what a response adds

    def _note_redirect(self, exchange_id: str, decision: _Decision, location: str) -> None:
        """Expect a request for the address that a redirect names."""
        try:
            address = redirect_address(decision.address, location)
        except ValueError:
            return
        known = decision.known
        hop = _Hop(exchange_id, decision.at, known.initiator, known.frames)
        waiting = self._redirects.get(address, ())
        _remember(self._redirects, address, (*waiting[-7:], hop))

    def _note_page(self, exchange_id: str, decision: _Decision, frames: tuple[_Frame, ...]) -> None:
        """Remember a load, and where it stands; the two latest loads of an address count."""
        address, origin = decision.address, decision.known.origin
        before = self._pages.get(address, ())
        if not before or before[0].frames != frames or before[-1].frames != frames:
            self._known.clear()
        load = _Shown(exchange_id, decision.at, frames)
        _remember(self._pages, address, (*before[-1:], load))
        standing = self._origins.get(origin, ())
        if standing != frames:
            self._known.clear()
            others = [frame for frame in standing if frame not in frames]
            _remember(self._origins, origin, (*others[-3:], *frames))

    def _with_frames_within(self, known: _Reading) -> _Reading:
        """Return the circumstances with what ``frames_within`` is for them."""
        if known.signals.kind is Kind.WITHIN:
            return known
        return msgspec.structs.replace(known, frames_within=self._frames_within(known))

    def _frames_within(self, known: _Reading) -> tuple[_Frame, ...]:
        """Return where the page that a navigation shows may stand, the likeliest last."""
        own_site = known.own_site
        top = _Frame(own_site, embedded=False)
        kind, site = known.signals.kind, known.context.site
        if kind is Kind.PAGE:
            return (top,)
        if kind is Kind.NAVIGATION:
            if site is Site.CROSS:
                return (_Frame(known.initiator, embedded=True), top)
            return (*(frame for frame in known.frames if self._apart(frame, own_site)), top)
        around = known.frames or (_Frame(known.context.top_level_site, embedded=False),)
        within = tuple(self._placed(frame, own_site) for frame in around)
        if not any(frame.embedded for frame in around):
            return within
        # An embedded page may as well have sent its own frame here, as forms there do.
        instead = tuple(
            self._placed(_Frame(frame.top_level_site, embedded=False), own_site) for frame in around
        )
        return instead + within if not known.context.unsafe else within + instead

    def _placed(self, around: _Frame, own_site: str) -> _Frame:
        """Return where a page of that site stands that is framed there."""
        top = around.top_level_site
        return _Frame(top, top is None or self._apart(around, own_site))


def _top_level_site(
    own_site: str, site: Site, frame: _Frame | None, initiator: str | None
) -> str | None:
    """Return the site in the address bar above a request made within a page."""
    if frame is not None:
        return frame.top_level_site
    if initiator == _OUTSIDE or (initiator is None and site is Site.SAME):
        return own_site
    return initiator


def _remember(known: dict[_K, _V], key: _K, value: _V) -> None:
    """Note something as the latest of its kind, and let go of the oldest where there are many."""
    known.pop(key, None)
    known[key] = value
    if len(known) > REMEMBERED:
        del known[next(iter(known))]
