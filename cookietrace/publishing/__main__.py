"""``python -m cookietrace.publishing``: publishes a capture for the process that records it.

It ends when its lifeline does, after it has published what is there by then. On its report pipe
it says when Redis is away (``warning`` with a line) and when that is over (``warning`` without),
and at the end how much is published (``published``).
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from pathlib import Path

import msgspec

from cookietrace.errors import CookietraceError
from cookietrace.lesson.display_text import plural
from cookietrace.protocol import Report, encode_line
from cookietrace.publishing.options import PublishingOptions
from cookietrace.publishing.publisher import Publisher
from cookietrace.stores.redis_streams.address import parse_redis_url


class Order(msgspec.Struct, frozen=True):
    """What to publish, where to, and how; it arrives on stdin, since it may hold a key."""

    capture: str
    url: str
    options: PublishingOptions


def main(arguments: list[str] | None = None) -> int:
    """Publish until the lifeline ends; return 0 if everything is published, otherwise 1."""
    parser = argparse.ArgumentParser(prog="python -m cookietrace.publishing")
    parser.add_argument("--lifeline-fd", type=int, required=True)
    parser.add_argument("--order-fd", type=int, required=True)
    parser.add_argument("--reports-fd", type=int, required=True)
    given = parser.parse_args(arguments)
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    with os.fdopen(given.order_fd, "rb") as file:
        order = msgspec.json.decode(file.read(), type=Order)
    with os.fdopen(given.reports_fd, "wb", buffering=0) as reports:

        def report(one: Report) -> None:
            try:
                reports.write(encode_line(one))
            except OSError:
                return  # whoever started us is gone, and so will we be

        def say(line: str | None) -> None:
            report(Report(type="warning", message=line))

        try:
            address = parse_redis_url(order.url)
            publisher = Publisher(Path(order.capture), address, order.options, say, records=True)
            signal.signal(signal.SIGTERM, lambda *_: publisher.stop())
            threading.Thread(
                target=_await_end, args=(given.lifeline_fd, publisher), daemon=True
            ).start()
            whole = publisher.run()
            count = f"{publisher.position:,} of {plural(publisher.recorded, 'event')}"
            report(Report(type="published", message=f"{address}: {count}"))
            return 0 if whole else 1
        except CookietraceError as error:
            say(f"not published: {error}")
            return error.exit_status


def _await_end(lifeline: int, publisher: Publisher) -> None:
    """Stop the publisher once the lifeline is cut."""
    while os.read(lifeline, 4096):
        pass
    publisher.stop()


if __name__ == "__main__":
    sys.exit(main())
