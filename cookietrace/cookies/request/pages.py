"""Derive the context of a client's next request from the pages and redirects seen so far.

Sec-Fetch-Site compares the request with its initiator and every redirect on the
way. The cookie rules need something else: whether the site in the address bar,
every frame between it and the requesting page, and the request's own URL are one
site (-22 5.2). If the two differ, the pages seen so far decide.
"""

from __future__ import annotations

from collections.abc import Container, Hashable
from typing import NamedTuple, TypeVar

import msgspec

from cookietrace.cookies.match import Target, parse_target, site_of
from cookietrace.cookies.profiles import Profile
from cookietrace.cookies.request.addresses import redirect_address
from cookietrace.cookies.request.context import (
    SAFE_METHODS,
    Credentials,
    RequestContext,
    RequestFacts,
    Site,
    StorageAccess,
    ThirdParty,
)
from cookietrace.cookies.request.dependent import DependentCache
from cookietrace.cookies.request.signals import (
    LONGEST_CACHED,
    ContextHeaders,
    Kind,
    Signals,
    read_signals,
)
from cookietrace.cookies.suffixes import PublicSuffixes

REDIRECT_SECONDS = 30.0
"""How long a redirect can wait to be followed."""
REMEMBERED = 4096
"""How many pages, origins, redirects and open requests are remembered; the oldest go first."""

_K = TypeVar("_K", bound=Hashable)
_V = TypeVar("_V")
_RequestKey = tuple[str, str, ContextHeaders, Credentials]
"""The method, the origin, and what describes the context."""
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
"""The status codes whose Location a browser follows; it shows any other response (Fetch)."""
_WITHIN = Kind.WITHIN
_SITES = ""
"""What stands for the sites seen so far among the addresses that an interpretation depends on."""
_OUTSIDE = ""
"""The initiator of a URL that the user typed, or opened from a bookmark or another program."""


class _Frame(NamedTuple):
    """The place of a page: its top-level site, and whether a cross-site frame is in between."""

    top_level_site: str | None
    embedded: bool
    """Whether the page or a page around it is cross-site to the address bar."""
    access: StorageAccess | None = None
    """What the browser last said about the unpartitioned cookies of the page's origin there."""


class _Load(msgspec.Struct, frozen=True, gc=False):
    """One load of a page (or of a stylesheet or worker, which makes requests for its page)."""

    exchange_id: str
    frames: tuple[_Frame, ...]
    """Its place; several if it is ambiguous."""
    again: bool = False
    """Whether the address had been loaded before."""


class _Hop(msgspec.Struct, frozen=True, gc=False):
    """A redirect that has not been followed yet."""

    exchange_id: str
    at: float
    initiator: str | None
    frames: tuple[_Frame, ...]
    chain: tuple[str, ...]
    """The sites of the requests that were redirected on the way, with this one's."""
    access: StorageAccess | None
    """What the browser last said on the way of unpartitioned third-party cookies."""


class _Interpretation(msgspec.Struct, frozen=True, gc=False):
    """What the headers and the pages seen so far show about a request to an origin."""

    context: RequestContext
    signals: Signals
    origin: str
    own_site: str
    initiator: str | None
    """The site that caused it, ``""`` for the user, None if unknown."""
    frames: tuple[_Frame, ...]
    """The possible places of the requesting page, the most likely last."""
    frames_within: tuple[_Frame, ...] = ()
    """The possible places of the page that a navigation shows, the most likely last."""


class _Decision(msgspec.Struct, frozen=True, gc=False):
    """Everything known about one request."""

    known: _Interpretation
    address: str
    hop: _Hop | None
    at: float


_Decided = tuple[RequestFacts, _Decision, _RequestKey | None]
"""A request, what is known about it, and its key if its interpretation is not in ``_known``."""


class SavedPages(msgspec.Struct, frozen=True, gc=False):
    """What a ``PageHistory`` has seen, as far as a later request can depend on it."""

    pages: dict[str, tuple[_Load, ...]] = {}
    origins: dict[str, tuple[_Frame, ...]] = {}
    redirects: dict[str, tuple[_Hop, ...]] = {}
    open: dict[str, _Decision] = {}
    sites: tuple[str, ...] = ()
    says_access: bool | None = None


