"""Random lessons of the demo app in plain clients and Chromium, with viewers and readers."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

from cookietrace.events import Failure, Request, Response
from cookietrace.stores import events_of, open_store
from cookietrace.supervision.proxy import ProxyOptions, RunningProxy
from tests.soak.browsing import Browsing, Told
from tests.soak.finding import Finding, equal, none_of
from tests.soak.ledger import REQUEST_HEADER, Ledger, compare
from tests.soak.lesson_app import LessonApp
from tests.soak.lesson_clients import LessonClients
from tests.soak.monitors import Monitors, given_back, no_larger, sample
from tests.soak.options import Options
from tests.soak.viewers import Viewers

USERS = 4
PAUSE = 0.2
"""Mean seconds between two requests of one user."""

QUIET = 0.25
"""The last share of the time, in which nothing is recorded and the viewer is still used."""

SETTLING = 0.5
"""The share of that which does not count: what is kept of single steps is made meanwhile."""

MOST_PROXY, MOST_VIEWER = 6.0, 6.0
"""Megabytes by which each may grow, the viewer apart from what it shows."""

MOST_OF_NEWCOMER = 1.3
"""How many times the memory of a viewer that is opened now one may have that stayed meanwhile.

Both hold the same exchanges and have shown the same modes. What the one that stayed has made again
and again leaves gaps in its memory, and it has been at more steps.
"""

MOST_CONNECTIONS = 30.0
"""Descriptors by which those of the proxy may grow while connections come and go."""


def run(options: Options) -> Iterator[Finding]:
    """Record lessons, with Chromium if the time is enough to start one; compare all accounts."""
    ledger, capture = Ledger(), options.folder / "lessons.cookietrace"
    with ExitStack() as stack:
        app = stack.enter_context(LessonApp(ledger))
        proxy = RunningProxy.start(
            ProxyOptions(
                capture=capture,
                modes=["regular@127.0.0.1:0"],
                demo_app=app.url,
                confdir=options.folder / "confdir",
            )
        )
        stack.callback(proxy.stop)
        proxy.wait_until_listening()
        address = proxy.listeners[0].address
        pids = {"proxy": proxy.child.process.pid}
        before = sample(pids["proxy"])
        browsing = Browsing(proxy.listen("Chromium").address, options.seed)
        stack.callback(browsing.finish)
        users = LessonClients(ledger, address, count=USERS, seed=options.seed, pause=PAUSE)
        stack.callback(users.finish)
        viewers = Viewers(capture, options.seed)
        stack.callback(viewers.close)
        pids["viewer"] = viewers.screen_pid
        viewers.start()
        with Monitors(pids) as busy:
            time.sleep(options.seconds * (1 - QUIET))
        users.finish()
        browsing.finish()
        viewers.settle()
        with Monitors(pids) as quiet:
            time.sleep(options.seconds * QUIET)
        after = sample(pids["proxy"])
        stayed, newcomer = sample(pids["viewer"]), viewers.newcomer()
        viewers.close()
        status = proxy.stop()
    yield from _accounts(ledger, capture, app.requests, browsing.told)
    yield Finding("the proxy ends with status 0", f"status {status}", status == 0)
    yield busy.memory("proxy", MOST_PROXY, highest=150.0)
    yield busy.descriptors("proxy", MOST_CONNECTIONS)
    yield given_back("proxy", before, after)
    yield no_larger("viewer", stayed, newcomer, MOST_OF_NEWCOMER)
    yield busy.descriptors("viewer", 2.0)
    yield quiet.memory("viewer", MOST_VIEWER, when=" while nothing is recorded", warm_up=SETTLING)
    yield from _comings_and_goings(users, browsing, viewers)


def _accounts(ledger: Ledger, capture: Path, seen: int, told: Told) -> Iterator[Finding]:
    """Compare what clients, browser and app say with the capture."""
    compared = compare(ledger, capture)
    yield equal(
        "requests by the clients = exchanges in the capture",
        sent=compared.requests,
        recorded=compared.exchanges,
    )
    wrong = [f"{each.request_id} {each.fault}: {each.message}" for each in compared.disagreements]
    yield none_of(
        "responses received = responses recorded, with their Set-Cookie",
        wrong,
        compared.responses,
        "responses",
    )
    requests, unseen, responses = _recorded(capture)
    yield Finding(
        "requests seen by the app = exchanges in the capture",
        f"the app saw {seen:,}; the capture has {requests:,}, of which {unseen:,} were cancelled",
        requests - unseen <= seen <= requests,
    )
    lacking = told - responses
    yield none_of(
        "every response that Chromium tells of is in the capture",
        [f"{method} {url} {status}" for method, url, status in lacking],
        told.total(),
        "responses",
    )


def _recorded(capture: Path) -> tuple[int, int, Told]:
    """Return the requests, those cancelled before a response, and the browser's responses."""
    wanted = REQUEST_HEADER.lower()
    requests: dict[str, Request] = {}
    cancelled: set[str] = set()
    responses: Told = Counter()
    with closing(open_store(capture)) as store:
        for event in events_of(store):
            if isinstance(event, Request):
                requests[event.exchange_id] = event
            elif isinstance(event, Response):
                request = requests[event.exchange_id]
                cancelled.discard(event.exchange_id)
                if all(name.lower() != wanted for name, _ in request.headers):
                    responses[request.method, request.url, event.status_code] += 1
            elif isinstance(event, Failure) and event.exchange_id in requests:
                cancelled.add(str(event.exchange_id))
    return len(requests), len(cancelled), responses


def _comings_and_goings(
    users: LessonClients, browsing: Browsing, viewers: Viewers
) -> Iterator[Finding]:
    ways = ", ".join(f"{way} {count}" for way, count in sorted(viewers.left.items()))
    yield none_of(
        "viewers attach and leave in any way, and readers read, while it is recorded",
        viewers.trouble,
        viewers.left.total() + viewers.read.total(),
        f"comings ({ways}; read {viewers.read.total()} times)",
    )
    yield none_of("no user had trouble", users.trouble, users.left + 1, "users who left early")
    yield none_of("Chromium had no trouble", browsing.trouble, browsing.steps, "steps")
