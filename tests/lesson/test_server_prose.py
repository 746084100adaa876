"""The prose about the server's report: a view's error shows no masked value."""

from __future__ import annotations

import pytest

from cookietrace.events import CookieRead, CookieWrite, Server, ServerError
from cookietrace.lesson.mask import Mask, masked, unmasked
from cookietrace.lesson.server_prose import error_text

MESSAGE = "invalid literal for int() with base 10: 's3cret'"

ROWS: list[tuple[ServerError | None, Mask, str]] = [
    (None, unmasked, ""),
    (ServerError(kind="KeyError", message="'x'", line=3), masked, "KeyError: 'x'"),
    (ServerError(kind="ValueError", message=MESSAGE, line=3), unmasked, f"ValueError: {MESSAGE}"),
    (
        ServerError(kind="ValueError", message=MESSAGE, line=3),
        masked,
        f"ValueError: {MESSAGE.replace('s3cret', masked('s3cret'))}",
    ),
    (
        ServerError(kind="E\x1b[31m", message="gave [b]n3w[/b]", line=None),
        masked,
        f"E\\x1b[31m: gave [b]{masked('n3w')}[/b]",
    ),
]


@pytest.mark.parametrize(("error", "mask", "text"), ROWS)
def test_an_error_of_the_view(error: ServerError | None, mask: Mask, text: str) -> None:
    """Its kind and message, made safe; a cookie's value in it is masked like the cookie."""
    server = Server(
        exchange_id="x1",
        at=1.0,
        reads=(CookieRead(name="user", value="s3cret", where="view", line=2),),
        writes=(CookieWrite(name="user", value="n3w", where="view", line=4),),
        error=error,
    )
    assert error_text(server, mask) == text