class PageHistory:
    """The pages of one client. Pass in its requests and responses in order."""

    def __init__(self, profile: Profile, public_suffixes: PublicSuffixes) -> None:
        """Start without pages."""
        self._profile = profile
        self._suffixes = public_suffixes
        self._pages: dict[str, tuple[_Load, ...]] = {}
        self._origins: dict[str, tuple[_Frame, ...]] = {}
        self._redirects: dict[str, tuple[_Hop, ...]] = {}
        self._open: dict[str, _Decision] = {}
        self._sites: dict[str, None] = {}
        self._known: DependentCache[_RequestKey, _Interpretation] = DependentCache()
        """By the addresses and origins whose pages an interpretation depends on, or ``_SITES``."""
        """Of requests that were recorded, so that nothing more can be learned from an entry."""
        self._last: _Decided | None = None
        """The latest request."""
        self._says_access: bool | None = None
        """Whether the client was seen to send Sec-Fetch-Storage-Access, or not to send it where a
        browser that knows it must; None if neither was seen."""

    def context(self, facts: RequestFacts) -> RequestContext:
        """Return the context of a request. Changes nothing; never raises."""
        return self._decide(facts)[1].known.context

    def request(self, facts: RequestFacts, context: RequestContext) -> None:
        """Record a request and its context, to interpret its response."""
        last = self._last
        _, decision, key = last if last is not None and last[0] is facts else self._decide(facts)
        self._last = None
        known = decision.known
        if key is not None:
            self._cache(key, facts, decision)
        if key is not None or known.signals.storage_access is not None:
            self._learn_access(known)
        if known.context is not context:
            known = msgspec.structs.replace(known, context=context)
            known = self._with_frames_within(known)
            decision = msgspec.structs.replace(decision, known=known)
        if decision.hop is not None:
            waiting = [hop for hop in self._redirects[decision.address] if hop != decision.hop]
            _remember(self._redirects, decision.address, tuple(waiting))
        _remember(self._open, facts.exchange_id, decision)

    def response(
        self, exchange_id: str, status_code: int, location: str | None, content_type: str | None
    ) -> None:
        """Record the response to a request: a redirect, or a page."""
        decision = self._open.pop(exchange_id, None)
        if decision is None or 100 <= status_code < 200:
            return
        self._last = None
        known = decision.known
        if location is not None and status_code in _REDIRECTS:
            self._record_redirect(exchange_id, decision, location)
        elif known.signals.kind is not _WITHIN:
            if status_code not in (204, 205):
                if known.own_site not in self._sites:
                    self._known.drop(_SITES)
                    _remember(self._sites, known.own_site, None)
                self._record_page(exchange_id, decision, known.frames_within)
        elif known.signals.makes_requests or (content_type or "").startswith("text/css"):
            self._record_page(exchange_id, decision, known.frames)

    def open_context(self, exchange_id: str) -> RequestContext | None:
        """Return the context of a request that has no response yet; None if it is not known."""
        decision = self._open.get(exchange_id)
        return None if decision is None else decision.known.context

    def saved(self, open_requests: Container[str], now: float) -> SavedPages:
        """Return what was seen, for ``restore``.

        ``open_requests`` are those that may get a response. A redirect that nobody can follow any
        more by ``now`` is left out.
        """
        waiting = {
            address: tuple([hop for hop in hops if now - hop.at <= 2 * REDIRECT_SECONDS])
            for address, hops in self._redirects.items()
        }
        return SavedPages(
            dict(self._pages),
            dict(self._origins),
            {address: hops for address, hops in waiting.items() if hops},
            {name: decision for name, decision in self._open.items() if name in open_requests},
            tuple(self._sites),
            self._says_access,
        )

    def restore(self, saved: SavedPages) -> None:
        """Become what was saved. Nothing may have been seen so far."""
        self._pages = dict(saved.pages)
        self._origins = dict(saved.origins)
        self._redirects = dict(saved.redirects)
        self._open = dict(saved.open)
        self._sites = dict.fromkeys(saved.sites)
        self._says_access = saved.says_access

    def follows(self, facts: RequestFacts) -> frozenset[str]:
        """Return the exchanges whose responses this request demonstrably follows.

        It follows a redirect to its address, and the page whose full URL is in
        the Referer. If that page was loaded several times, only the first load counts:
        the page of an earlier one can make requests until it is replaced.
        """
        _, decision, _ = self._decide(facts)
        found = [] if decision.hop is None else [decision.hop.exchange_id]
        referer = decision.known.signals.referer
        if referer is not None:
            loads = self._pages.get(parse_target(referer).address, ())
            found += [load.exchange_id for load in loads if not load.again]
        return frozenset(found)

    # --- interpreting a request

    def _decide(self, facts: RequestFacts) -> _Decided:
        """Interpret a request, once for all calls about it."""
        last = self._last
        if last is not None and last[0] is facts:
            return last
        address = facts.target.address
        hop = self._hop(address, facts.at) if self._redirects else None
        key = facts.method, facts.target.origin, facts.headers, facts.credentials
        known = self._known.entries.get(key) if hop is None else None
        new = None
        if known is None:
            known, new = self._interpret(facts, hop), key
        self._last = last = facts, _Decision(known, address, hop, facts.at), new
        return last

    def _cache(self, key: _RequestKey, facts: RequestFacts, decision: _Decision) -> None:
        """Keep an interpretation for requests that are alike, if it does not follow a redirect."""
        short = sum(len(value) for _, value in facts.headers) <= LONGEST_CACHED
        if short and decision.hop is None:
            known = decision.known
            sources = _sources(known.signals, facts.target)
            self._known.put(key, known, sources, REMEMBERED)

    def _interpret(self, facts: RequestFacts, hop: _Hop | None) -> _Interpretation:
        """Interpret a request by its headers and the pages seen so far."""
        method, target = facts.method, facts.target
        signals = self._after_redirect(read_signals(method, facts.headers), hop)
        credentials = self._credentials(signals, facts)
        own_site = site_of(target, self._suffixes)
        initiator, initiator_sources = self._initiator(signals, hop)
        top_level = signals.kind in (Kind.PAGE, Kind.NAVIGATION)
        frames = self._frames(signals, target, hop)
        if not top_level:
            frames = self._frames_that_fit(frames, own_site, self._says(signals, hop))
        site, site_certain = self._site(signals, own_site, initiator, frames, hop)
        frame = frames[-1] if frames else None
        access, third_party = None, None
        if not top_level:
            access, third_party = self._access(signals, target, own_site, frame, hop)
            if signals.storage_access is not None and self._profile.schemeful:
                site, site_certain = Site.CROSS, True
            if access is None and third_party is None:
                site_certain &= not self._may_replace_its_frame(signals, own_site, site, frames)
            if credentials is Credentials.UNKNOWN and self._silence_shows_none(
                signals, site, site_certain, hop
            ):
                credentials = Credentials.OMIT
        certain = (
            site_certain
            and site is not Site.UNKNOWN
            and credentials is not Credentials.UNKNOWN
            and not self._profile.doubtful
        )
        told = top_level or access is not None or third_party is not None
        if certain and not told and site is Site.CROSS and credentials is Credentials.INCLUDE:
            certain, third_party = False, ThirdParty.UNTOLD
        context = RequestContext(
            site=site,
            top_level=top_level,
            unsafe=method not in SAFE_METHODS,
            credentials=credentials,
            top_level_site=(
                own_site if top_level else _top_level_site(own_site, site, frame, initiator)
            ),
            certain=certain,
            sources=signals.sources + initiator_sources,
            embedded=(
                not top_level
                and frame is not None
                and frame.embedded
                and third_party is not ThirdParty.UNRESTRICTED
            ),
            storage_access=access,
            third_party=third_party,
            redirected=self._redirected(signals, own_site, initiator, hop),
        )
        known = _Interpretation(context, signals, target.origin, own_site, initiator, frames)
        return self._with_frames_within(known)

    def _after_redirect(self, signals: Signals, hop: _Hop | None) -> Signals:
        """Return a request's signals without those that its browser loses on a redirect.

        Then the absence of Sec-Fetch-Storage-Access shows nothing.
        """
        lost = hop is not None and self._profile.silent_after_redirect
        if not lost or signals.storage_access is not None:
            return signals
        return msgspec.structs.replace(signals, includes=False, silence_tells=False)

    def _credentials(self, signals: Signals, facts: RequestFacts) -> Credentials:
        """Return whether the request has credentials; the browser decides it for its reports."""
        if ("Sec-Fetch-Dest", "report") in facts.headers:
            reports = self._profile.reports
            own = signals.fetch_site == "same-origin"
            if reports == "without-credentials" or (reports == "same-origin" and not own):
                return Credentials.OMIT
        if signals.credentials is Credentials.UNKNOWN:
            return facts.credentials
        return signals.credentials

    def _may_replace_its_frame(
        self, signals: Signals, own_site: str, site: Site, frames: tuple[_Frame, ...]
    ) -> bool:
        """Return whether a frame can be one within another site's page, or in that page's place.

        In its place, no page of another site is around it.
        """
        return (
            signals.kind is Kind.FRAME
            and site is Site.CROSS
            and any(frame.embedded and frame.top_level_site == own_site for frame in frames)
        )

    def _redirected(
        self, signals: Signals, own_site: str, initiator: str | None, hop: _Hop | None
    ) -> bool:
        """Return whether a redirect on the way came from another site.

        Without the redirect, "cross-site" on a request of the same site's page shows it.
        """
        if signals.fetch_site in ("same-origin", "same-site"):
            return False
        if hop is not None:
            return any(not self._same(site, own_site) for site in hop.chain)
        return signals.fetch_site == "cross-site" and initiator == own_site

    def _hop(self, address: str, at: float) -> _Hop | None:
        """Return the redirect that this request follows, the oldest one first."""
        for hop in self._redirects.get(address, ()):
            if at - hop.at <= REDIRECT_SECONDS:
                return hop
        return None

    def _initiator(self, signals: Signals, hop: _Hop | None) -> tuple[str | None, tuple[str, ...]]:
        """Return the site that caused the request, and the header that names it.

        A stylesheet sends its own address as Referer, so within a page a redirect
        is better evidence of the initiator.
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
        """Return the possible places of the requesting page, the most likely last."""
        if hop is not None and hop.frames:
            return hop.frames
        if signals.referer is not None:
            loads = self._pages.get(parse_target(signals.referer).address)
            if loads is not None:
                return tuple(dict.fromkeys(frame for load in loads for frame in load.frames))
        source = signals.origin or signals.referer
        if source is not None:
            return self._origins.get(parse_target(source).origin, ())
        return self._origins.get(target.origin, ()) if signals.fetch_site == "same-origin" else ()

    # --- third-party cookies

    def _frames_that_fit(
        self, frames: tuple[_Frame, ...], own_site: str, third_party: bool | None
    ) -> tuple[_Frame, ...]:
        """Return the places that fit a third party's request, or any other; all if None fits."""
        if third_party is None:
            return frames
        fitting = [frame for frame in frames if self._cross_site(frame, own_site) is third_party]
        return tuple(fitting) or frames

    def _access(
        self,
        signals: Signals,
        target: Target,
        own_site: str,
        frame: _Frame | None,
        hop: _Hop | None,
    ) -> tuple[StorageAccess | None, ThirdParty | None]:
        """Return what is known about access to unpartitioned cookies in a request within a page.

        Browsers send Sec-Fetch-Storage-Access only in the credentials mode *include*. A script
        that uses the mode *same-origin* in a frame has the same access without saying so, and
        Firefox says nothing in a request that follows a redirect.
        """
        if signals.storage_access is not None:
            return signals.storage_access, None
        if self._is_unrestricted(signals, hop):
            return None, ThirdParty.UNRESTRICTED
        if hop is not None and hop.access is not None and frame is not None:
            return (hop.access if self._cross_site(frame, own_site) else None), None
        if frame is not None and not signals.includes and _of_own_origin(signals, target):
            return frame.access, None
        return None, None

    def _is_unrestricted(self, signals: Signals, hop: _Hop | None) -> bool:
        """Return whether the browser's silence shows that the request is no third party's."""
        silent = signals.includes and signals.storage_access is None
        return self._says_access is True and silent and self._speaks(hop)

    def _says(self, signals: Signals, hop: _Hop | None) -> bool | None:
        """Return whether the browser says that a request is a third party's; None if nothing."""
        if signals.storage_access is not None:
            return True
        return False if self._is_unrestricted(signals, hop) else None

    def _speaks(self, hop: _Hop | None) -> bool:
        """Return whether the browser would say something here: Firefox does not after redirects."""
        return hop is None or self._profile.says_storage_access

    def _silence_shows_none(
        self, signals: Signals, site: Site, certain: bool, hop: _Hop | None
    ) -> bool:
        """Return whether the browser's silence shows that a request has no credentials."""
        if not signals.silence_tells or not self._speaks(hop):
            return False
        says = self._profile.says_storage_access if self._says_access is None else self._says_access
        return says and site is Site.CROSS and certain

    def _learn_access(self, known: _Interpretation) -> None:
        """Remember whether the client sends Sec-Fetch-Storage-Access, and what of a frame."""
        signals, access = known.signals, known.signals.storage_access
        if access is None:
            if self._says_access is None and signals.includes and self._lacks_access(known):
                self._says_access = False
                self._known.clear()
            return
        if self._says_access is not True:
            self._says_access = True
            self._known.clear()
        if signals.kind is _WITHIN and signals.from_own_origin:
            self._set_access(known, access)

    def _lacks_access(self, known: _Interpretation) -> bool:
        """Return whether a request of the mode *include* is a third party's for certain."""
        return bool(known.frames) and all(
            self._cross_site(frame, known.own_site) for frame in known.frames
        )

    def _set_access(self, known: _Interpretation, access: StorageAccess) -> None:
        """Change what the browser says about the frame that made a request to its own origin."""
        if not known.frames or known.frames[-1].access is access:
            return
        changed = known.frames[-1]._replace(access=access)
        frames = self._origins.get(known.origin, ())
        others = [frame for frame in frames if frame[:2] != changed[:2]]
        self._set(self._origins, known.origin, (*others[-3:], changed))
        address = parse_target(known.signals.referer or "").address
        loads = self._pages.get(address, ())
        if loads:
            last = msgspec.structs.replace(loads[-1], frames=(changed,))
            self._set(self._pages, address, (*loads[:-1], last))

    def _site(
        self,
        signals: Signals,
        own_site: str,
        initiator: str | None,
        frames: tuple[_Frame, ...],
        hop: _Hop | None,
    ) -> tuple[Site, bool]:
        """Return whether a request is same-site (5.2), and whether that is certain."""
        kind = signals.kind
        if signals.fetch_site == "none":
            return Site.SAME, True
        if signals.fetch_site is None and initiator is None:
            only_site = kind is Kind.NAVIGATION and self._sites.keys() <= {own_site}
            return (Site.SAME if only_site else Site.UNKNOWN), only_site
        if not self._same_initiator(signals, own_site, initiator, hop):
            known = initiator is not None or hop is None
            return Site.CROSS, known and kind is not Kind.NAVIGATION
        if kind is Kind.PAGE:
            return Site.SAME, True
        cross = [self._cross_site(frame, own_site) for frame in frames]
        if kind is Kind.NAVIGATION:
            return Site.SAME, True not in cross
        return (Site.CROSS if cross and cross[-1] else Site.SAME), len(set(cross)) < 2

    def _same_initiator(
        self, signals: Signals, own_site: str, initiator: str | None, hop: _Hop | None
    ) -> bool:
        """Return whether the request is same-site with its initiator.

        "cross-site" can also mean that a same-site initiator's request was
        redirected through another site, which -22 ignores. A navigation's
        Referer, or the redirect itself, shows that case.
        """
        if signals.fetch_site in ("same-origin", "same-site") or initiator == _OUTSIDE:
            return True
        if initiator is None:
            return False
        if signals.fetch_site == "cross-site" and signals.kind is Kind.WITHIN and hop is None:
            return initiator != own_site and self._same(initiator, own_site)
        return self._same(initiator, own_site)

    def _same(self, one: str, other: str) -> bool:
        """Return whether two sites are the same. The profile decides whether the scheme counts."""
        if one == other:
            return True
        return not self._profile.schemeful and one.partition(":")[2] == other.partition(":")[2]

    def _cross_site(self, frame: _Frame, own_site: str) -> bool:
        """Return whether a page there, or a frame around it, is cross-site to the address bar."""
        top = frame.top_level_site
        return frame.embedded or (top is not None and not self._same(top, own_site))

    # --- recording a response

    def _record_redirect(self, exchange_id: str, decision: _Decision, location: str) -> None:
        """Expect a request for the target of a redirect."""
        try:
            address = redirect_address(decision.address, location)
        except ValueError:
            return
        known = decision.known
        chain = decision.hop.chain if decision.hop is not None else ()
        if known.own_site not in chain:
            chain += (known.own_site,)
        access = known.context.storage_access
        if access is None and decision.hop is not None:
            access = decision.hop.access
        hop = _Hop(exchange_id, decision.at, known.initiator, known.frames, chain, access)
        waiting = self._redirects.get(address, ())
        _remember(self._redirects, address, (*waiting[-7:], hop))

    def _record_page(
        self, exchange_id: str, decision: _Decision, frames: tuple[_Frame, ...]
    ) -> None:
        """Remember a load and its place. The two latest loads of an address are kept."""
        address, origin = decision.address, decision.known.origin
        before = self._pages.pop(address, None)
        if before is None:
            loads: tuple[_Load, ...] = (_Load(exchange_id, frames),)
            changed = True
        else:
            loads = before[-1], _Load(exchange_id, frames, again=True)
            changed = before[0].frames != frames or before[-1].frames != frames
        if changed:
            self._set(self._pages, address, loads)
        else:  # it takes its place as the latest
            self._pages[address] = loads
        known_frames = self._origins.get(origin, ())
        if known_frames != frames:
            places = {frame[:2] for frame in frames}
            others = [frame for frame in known_frames if frame[:2] not in places]
            self._set(self._origins, origin, (*others[-3:], *frames))

    def _set(self, table: dict[str, _V], place: str, value: _V) -> None:
        """Change what is known about an address or origin, and so what was concluded from it."""
        self._known.drop(place)
        forgotten = _remember(table, place, value)
        if forgotten is not None:
            self._known.drop(forgotten)

    def _with_frames_within(self, known: _Interpretation) -> _Interpretation:
        """Return an interpretation with its ``frames_within`` filled in."""
        if known.signals.kind is Kind.WITHIN:
            return known
        return msgspec.structs.replace(known, frames_within=self._frames_within(known))

    def _frames_within(self, known: _Interpretation) -> tuple[_Frame, ...]:
        """Return the possible places of the page that a navigation shows, the most likely last."""
        own_site = known.own_site
        top = _Frame(own_site, embedded=False)
        kind, site = known.signals.kind, known.context.site
        if kind is Kind.PAGE:
            return (top,)
        if kind is Kind.NAVIGATION:
            if site is Site.CROSS:
                return (_Frame(known.initiator, embedded=True), top)
            return (*(frame for frame in known.frames if self._cross_site(frame, own_site)), top)
        around = known.frames or (_Frame(known.context.top_level_site, embedded=False),)
        access = known.context.storage_access
        within = tuple(self._framed(frame, own_site, access) for frame in around)
        if not any(frame.embedded for frame in around):
            return within
        # An embedded page can also navigate its own frame, for example with a form.
        instead = tuple(
            self._framed(_Frame(frame.top_level_site, embedded=False), own_site, access)
            for frame in around
        )
        either = instead + within if not known.context.unsafe else within + instead
        if known.context.third_party is ThirdParty.UNRESTRICTED:
            return self._frames_that_fit(either, own_site, False)
        said = known.signals.storage_access is not None
        return self._frames_that_fit(either, own_site, True if said else None)

    def _framed(self, around: _Frame, own_site: str, access: StorageAccess | None) -> _Frame:
        """Return the place of a page of that site that is framed there."""
        top = around.top_level_site
        return _Frame(top, top is None or self._cross_site(around, own_site), access)


