"""Reads the live page as a browser does, and says when each row was there; see ``bench_web``.

    python -m benchmarks.web_reader PORT TOKEN ROWS READERS

One reader takes the stream, fetches the rows that it names, and reports when it had each of them;
the others take the stream alone. The report is one line of JSON: exchange to seconds.
"""

from __future__ import annotations

import http.client
import json
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

PATIENCE = 120.0


def main() -> None:
    """Read until all rows are there, and print when."""
    port, token, rows, readers = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    headers = {"Authorization": f"Bearer {token}"}
    for _ in range(readers - 1):
        threading.Thread(target=_drain, args=(port, headers), daemon=True).start()
    asking = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    found: dict[str, float] = {}
    for name, data in _events(port, headers):
        if name == "rows":
            for first in range(data["first"], data["last"] + 1, 500):
                asking.request("GET", f"/api/rows?from={first}&to={data['last']}", headers=headers)
                read = json.loads(asking.getresponse().read())
                now = time.monotonic()
                for row in read["rows"]:
                    found.setdefault(row["exchange"], now)
        if len(found) >= rows:
            break
    print(json.dumps(found), flush=True)


def _events(port: int, headers: dict[str, str]) -> Iterator[tuple[str, Any]]:
    """Yield the events of the stream; the first line of output says that it is open."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    connection.request("GET", "/api/stream?after=0", headers=headers)
    response = connection.getresponse()
    print("open", flush=True)
    name = ""
    while line := response.readline().decode().rstrip("\n"):
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))
        while line.startswith((":", "data: ")):
            line = response.readline().decode().rstrip("\n")


def _drain(port: int, headers: dict[str, str]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    connection.request("GET", "/api/stream?after=0", headers=headers)
    response = connection.getresponse()
    while response.readline():
        pass


if __name__ == "__main__":
    main()
