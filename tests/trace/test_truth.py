"""Nothing that the fold states is wrong of a browser whose policies the wire does not tell."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator

import pytest

from cookietrace.cookies import (
    CookieJar,
    Credentials,
    Outcome,
    RequestContext,
    Site,
    Standing,
    StorageAccess,
    ThirdParty,
    default_public_suffixes,
    parse_target,
)
from cookietrace.cookies.profiles import profile_for
from cookietrace.fold.exchange import CookieStatus
from cookietrace.trace import Trace
from tests.story import CHROMIUM, TYPED, Story
from tests.trace.test_third_party import FIREFOX, SAFARI

SHOP, API, ADS = "https://shop.test", "https://api.shop.test", "https://ads.test"
SITES = {SHOP: SHOP, API: SHOP, ADS: ADS}
OLD = CHROMIUM.replace("156.0", "110.0")
SAYS_ACCESS = (CHROMIUM, FIREFOX)
"""The browsers that send Sec-Fetch-Storage-Access."""
PAUSES = (0.01, 0.01, 0.3, 0.7, 0.99, 1.01, 3.0, 3.0, 10.0, 150.0)
TRACES = 600
FOUND = (
    4446, 5777, 7458, 7704, 9136, 10391, 19888, 24576, 46238, 56321, 56899, 62441, 71919, 110429,
    113395, 143369,
)  # fmt: skip
"""Stories of which something wrong was said once."""


class Browser:
    """A browser with a jar of its own; responses reach it up to 0.9 s after the proxy."""

    def __init__(self, story: Story, client_id: str, draw: random.Random, agent: str) -> None:
        self.story, self.client_id, self.draw, self.agent = story, client_id, draw, agent
        self.allows = draw.random() < 0.5
        self.separates = draw.random() < 0.6
        self.jar = CookieJar(profile_for(agent), default_public_suffixes())
        self.page: tuple[str, str] | None = None
        self.open: list[tuple[str, str, str, RequestContext]] = []
        self.under_way: list[tuple[float, float, str, str, str, RequestContext, list[str]]] = []
        self.stored: dict[str, list[Outcome | None]] = {}
        """Exchange -> what each line did; None if the browser took none of them."""
        story.client(client_id, agent)

    def ask(self, after: float) -> None:
        """Navigate, follow a link, fetch or load an image."""
        now = self.story.now + after
        self.receive(now)
        kinds = ("type", "type", "fetch", "fetch", "fetch", "image", "link")
        kind = self.draw.choice(kinds) if self.page else "type"
        host, path = self.draw.choice((SHOP, API, ADS)), self.draw.choice(("/", "/", "/x", "/x/y"))
        mode = self.draw.choice(("omit", "same-origin", "include")) if kind == "fetch" else ""
        context, headers = self.context(kind, host, mode)
        cookie = ""
        if context.credentials is Credentials.INCLUDE:
            self.jar.expire(now)
            cookie = self.jar.select(parse_target(host + path), context, now).header
        connection = f"{self.client_id} {host} {self.draw.randint(0, 1)}"
        if self.agent != FIREFOX:
            connection += f" {context.credentials}"
        exchange_id = self.story.ask(
            host + path,
            cookie or None,
            headers=headers,
            client_id=self.client_id,
            connection=connection if self.separates else None,
            after=after,
        )
        self.open.append((exchange_id, host, path, context))

    def context(
        self, kind: str, host: str, mode: str
    ) -> tuple[RequestContext, tuple[tuple[str, str], ...]]:
        """Return what the browser knows about a request, and what it says about it."""
        if kind == "type" or self.page is None:
            return self.known(Site.SAME, SITES[host], top_level=True), TYPED
        page, path = self.page
        site = Site.SAME if SITES[page] == SITES[host] else Site.CROSS
        relation = "same-origin" if page == host else f"{site}"
        headers = [("Sec-Fetch-Site", relation), ("Referer", page + path)]
        if kind == "link":
            headers += [("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document")]
            return self.known(site, SITES[host], top_level=True), tuple(headers)
        if kind == "image":
            headers += [("Sec-Fetch-Mode", "no-cors"), ("Sec-Fetch-Dest", "image")]
        else:
            headers += [("Sec-Fetch-Mode", "cors"), ("Sec-Fetch-Dest", "empty")]
            headers += [("Origin", page)] if page != host else []
        includes = kind == "image" or mode == "include"
        has = includes or (mode == "same-origin" and page == host)
        context = self.known(site, SITES[page], top_level=False, credentials=has)
        if includes and context.storage_access is not None:
            headers.append(("Sec-Fetch-Storage-Access", context.storage_access.value))
        return context, tuple(headers)

    def known(
        self, site: Site, top: str, *, top_level: bool, credentials: bool = True
    ) -> RequestContext:
        """Return the true context of a request."""
        third = site is Site.CROSS and not top_level
        says = third and self.agent in SAYS_ACCESS
        access = StorageAccess.ACTIVE if self.allows else StorageAccess.NONE
        policy = ThirdParty.SENT if self.allows else ThirdParty.SEEMS_BLOCKED
        return RequestContext(
            site=site,
            top_level=top_level,
            unsafe=False,
            credentials=Credentials.INCLUDE if credentials else Credentials.OMIT,
            top_level_site=top,
            certain=True,
            storage_access=access if says else None,
            third_party=policy if third and not says else None,
        )

    def respond(self, after: float) -> None:
        """Respond to a request, most often to the oldest one."""
        if not self.open:
            return
        late = self.draw.random() < 0.5
        which = self.draw.randrange(len(self.open)) if late else 0
        exchange_id, host, path, context = self.open.pop(which)
        lines = [self.line(host) for _ in range(self.draw.choice((0, 1, 1, 1, 2)))]
        self.story.respond(exchange_id, *lines, body=None, after=after)
        now = self.story.now
        arrives = now + self.draw.choice((0.0, 0.0, 0.005, 0.3, 0.9))
        if self.under_way:
            arrives = max(arrives, self.under_way[-1][0])
        self.under_way.append((arrives, now, exchange_id, host, path, context, lines))

    def line(self, host: str) -> str:
        """Return a line: a new value, one of few, or a deletion; with any attributes."""
        draw = self.draw
        parts = [f"{draw.choice('abc')}={draw.choice(('1', '2', f'u{draw.randint(1, 10**6)}'))}"]
        if draw.random() < 0.25:
            parts = [f"{draw.choice('abc')}=", "Max-Age=0"]
        elif draw.random() < 0.2:
            parts.append(f"Max-Age={draw.choice((2, 100, 9999))}")
        if draw.random() < 0.35:
            parts.append(f"Domain={SITES[host].removeprefix('https://')}")
        parts += [f"Path={draw.choice(('/', '/', '/', '/x'))}", "Secure"]
        if draw.random() < 0.7:
            parts.append(f"SameSite={draw.choice(('None', 'None', 'Lax', 'Strict'))}")
        return "; ".join(parts + ["Partitioned"] * (draw.random() < 0.1))

    def receive(self, now: float) -> None:
        """Take the responses that have arrived; their dates count from when they were sent."""
        while self.under_way and self.under_way[0][0] <= now:
            _, sent, exchange_id, host, path, context, lines = self.under_way.pop(0)
            taken = context.credentials is Credentials.INCLUDE
            self.jar.expire(sent)
            self.stored[exchange_id] = [
                self.jar.store(line, parse_target(host + path), context, sent).outcome
                if taken
                else None
                for line in lines
            ]
            if context.top_level:
                self.page = host, path


def played(seed: int) -> tuple[Story, list[Browser]]:
    """Return a story, and the browsers that it is about."""
    draw, story = random.Random(seed), Story()
    agent = draw.choice((CHROMIUM, FIREFOX, OLD, SAFARI))
    browsers = [Browser(story, f"c{n}", draw, agent) for n in range(draw.choice((1, 1, 2)))]
    for _ in range(draw.randint(4, 30)):
        browser = draw.choice(browsers)
        if browser.open and draw.random() < 0.55:
            browser.respond(draw.choice((0.01, 0.01, 0.5, 2.0)))
        else:
            browser.ask(draw.choice(PAUSES))
    for browser in browsers:
        while browser.open:
            browser.respond(0.01)
        browser.receive(story.now + 10)
    return story, browsers


def wrong(trace: Trace, browsers: list[Browser]) -> Iterator[str]:
    """Yield what a trace states that is not so. Browsers lose nothing, and no script writes."""
    stored = {key: value for browser in browsers for key, value in browser.stored.items()}
    for exchange in trace.exchanges:
        where, part = exchange.exchange_id, exchange.request
        for cookie in part.cookies:
            if cookie.status is CookieStatus.UNEXPLAINED and part.context.certain:
                yield f"{where}: {cookie.name} is unexplained"
        for absent in part.missing:
            if absent.status is CookieStatus.MISSING:
                yield f"{where}: {absent.cookie.name} is missing"
        assert exchange.response is not None
        for result, truth in zip(exchange.response.set_cookies, stored[where], strict=True):
            if result.standing is Standing.UNCONFIRMED or result.outcome in NOTHING:
                continue
            said = result.outcome is not Outcome.REJECTED
            if result.standing is Standing.REFUTED:
                said = not said
            if said is (truth in (None, Outcome.REJECTED)) and truth not in NOTHING:
                yield f"{where}: {result.raw} {result.outcome} {result.standing}, in fact {truth}"


NOTHING = (Outcome.IGNORED, Outcome.REFRESHED)
"""The outcomes that make no difference which a request could show."""


@pytest.mark.parametrize("seeds", [range(TRACES), FOUND], ids=("any", "found"))
def test_no_statement_is_wrong(seeds: Iterable[int]) -> None:
    """Not of what was stored or refused, settled or not, nor of what is missing."""
    for seed in seeds:
        story, browsers = played(seed)
        assert not list(wrong(story.trace(), browsers)), seed
