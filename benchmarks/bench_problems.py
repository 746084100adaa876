"""What the table, the problems and a check's report add to the fold that they are made from.

The traffic is that of users of a shop, in several browsers: every request has cookies, some of
which other paths and hosts keep back; sessions are renewed; images and analytics come from other
sites, whose cookies are refused or withheld; a few requests fail for lack of a cookie. The times
are CPU time, beside that of folding in the same run.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence

from benchmarks.figures import Figure, figure, medians, only_its_own_garbage, own_home, rounds
from benchmarks.runner import main
from cookietrace import events as ev
from cookietrace.checking import REPORTERS, Severity, check
from cookietrace.lesson.problems import problems
from cookietrace.lesson.table import Table
from cookietrace.trace import fold

PER_CLIENT = 2_000
"""How many exchanges each browser makes."""

AGENT = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/156.0.0.0 Safari/537.36"
)

COMMON = (
    ("User-Agent", AGENT),
    ("Accept", "text/html,application/xhtml+xml"),
    ("Accept-Language", "en-GB,en"),
    ("Accept-Encoding", "gzip, deflate, br"),
)


def fetch_metadata(site: str, mode: str, dest: str) -> tuple[tuple[str, str], ...]:
    """Return the headers that say who makes a request."""
    return (("Sec-Fetch-Site", site), ("Sec-Fetch-Mode", mode), ("Sec-Fetch-Dest", dest))


LINK = fetch_metadata("same-origin", "navigate", "document")
SCRIPT = fetch_metadata("same-origin", "cors", "empty")
IMAGE = fetch_metadata("same-origin", "no-cors", "image")
OTHER_IMAGE = fetch_metadata("cross-site", "no-cors", "image")
FROM_MAIL = fetch_metadata("cross-site", "navigate", "document")


class Shopper:
    """The visits of one browser, as events."""

    def __init__(self, client_id: str, at: float, events: list[ev.Event]) -> None:
        self._id = client_id
        self._events = events
        self._made = 0
        self._at = at
        self._session = 0
        self._signed_in = False
        events.append(
            ev.Client(client_id=client_id, at=self._at, listen="l", peer="p", user_agent=AGENT)
        )

    def visit(self, number: int) -> None:
        """Make the request of this number in a browser's life, which repeats after a while."""
        turn = number % 40
        if number == 0:
            self._ask("https://shop.test/", LINK, "", sets=self._first())
            self._signed_in = True
        elif turn == 13:  # a pixel of another site, whose cookie browsers refuse here
            self._ask(
                "https://ads.test/pixel", OTHER_IMAGE, "", sets=("uid=1; Path=/; SameSite=Lax",)
            )
        elif turn == 27 and number % 400 == 27:  # a link in a mail: the strict cookie stays behind
            self._ask("https://shop.test/offer", FROM_MAIL, self._cookies(strict=False))
        elif turn == 33 and number % 1000 == 33:  # a page that needs what another path has
            self._ask("https://shop.test/cart/", LINK, self._cookies(), status=401)
        elif turn == 20:
            self._session += 1
            before = self._cookies(renewed=False)
            self._ask("https://shop.test/renew", LINK, before, sets=(self._line(),))
        elif turn % 3:
            self._ask(f"https://shop.test/api/{turn}", SCRIPT, self._cookies())
        else:
            url = f"https://shop.test/page/{turn}"
            self._ask(url, IMAGE if turn % 2 else LINK, self._cookies())

    def _first(self) -> tuple[str, ...]:
        return (
            "lang=en; Path=/; Secure; SameSite=Lax; Max-Age=31536000",
            "theme=dark; Path=/; Secure; SameSite=Lax; Max-Age=31536000",
            "cart_token=7d; Path=/checkout; Secure; HttpOnly; SameSite=Lax",
            "csrf_token=9f1; Path=/; Secure; SameSite=Strict",
            self._line(),
        )

    def _line(self) -> str:
        return f"sid={self._value()}; Path=/; Secure; HttpOnly; SameSite=Lax"

    def _value(self) -> str:
        return f"{self._id}{self._session:012d}"

    def _cookies(self, *, strict: bool = True, renewed: bool = True) -> str:
        session = self._session if renewed else self._session - 1
        pairs = ["lang=en", "theme=dark", *(["csrf_token=9f1"] if strict else [])]
        return "; ".join([*pairs, f"sid={self._id}{session:012d}"])

    def _ask(
        self,
        url: str,
        kind: tuple[tuple[str, str], ...],
        cookie: str,
        *,
        sets: tuple[str, ...] = (),
        status: int = 200,
    ) -> None:
        self._made += 1
        self._at += 1.0
        exchange_id = f"{self._id}-{self._made}"
        headers = (*COMMON, *kind, *((("Cookie", cookie),) if cookie else ()))
        self._events.append(
            ev.Request(
                exchange_id=exchange_id,
                client_id=self._id,
                at=self._at,
                method="GET",
                url=url,
                http_version="HTTP/2.0",
                headers=headers,
            )
        )
        self._events.append(
            ev.Response(
                exchange_id=exchange_id,
                at=self._at + 0.02,
                status_code=status,
                http_version="HTTP/2.0",
                headers=(("Content-Type", "text/html"), *(("Set-Cookie", line) for line in sets)),
            )
        )


def traffic(exchanges: int) -> list[ev.Event]:
    """Return the events of browsers that visit the shop one after another."""
    events: list[ev.Event] = [ev.Capture(capture_id="b", schema=1, at=0.0, producer="bench")]
    for first in range(0, exchanges, PER_CLIENT):
        shopper = Shopper(f"c{first // PER_CLIENT}", 1_750_000_000.0 + first * 2, events)
        for number in range(min(PER_CLIENT, exchanges - first)):
            shopper.visit(number)
    return events


def measured(events: list[ev.Event]) -> tuple[float, float, float, float]:
    """Return the CPU seconds of folding, of the table, of the problems, and of a check."""
    with only_its_own_garbage():
        start = time.process_time()
        trace = fold(events)
        folded = time.process_time()
        table = Table(trace)
        tabled = time.process_time()
        problems(table)
        found = time.process_time()
        del trace, table
        begun = time.process_time()
        REPORTERS["sarif"].write(check(events, source="shop"), Severity.PROBLEM)
        checked = time.process_time() - begun
    return folded - start, tabled - folded, found - tabled, checked


ADDED = ("the table", "the problems", "a check, with its own fold and its report")


def figures(sizes: Sequence[int]) -> Iterator[Figure]:
    """Yield what each adds to folding."""
    with own_home():
        measured(traffic(100))  # what is loaded once
        for size in sizes:
            events = traffic(size)
            folded, *added = medians([measured(events) for _ in range(rounds(size))])
            for name, value in zip(ADDED, added, strict=True):
                yield figure(
                    f"{name}: CPU",
                    size,
                    value / size * 1e6,
                    "µs/exchange",
                    peer="folding the same",
                    peer_value=folded / size * 1e6,
                )


if __name__ == "__main__":
    sys.exit(main(["problems", *sys.argv[1:]]))
