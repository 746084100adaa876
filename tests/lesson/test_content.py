"""The Response Content cell."""

from __future__ import annotations

import pytest

from cookietrace.events import Body, Failure, Headers
from cookietrace.lesson.content import response_content, visible_text
from tests.story import Story

PAGE = """<!doctype html><html><head><title>Shop</title><style>p { color: red }</style>
<script>let hidden = 1</script></head><body>
<nav></nav><h1>Welcome <b>back</b></h1><p>More</p></body></html>"""

HTML = ("Content-Type", "text/html; charset=utf-8")


def response_body(
    content: str | None, content_type: str = "text/html", size: int | None = None
) -> Body:
    """A response body of the first exchange."""
    return Body(
        exchange_id="x1",
        at=1.0,
        of="response",
        content_type=content_type,
        size=len(content or "") if size is None else size,
        content=content,
        base64=None if content is not None else "AAAA",
        truncated=False,
    )


@pytest.mark.parametrize(
    ("status", "headers", "body", "cell"),
    [
        (200, [HTML], response_body("Hello Alice"), "Hello Alice"),
        (200, [HTML], response_body(PAGE), "Welcome back"),
        (200, [HTML], response_body("<title>Only a title</title>"), "Only a title"),
        (
            200,
            [("Content-Type", "text/plain")],
            response_body("\n\n  one\ntwo", "text/plain"),
            "one",
        ),
        (200, [HTML], response_body("x" * 200), "x" * 79 + "…"),
        (200, [], response_body('{\n  "a": 1\n}', "application/json"), '{ "a": 1 }'),
        (200, [], response_body("\x1b[2Jboo", "text/plain"), "\\x1b[2Jboo"),
        (302, [("Location", "/x")], response_body(PAGE), "302 → /x"),
        (302, [], response_body("no location", "text/plain"), "302: no location"),
        (200, [], response_body(None, "image/png", 4096), "[image/png, 4 KiB]"),
        (
            200,
            [("Content-Type", "image/png"), ("Content-Length", "4096")],
            None,
            "[image/png, 4 KiB]",
        ),
        (200, [("Content-Type", "text/event-stream")], None, "[streaming]"),
        (200, [HTML], None, "[text/html]"),
        (200, [("Content-Length", "0")], None, "[empty]"),
        (200, [("Content-Length", "9" * 40)], None, "[unknown type]"),
        (200, [HTML], response_body(""), "[empty]"),
        (404, [HTML], response_body(""), "[404 Not Found]"),
        (403, [HTML], response_body("ok"), "403: ok"),
        (404, [HTML], response_body("<h1>404 Not Found</h1>"), "404 Not Found"),
        (500, [], response_body(None, "image/png", 4096), "500: [image/png, 4 KiB]"),
        (599, [HTML], response_body(""), "[599]"),
        (201, [], response_body("made", "text/plain"), "201: made"),
        (204, [], None, "[204 No Content]"),
        (304, [], None, "[304 Not Modified]"),
        (101, [("Upgrade", "websocket")], None, "[websocket]"),
    ],
)
def test_responses(status: int, headers: Headers, body: Body | None, cell: str) -> None:
    """The table's cell for each kind of response."""
    story = Story()
    story.respond(story.ask("/"), status=status, headers=headers, body=None)
    if body is not None:
        story.events.append(body)
    assert response_content(story.trace().exchanges[0]) == cell


def test_without_a_response() -> None:
    """Without a response yet there is an ellipsis; a failure says what failed."""
    story = Story()
    exchange_id = story.ask("/")
    assert response_content(story.trace().exchanges[0]) == "…"
    story.events.append(
        Failure(
            exchange_id=exchange_id,
            client_id="c1",
            at=story.now,
            host="127.0.0.1",
            kind="connect",
            message="connection refused",
        )
    )
    assert response_content(story.trace().exchanges[0]) == "[failed: connection refused]"


def test_visible_text_survives_broken_markup() -> None:
    """Unclosed and stray tags do not hide text that a browser would show."""
    assert visible_text("</head></p><p>a<script>x</script><b>b</p> c") == "ab\n c"
