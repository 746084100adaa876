"""Random but realistic traces: a browser that mostly follows the rules, and odd servers."""

from __future__ import annotations

from random import Random

from cookietrace import events as ev
from cookietrace.cookies import (
    Credentials,
    RequestContext,
    Site,
    parse_cookie_header,
    parse_set_cookie,
    parse_target,
)
from cookietrace.lesson.jar_simulation import jar_after, simulate_visit
from cookietrace.trace import Trace
from tests.lesson.visits import CLICK, WITHIN
from tests.story import CHROMIUM, TYPED, Story

HOSTS = (
    "https://shop.test",
    "https://www.shop.test",
    "http://shop.test",
    "https://other.example",
    "http://127.0.0.1:5000",
)
PATHS = ("/", "/app", "/app/more", "/admin")
NAMES = ("a", "b", "sid", "__Host-h", "__Secure-s")
VALUES = ("1", "2", "3", "Alice", "")
ATTRIBUTES = (
    ("Path=/", "Path=/app", "Path=/admin"),
    ("Domain=shop.test", "Domain=www.shop.test", "Domain=other.example", "Domain=test"),
    ("Secure",),
    ("HttpOnly",),
    ("SameSite=Lax", "SameSite=Strict", "SameSite=None", "SameSite=odd"),
    ("Max-Age=0", "Max-Age=30", "Max-Age=3600", "Max-Age=99999999"),
    ("Expires=Wed, 09 Jun 2100 10:18:14 GMT", "Expires=Thu, 01 Jan 1970 00:00:00 GMT"),
    ("Partitioned",),
)
AGENTS = (CHROMIUM, None, "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0")

WITHIN_CONTEXT = RequestContext(
    site=Site.CROSS,
    top_level=False,
    unsafe=False,
    credentials=Credentials.INCLUDE,
    top_level_site=None,
    certain=True,
)


def random_story(seed: int, exchanges: int = 9) -> Story:
    """Return the story of a browser that visits some hosts; equal seeds give equal stories."""
    random = Random(seed)
    story = Story(user_agent=random.choice(AGENTS))
    trace, seen = Trace(), 0
    hosts = random.sample(HOSTS, random.randint(1, 3))
    for _ in range(exchanges):
        for event in story.events[seen:]:
            trace.apply(event)
        seen = len(story.events)
        url = random.choice(hosts) + random.choice(PATHS)
        headers = random.choices((TYPED, CLICK, WITHIN), (6, 1, 2))[0]
        carried = _cookies(random, trace, url, headers, story.now + 10)
        exchange_id = story.ask(url, carried or None, headers=headers)
        if random.random() < 0.05:
            continue
        lines = [_line(random) for _ in range(random.choice((0, 1, 1, 2, 3)))]
        server = _server(random, exchange_id, carried, lines, story.now)
        story.respond(exchange_id, *lines, body=None, server=server)
    return story


def _cookies(
    random: Random, trace: Trace, url: str, headers: tuple[tuple[str, str], ...], now: float
) -> str:
    """Return the Cookie header that follows the rules; now and then, another one."""
    if not trace.clients:
        return random.choice(("", "", "old=1"))
    jar = jar_after(trace, trace.clients[0].client_id, trace.position)
    jar.expire(now)
    target = parse_target(url)
    within = headers is WITHIN
    found = jar.select(target, WITHIN_CONTEXT, now) if within else simulate_visit(jar, target, now)
    pairs = [cookie.pair for cookie in found.sent]
    pairs += [cookie.pair for cookie in found.inferred if random.random() < 0.8]
    if pairs and random.random() < 0.08:
        pairs.pop()
    if random.random() < 0.08:
        pairs.append(f"{random.choice(NAMES)}={random.choice(VALUES)}")
    return "; ".join(pairs)


def _line(random: Random) -> str:
    chosen = [random.choice(group) for group in ATTRIBUTES if random.random() < 0.25]
    return "; ".join([f"{random.choice(NAMES)}={random.choice(VALUES)}", *chosen])


def _server(
    random: Random, exchange_id: str, carried: str, lines: list[str], now: float
) -> ev.Server | None:
    """Return a witness's report, or None: half of the servers have no witness."""
    if random.random() < 0.5:
        return None
    pairs = parse_cookie_header(carried) if carried else ()
    first: dict[str, str] = {}
    for name, value in pairs:
        first.setdefault(name, value)
    asked = random.sample(NAMES, random.randint(0, 2))
    writes = [parse_set_cookie(line) for line in lines]
    return ev.Server(
        exchange_id=exchange_id,
        at=now,
        function="view",
        file="app.py",
        first_line=1,
        source=None,
        lines=(),
        reads=tuple(
            ev.CookieRead(name=name, value=first.get(name), where="view", line=2) for name in asked
        ),
        writes=tuple(
            ev.CookieWrite(name=parsed.name, value=parsed.value, where="view", line=3)
            for parsed in writes
        ),
        locals=(),
    )
