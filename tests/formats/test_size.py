"""An export grows with the capture, whatever one response holds."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator

import msgspec
import pytest

from cookietrace.events import Capture, Client, Event, Request, Response, encode
from cookietrace.formats import csv_table, export
from cookietrace.json_text import json_bytes
from cookietrace.lesson.explain import MOST_ENTRIES, MOST_TEXT, explanations
from cookietrace.trace import fold

CAPTURE = Capture(capture_id="0" * 32, schema=2, at=1.0, producer="test", sensitive=False)
CLIENT = Client(client_id="c", at=1.0, listen="", peer="", user_agent="Chrome/140.0.0.0")


def story(cookies: int, size: int, requests: int) -> list[Event]:
    """One response sets many large cookies; none of the later requests sends one."""
    events: list[Event] = [CAPTURE, CLIENT]
    for number in range(requests):
        events += [
            Request(
                exchange_id=f"e{number}",
                client_id="c",
                at=2.0 + 3 * number,
                method="GET",
                url="http://localhost/",
            ),
            Response(
                exchange_id=f"e{number}",
                at=3.0 + 3 * number,
                status_code=200,
                headers=tuple(("Set-Cookie", f"c{each}={'v' * size}") for each in range(cookies))
                if number == 0
                else (),
            ),
        ]
    return events


OUTPUTS: dict[str, Callable[[list[Event]], Iterator[bytes]]] = {
    "jsonl": lambda events: export(events, "jsonl"),
    "har": lambda events: export(events, "har"),
    "csv": lambda events: export(events, "csv"),
    "markdown": lambda events: export(events, "markdown"),
    "json": lambda events: map(json_bytes, explanations(fold(events))),
    "json with the jar": lambda events: map(json_bytes, explanations(fold(events), jar=True)),
}


@pytest.mark.parametrize("output", OUTPUTS)
def test_a_large_jar_is_not_repeated_by_each_exchange(output: str) -> None:
    """Ten more exchanges add less than the jar holds, which is more than half a megabyte."""
    few, many = story(150, 3_900, 5), story(150, 3_900, 15)
    written = [sum(map(len, OUTPUTS[output](events))) for events in (few, many)]
    jar = sum(len(encode(event)) for event in few)
    assert jar > 500_000
    assert written[1] - written[0] < jar
    assert written[0] < 10 * jar


def test_what_is_left_out_is_counted() -> None:
    """The first cookies of a list are there, and how many more there are."""
    (first, second) = explanations(fold(story(170, 300, 2)), jar=True)
    assert len(first["set_cookies"]) == 170
    assert "omitted" not in first or set(first["omitted"]) == {"jar"}
    kept = len(second["jar"])
    assert 0 < kept <= MOST_ENTRIES
    assert second["omitted"]["jar"] == 170 - kept
    assert sum(len(cookie["value"]) for cookie in second["jar"]) <= MOST_TEXT
    (_, small) = explanations(fold(story(40, 300, 2)), jar=True)
    assert len(small["jar"]) == 40
    assert "omitted" not in small


def test_no_cell_of_a_csv_file_is_too_wide_for_a_spreadsheet() -> None:
    """A row about hundreds of cookies is cut, the table's own cells later than the verdicts."""
    lines = b"".join(export(story(150, 3_900, 1), "csv")).decode().splitlines()
    cells = [cell for row in csv.reader(lines) for cell in row]
    assert max(map(len, cells)) == csv_table.MOST_CELL
    row = next(csv.reader(lines[1:2]))
    assert all(len(cell) <= csv_table.MOST_SAID for cell in row[6:])


def test_a_record_of_tokens_is_as_long_as_its_lists() -> None:
    """In a redacted copy, an exchange adds less than a kilobyte for each cookie that it lists.

    Sizes of values do not matter: tokens are short.
    """
    secret = msgspec.structs.replace(CAPTURE, sensitive=True)
    few, many = (
        sum(map(len, export([secret, *story(150, 3_000, requests)[1:]], "jsonl")))
        for requests in (5, 15)
    )
    assert many - few <= 10 * 150 * 1_000
