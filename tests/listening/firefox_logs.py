"""Small logs of a Firefox, and lines of one, as it writes them.

``page.mozlog`` and ``https.mozlog`` were recorded with Firefox ESR 153, then cut down to the
requests of a page: one with lines of many kinds, scripts that write cookies, a server that writes
what looks like a log, and a WebSocket; and one by HTTP/2, which breaks off among the entries about
the lines of a response.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cookietrace.listening.firefox_log import GRACE, FirefoxLogReader
from cookietrace.listening.said import Change, Hop, Said
from tests.listening.logs import FOLDER

URL = "http://h.test/"


def mozlog(name: str) -> bytes:
    """Return a log."""
    return (FOLDER / f"{name}.mozlog").read_bytes()


def read(data: bytes, size: int = 1 << 20) -> list[Said]:
    """Return everything that a log says, read in pieces of so many bytes."""
    reader = FirefoxLogReader()
    found: list[Said] = []
    for start in range(0, len(data), size):
        found += reader.feed(data[start : start + size])
    return [*found, *reader.end()]


def read_live(data: bytes) -> list[Said]:
    """Return everything that a log says, read as it is written: at once, and between the lines."""
    reader = FirefoxLogReader()
    found: list[Said] = []
    before: datetime | None = None
    for line in data.splitlines(keepends=True):
        at = datetime.fromisoformat(line[:26].decode("ascii"))
        found += reader.waited((at - (before or at)).total_seconds())
        found += reader.feed(line)
        before = at
    return [*found, *reader.end()]


def hops(said: Sequence[Said]) -> list[Hop]:
    """Return what was said of requests."""
    return [one for one in said if isinstance(one, Hop)]


def changes(said: Sequence[Said]) -> list[Change]:
    """Return the changes of the jar that no response made."""
    return [one for one in said if isinstance(one, Change)]


def told(hop: Hop) -> dict[int | None, bool]:
    """Return which lines of a response were taken, and which were not."""
    return {one.line: one.taken for one in hop.stored or ()}


class Log:
    """Writes a log; each line is a millisecond later than the one before it."""

    def __init__(self) -> None:
        self.data = bytearray()
        self._ms = 0

    def line(self, module: str, text: str, thread: str = "Main Thread") -> None:
        """Write one line."""
        self._ms += 1
        seconds, ms = divmod(self._ms, 1000)
        minutes, seconds = divmod(seconds, 60)
        time = f"2026-01-01 00:{minutes:02}:{seconds:02}.{ms:03}000 UTC"
        line = f"{time} - [Parent 7: {thread}]: D/{module} {text}\n"
        self.data += line.encode("latin-1")

    def socket(self, *texts: str) -> None:
        """Write lines of the thread of the sockets."""
        for text in texts:
            self.line("nsHttp", text, "Socket Thread")

    def wait(self, seconds: float = GRACE + 0.1) -> None:
        """Let some time pass, in which the main thread does something again and again."""
        until = self._ms + int(seconds * 1000)
        while self._ms < until:
            self.pause(0.2)
            self.line("cookie", "")

    def pause(self, seconds: float) -> None:
        """Let some time pass without a line; back, if it is negative: the clock is set."""
        self._ms += int(seconds * 1000)

    def request(
        self,
        number: int = 1,
        *fields: str,
        url: str = URL,
        caps: str = "1200001",
        channel: int | None = None,
    ) -> None:
        """Write a request, by number; its channel is another one's if that is given."""
        name = f"c{number if channel is None else channel}00"
        if channel is None:
            self.line("nsHttp", f"HttpBaseChannel::Init [this={name}]")
            self.line("nsHttp", "host=h.test port=-1")
            self.line("nsHttp", f"uri={url}")
        self.line("nsHttp", f"nsHttpChannel {name} created nsHttpTransaction e{number}10")
        self.look(number if channel is None else channel)
        self.line("nsHttp", f"nsHttpTransaction::Init [this=e{number}00 caps={caps}]")
        self.line("nsHttp", "http request [")
        for each in (f"GET {url} HTTP/1.1", *fields, ""):
            self.line("nsHttp", f"  {each}")
        self.line("nsHttp", "]")
        self.socket(
            f"nsHttpTransaction::OnTransportStatus [this=e{number}00 status=4b0005 progress=1]"
        )

    def head(self, number: int, status: int, *fields: str) -> None:
        """Write fields of a response, which may not be the last ones."""
        self.socket(
            f"nsHttpTransaction::ProcessData [this=e{number}00 count=1]",
            f"nsHttpTransaction::ParseLine [HTTP/1.1 {status} OK]",
            f"Have status line [version=11 status={status} statusText=OK]",
            *[f"nsHttpTransaction::ParseLine [{each}]" for each in fields],
        )

    def respond(self, number: int = 1, *lines: str, status: int = 200) -> None:
        """Write the head of a response with these Set-Cookie lines."""
        self.head(number, status, *[f"Set-Cookie: {each}" for each in lines])
        self.socket(f"nsHttpTransaction::HandleContent [this=e{number}00 count=0 read=0]")

    def look(self, number: int = 1) -> None:
        """Write that a channel is looked at."""
        channel = f"c{number}40"
        self.line("thirdPartyUtil", f"ThirdPartyUtil::IsThirdPartyChannel [channel={channel}]")

    def accept(
        self, line: str, name: str = "", value: str = "", *, url: str = URL, host: str = "h.test"
    ) -> None:
        """Write that a line was accepted; an empty one is a script's."""
        pair = line.partition(";")[0].partition("=")
        self._entry(
            "ACCEPTED",
            url,
            line,
            "replaces existing cookie: false",
            "----------------",
            f"name: {name or pair[0]}",
            f"value: {value or pair[2]}",
            f"host: {host}",
            "path: /",
            "is secure: false",
            f"is httpOnly: {'true' if 'HttpOnly' in line else 'false'}",
            "sameSite: unset",
        )

    def refuse(self, line: str, why: str, *, url: str = URL) -> None:
        """Write that a line was not accepted, and why."""
        self._entry("NOT ACCEPTED", url, line, f"rejected because {why}")

    def evict(self, name: str, why: str) -> None:
        """Write that a cookie was evicted."""
        entry = ("===== COOKIE EVICTED =====", why, f"name: {name}", "value: 1", "host: h.test", "")
        for text in entry:
            self.line("cookie", text)

    def _entry(self, kind: str, url: str, line: str, *more: str) -> None:
        head = (f"===== COOKIE {kind} =====", f"request URL: {url}", f"cookie string: {line}")
        for text in (*head, *more, ""):
            self.line("cookie", text)

    def said(self) -> list[Said]:
        """Return what a reader makes of it."""
        return read(bytes(self.data))
