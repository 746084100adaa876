"""Markdown: the seed trace's tables cell for cell, and no markup from the wire."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookietrace.events import Body, Client, CookieRead, CookieWrite, Event, Local, Server
from cookietrace.formats import export
from cookietrace.formats.markdown import MOST_TRACKER_STEPS
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.markdown_table import escaped
from cookietrace.safe_text import safe
from tests.checking.sign_ins import broken_sign_in
from tests.formats.awkward import BEGAN, EVENTS, _request, _response

FOCUS = Focus(path="/", cookies=("user",))

EXPECTED = """\
| Step | Action | Request Cookies | Read Cookie 'user' | Set Cookie 'user' | Response Content |
|---|---|---|---|---|---|
| 1 | Client sends first request | {} | None | Set 'user'='Alice' | Hello None |
| 2 | Client stores cookie 'user'='Alice' | {} | N/A | N/A | N/A |
| 3 | Client sends second request with cookie | {'user': 'Alice'} | Alice | Set 'user'='Alice' \
| Hello Alice |

What happened to cookies:

- Step 2: ● 'user' stored
- Step 3: ↑ 'user' sent

| Variable | Start | After Step 1 | After Step 2 | After Step 3 |
|---|---|---|---|---|
| request.cookies | {} | {} | {} | {'user': 'Alice'} |
| user | None | None | None | Alice |
| response cookie 'user' | None | Alice | Alice | Alice |
"""


def visit(number: int, user: str | None) -> list[Event]:
    """Return one visit to the greeting page, as the proxy and the witness record it."""
    cookie = () if user is None else (("Cookie", f"user={user}"),)
    greeting = f"Hello {user}"
    return [
        _request(number, "http://127.0.0.1:5000/", *cookie),
        Server(
            exchange_id=f"x{number}",
            at=BEGAN + number + 0.2,
            function="hello",
            file="app.py",
            first_line=1,
            source=None,
            lines=(1, 2, 3, 4),
            reads=(CookieRead(name="user", value=user, where="view", line=2),),
            writes=(CookieWrite(name="user", value="Alice", where="view", line=4),),
            locals=(Local(name="user", value=repr(user), line=2, text=user),),
        ),
        _response(number, ("Set-Cookie", "user=Alice; Path=/")),
        Body(
            exchange_id=f"x{number}",
            at=BEGAN + number + 0.25,
            of="response",
            content_type="text/html",
            size=len(greeting),
            content=greeting,
            base64=None,
            truncated=False,
        ),
    ]


def test_the_seed_trace_cell_for_cell() -> None:
    """The execution table, what its signs mean, and the tracker, exactly as documented."""
    events = [*EVENTS[:3], *visit(1, None), *visit(2, "Alice")]
    assert b"".join(export(events, "markdown", FOCUS, show_values=True)).decode() == EXPECTED


def test_tokens_replace_the_values() -> None:
    """Redacted, the same tables hold one token instead of the name."""
    events = [*EVENTS[:3], *visit(1, None), *visit(2, "Alice")]
    text = b"".join(export(events, "markdown", FOCUS)).decode()
    (token,) = set(re.findall(r"redacted-[0-9a-f]{10}", text))
    assert text.replace(token, "Alice") == EXPECTED


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("{'user': 'Alice'}", "{'user': 'Alice'}"),
        ("request.cookies", "request.cookies"),
        ("session_id", "session_id"),
        ("__Host-id", "\\_\\_Host-id"),
        ("a|b\\|c", "a\\|b\\\\\\|c"),
        ("<b>&amp;", "&lt;b&gt;&amp;amp;"),
        ("[x](javascript:y)", "\\[x\\](javascript:y)"),
        ("![x](http://y)", "!\\[x\\](http\\://y)"),
        ("302 → https://a.test/ WWW.a.test", "302 → https\\://a.test/ WWW\\.a.test"),
        ("`code` *b* ~~s~~ $m$", "\\`code\\` \\*b\\* \\~\\~s\\~\\~ \\$m\\$"),
        ("a\r\nb\n\nc", "a b c"),
    ],
)
def test_escaping_a_cell(cell: str, written: str) -> None:
    """Everything that would be markup is escaped, and nothing else."""
    assert escaped(cell) == written


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_is_one_cell(text: str) -> None:
    """Any safe text is one cell, and removing the escapes gives it back."""
    cell = safe(text)
    written = escaped(cell)
    assert not re.search(r"(?<!\\)(?:\\\\)*[|`*\[\]]", written)
    assert not set("<>\r\n") & set(written)
    assert html.unescape(re.sub(r"\\([\\|`*_\[\]~$:.])", r"\1", written)) == html.unescape(
        cell.replace("&", "&amp;")
    )


def test_problems_come_first() -> None:
    """Under the table: each problem with reason and fix, then what each sign means at its step."""
    text = b"".join(export(broken_sign_in(), "markdown", show_values=True)).decode()
    _, counted, found, _, signs, _ = text.split("\n\n")
    assert counted == "1 problem · 1 warning:"
    problem, warning = found.splitlines()
    assert problem.startswith(
        "- ▲ Step 3: 'oauth_state' withheld: SameSite=Lax, cross-site POST. 'oauth_state' is"
    )
    assert " Fix: If other sites must cause it to be sent" in problem
    assert warning.startswith("- △ Step 6: 'cart' withheld: ")
    assert signs.splitlines()[:2] == [
        "- Step 2: ● 'oauth_state' stored",
        "- Step 3: ⊘ 'oauth_state' withheld: SameSite=Lax, cross-site POST",
    ]


def test_a_focus_keeps_the_numbers() -> None:
    """A narrower focus leaves numbers out, in the table, the list and the tracker alike."""
    focus = Focus(path="/callback")
    text = b"".join(export(broken_sign_in(), "markdown", focus, show_values=True)).decode()
    assert "\n| 3 | Client sends first request: POST |" in text
    assert "\n- Step 3: ⊘" in text
    assert "| Variable | Start | After Step 3 |" in text


def test_a_tracker_that_is_too_wide() -> None:
    """With too many steps, one line replaces the tracker."""
    events: list[Event] = [
        *EVENTS[:2],
        Client(client_id="c1", at=BEGAN, listen="", peer="", user_agent=None),
    ]
    events += [_request(number, "http://a.test/") for number in range(MOST_TRACKER_STEPS + 1)]
    text = b"".join(export(events, "markdown", show_values=True)).decode()
    lines = text.splitlines()
    assert [line for line in lines if line.startswith("- ")] == [
        f"- Step {step}: … no response yet" for step in range(1, MOST_TRACKER_STEPS + 2)
    ]
    assert "tracker is left out: it would have 201 steps" in lines[-1]