def _of_own_origin(signals: Signals, target: Target) -> bool:
    """Return whether a page of the request's own origin made it; a WebSocket has only Origin."""
    if signals.from_own_origin or signals.origin is None:
        return signals.from_own_origin
    return parse_target(signals.origin).host == target.host


def _top_level_site(
    own_site: str, site: Site, frame: _Frame | None, initiator: str | None
) -> str | None:
    """Return the top-level site of a request made within a page."""
    if frame is not None:
        return frame.top_level_site
    if initiator == _OUTSIDE or (initiator is None and site is Site.SAME):
        return own_site
    return initiator


def _sources(signals: Signals, target: Target) -> list[str]:
    """Return on what the interpretation of a request depends, unless it follows a redirect.

    That is the address in its Referer, the origin of the page that made it, or all sites.
    """
    source = signals.origin or signals.referer
    found = [] if signals.referer is None else [parse_target(signals.referer).address]
    if source is not None:
        found.append(parse_target(source).origin)
    elif signals.fetch_site == "same-origin":
        found.append(target.origin)
    elif signals.fetch_site is None:
        found.append(_SITES)
    return found


def _remember(known: dict[_K, _V], key: _K, value: _V) -> _K | None:
    """Add an entry as the latest; drop the oldest one if there are too many, and return its key."""
    known.pop(key, None)
    known[key] = value
    if len(known) <= REMEMBERED:
        return None
    oldest = next(iter(known))
    del known[oldest]
    return oldest
