"""No output hands on a character that acts on a terminal, wherever the capture has it."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable

import pytest

from cookietrace.checking import REPORTERS, check
from cookietrace.events import (
    Body,
    Capture,
    Client,
    CookieRead,
    CookieWrite,
    Event,
    Failure,
    Local,
    Recorder,
    Request,
    Response,
    Server,
    ServerError,
)
from cookietrace.formats import export
from cookietrace.json_text import json_bytes
from cookietrace.lesson.explain import explanations
from cookietrace.lesson.moments.grades import Severity
from cookietrace.lesson.problem_groups import distinct
from cookietrace.lesson.problem_texts import problem_lines
from cookietrace.lesson.problems import problems
from cookietrace.lesson.table import Table
from cookietrace.lesson.transcript import WIDTH, transcript
from cookietrace.trace import fold

EVIL = "\x1b[2J\x9b31m\x85\x7f\u2028\u202e\u200b" + "\u0301" * 30
"""As text: a title, a colour, line ends, an override, and thirty marks on one character."""

WIRE = "\x1b]0;x\x07\x9b2J\x85\x7f" + ("a" + "\u0301" * 30 + "\u2028\u202e").encode().decode(
    "latin-1"
)
"""As bytes on the wire, decoded as latin-1."""


def events() -> list[Event]:
    """A capture with such a text in every field that holds text from the wire or the app."""
    found: list[Event] = [
        Capture(capture_id="0" * 32, schema=2, at=1.0, producer=EVIL, sensitive=False),
        Recorder(at=1.0, state="gap", message=EVIL),
        Client(client_id="c", at=1.0, listen=EVIL, peer=EVIL, user_agent=WIRE, label=EVIL),
    ]
    for number in range(3):
        name = f"e{number}"
        found += [
            Request(
                exchange_id=name,
                client_id="c",
                at=2.0 + 5 * number,
                method=WIRE,
                url=f"http://shop.test/{WIRE}?{WIRE}#{WIRE}",
                http_version=WIRE,
                headers=(("Cookie", f"a{WIRE}=b{WIRE}"), (WIRE, WIRE), ("Accept", WIRE)),
            ),
            Body(exchange_id=name, at=2.0, of="request", content_type=EVIL, size=3, content=EVIL),
            Server(
                exchange_id=name,
                at=3.0 + 5 * number,
                function=EVIL,
                file=EVIL,
                first_line=1,
                source=f"def f():\n    {EVIL}\n",
                lines=(1, 2),
                reads=(CookieRead(name=EVIL, value=None, where=EVIL, line=2),),
                writes=(CookieWrite(name=EVIL, value=EVIL, where=EVIL, line=2),),
                locals=(Local(name=EVIL, value=EVIL, line=2, text=EVIL),),
                error=ServerError(kind=EVIL, message=EVIL, line=2),
                dropped=(EVIL,),
            ),
            Response(
                exchange_id=name,
                at=3.0 + 5 * number,
                status_code=302 if number else 500,
                reason=WIRE,
                headers=(
                    ("Set-Cookie", f"a{WIRE}=b{WIRE}; Path=/{WIRE}; Domain={WIRE}; {WIRE}={WIRE}"),
                    ("Set-Cookie", f"é{WIRE[-20:]}=b; SameSite={WIRE}; Expires={WIRE}"),
                    ("Set-Cookie", "s\xc3\xa9\xcc\x81=v; Secure; SameSite=None"),
                    ("Location", f"/{WIRE}"),
                ),
            ),
            Body(exchange_id=name, at=3.0, of="response", content_type=EVIL, size=3, content=EVIL),
        ]
    found.append(
        Failure(exchange_id=None, client_id="c", at=30.0, host=EVIL, kind="connect", message=EVIL)
    )
    return found


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(lines)


def _problems(found: list[Event]) -> str:
    table = Table(fold(found))
    return _lines(
        line
        for problem in distinct(problems(table))
        for line in problem_lines(table, problem, WIDTH)
    )


def _report(name: str) -> Callable[[list[Event]], str]:
    return lambda found: REPORTERS[name].write(check(found, source="x"), Severity.PROBLEM)


OUTPUTS: dict[str, Callable[[list[Event]], str]] = {
    "transcript": lambda found: _lines(transcript(fold(found))),
    "problems": _problems,
    "json": lambda found: b"".join(map(json_bytes, explanations(fold(found), jar=True))).decode(),
    **{f"report {name}": _report(name) for name in REPORTERS},
    **{
        name: lambda found, name=name: b"".join(export(found, name)).decode()  # type: ignore[misc]
        for name in ("jsonl", "har", "csv", "markdown", "html")
    },
}


@pytest.mark.parametrize("output", OUTPUTS)
def test_nothing_in_an_output_acts(output: str) -> None:
    """No control or line separator is left but the line feed; in text no override either."""
    text = OUTPUTS[output](events()).replace("\r\n", "\n").replace("\n", "")
    acting = {char for char in text if unicodedata.category(char) in ("Cc", "Zl", "Zp")}
    assert not acting
    if output not in ("json", "jsonl", "har"):
        assert "\u202e" not in text
        assert "\u0301" * 5 not in text
