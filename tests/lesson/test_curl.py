"""A request as a curl command: what a shell passes to curl, whatever the request held."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Iterable

import pytest

from cookietrace import events as ev
from cookietrace.fold.exchange import Exchange
from cookietrace.lesson.curl import LARGEST_BODY, body_left_out, curl_command
from cookietrace.lesson.mask import Masked, masked, unmasked
from cookietrace.secret_names import Names
from tests.story import Story

Headers = Iterable[tuple[str, str]]


def asked(
    url: str = "https://shop.test/a?b=c",
    cookie: str | None = None,
    *,
    method: str = "GET",
    headers: Headers = (),
    body: ev.Body | None = None,
) -> Exchange:
    """Return one request as an exchange."""
    story = Story()
    exchange_id = story.ask(url, cookie, method=method, headers=headers)
    if body is not None:
        story.events.append(body)
    story.respond(exchange_id)
    return story.trace().exchanges[0]


def body(content: str | bytes, *, truncated: bool = False) -> ev.Body:
    """Return the request's body, as text or as bytes."""
    return ev.Body(
        exchange_id="x1",
        at=1_750_000_010.0,
        of="request",
        size=len(content),
        content=content if isinstance(content, str) else None,
        base64=base64.b64encode(content).decode() if isinstance(content, bytes) else None,
        truncated=truncated,
    )


def passed(*commands: str) -> list[list[bytes]]:
    """Return the arguments that a shell passes to curl for each command."""
    script = "curl() { printf '%s\\0' \"$@\"; printf '\\0'; }\n" + "\n".join(commands)
    result = subprocess.run(["bash", "-c", script], capture_output=True, check=True)
    assert result.stderr == b""
    return [each.split(b"\0") for each in result.stdout.removesuffix(b"\0\0").split(b"\0\0")]


CASES: list[tuple[Exchange, list[bytes]]] = [
    (asked(), [b"-i", b"https://shop.test/a?b=c"]),
    (asked(method="HEAD"), [b"-I", b"https://shop.test/a?b=c"]),
    (asked(method="DELETE"), [b"-i", b"-X", b"DELETE", b"https://shop.test/a?b=c"]),
    (
        asked(cookie='sid=a b; x="q\'"; flag'),
        [b"-i", b"https://shop.test/a?b=c", b"-H", b'Cookie: sid=a b; x="q\'"; flag'],
    ),
    (
        asked(
            headers=(
                ("Host", "shop.test"),
                ("User-Agent", "$(touch x) `id` 'quoted' \\n"),
                ("Accept-Encoding", "gzip"),
                ("Content-Length", "0"),
                ("X-Empty", ""),
                ("@file", "x"),
                ("Sec-Fetch-Site", "none"),
            )
        ),
        [
            b"-i",
            b"https://shop.test/a?b=c",
            b"-H",
            b"User-Agent: $(touch x) `id` 'quoted' \\n",
            b"-H",
            b"X-Empty;",
            b"-H",
            b"Sec-Fetch-Site: none",
            b"--compressed",
        ],
    ),
    (
        asked(headers=(("Host", "other.test"),), cookie="sid=\xe9\x1b\\'\xff"),
        [
            b"-i",
            b"https://shop.test/a?b=c",
            b"-H",
            b"Host: other.test",
            b"-H",
            b"Cookie: sid=\xe9\x1b\\'\xff",
        ],
    ),
    (
        asked("https://shop.test/\xc3\xa9 '\x1b[1-9]{a}/../x#part"),
        [b"-i", b"-g", b"--path-as-is", b"https://shop.test/%C3%A9%20'%1B[1-9]{a}/../x"],
    ),
    (
        asked(method="POST", headers=(("Content-Type", "text/plain"),), body=body("@/etc/passwd")),
        [
            b"-i",
            b"https://shop.test/a?b=c",
            b"-H",
            b"Content-Type: text/plain",
            b"--data-raw",
            b"@/etc/passwd",
        ],
    ),
    (
        asked(method="PUT", body=body("a=1\n\u202eé\n")),
        [
            b"-i",
            b"-X",
            b"PUT",
            b"https://shop.test/a?b=c",
            b"-H",
            b"Content-Type:",
            b"--data-raw",
            "a=1\n\u202eé\n".encode(),
        ],
    ),
    (
        asked(method="POST", body=body(b"\xff\xfe1")),
        [
            b"-i",
            b"https://shop.test/a?b=c",
            b"-H",
            b"Content-Type:",
            b"--data-raw",
            b"\xff\xfe1",
        ],
    ),
    (asked(method="-o x"), [b"-i", b"-X", b"-o x", b"https://shop.test/a?b=c"]),
]


def test_what_the_shell_passes_on() -> None:
    """Every byte reaches curl in the argument that it belongs to, and nothing is run."""
    commands = [curl_command(exchange) for exchange, _ in CASES]
    assert passed(*commands) == [wanted for _, wanted in CASES]
    for command in commands:
        assert all(line.isprintable() for line in command.splitlines()), command
        assert "\x1b" not in command
        assert "\u202e" not in command


@pytest.mark.parametrize(
    ("given", "left_out"),
    [
        (body("a\0b"), True),
        (body("a", truncated=True), True),
        (body("a" * (LARGEST_BODY + 1)), True),
        (ev.Body(exchange_id="x1", at=1_750_000_010.0, of="request", size=4), True),
        (body("a"), False),
        (body(""), False),
        (None, False),
    ],
)
def test_a_body_that_is_left_out(given: ev.Body | None, left_out: bool) -> None:
    """A body that no argument can hold, or that is not whole, is left out."""
    exchange = asked(method="POST", body=given)
    assert body_left_out(exchange) is left_out
    has = given is not None and given.size > 0
    assert ("--data-raw" in curl_command(exchange)) is (has and not left_out)


def test_a_body_that_was_not_kept() -> None:
    """Its length shows that there was one."""
    assert body_left_out(asked(method="POST", headers=(("Content-Length", "3"),)))
    assert not body_left_out(asked(headers=(("Content-Length", "0"),)))


def test_hidden_values() -> None:
    """No cookie value or credential is in the command, wherever it occurs."""
    exchange = asked(
        "https://shop.test/?token=secret-one",
        "sid=secret-one; n=1",
        method="POST",
        headers=(("Authorization", "Bearer abc.def"), ("X-Csrf", "secret-one")),
        body=body("csrf=secret-one&n=1"),
    )
    command = curl_command(exchange, masked)
    assert "secret-one" not in command
    assert "abc.def" not in command
    assert f"n={masked('1')}" in command
    assert "Authorization: Bearer •" in command
    assert "secret-one" in curl_command(exchange, unmasked)


def test_not_a_url_of_the_web() -> None:
    """There is no command for what curl could take for an option or another scheme."""
    assert curl_command(asked("file:///etc/passwd")) == ""


def test_named_secrets_are_hidden() -> None:
    """With values hidden, the command shows no secret that is known by its name."""
    exchange = asked(
        "https://shop.test/cb?code=c0de-1234&page=2",
        "n=1",
        method="POST",
        headers=(("X-Api-Key", "k3y"), ("X-Echo", "c0de-1234"), ("X-Hub-Signature", "sha1=9f8e")),
        body=body('{"password": "pass-word-1", "again": "pass-word-1", "name": "joe"}'),
    )
    command = curl_command(exchange, masked)
    for secret in ("c0de-1234", "k3y", "9f8e", "pass-word-1"):
        assert secret not in command
        assert secret in curl_command(exchange, unmasked)
    assert f"X-Api-Key: {masked('k3y')}" in command
    assert "page=2" in command
    assert '"name": "joe"' in command


def test_the_user_says_which_names_are_hidden() -> None:
    """The names that the settings add are hidden too, and those that they keep are shown."""
    exchange = asked(
        "https://shop.test/cb?code=c0de-1234&order=or-der-99",
        "n=1",
        method="POST",
        headers=(("X-Company", "c0mpany"), ("X-Api-Key", "k3y"), ("X-Echo", "or-der-99")),
        body=body('{"password": "pass-word-1", "order": "or-der-99"}'),
    )
    mask = Masked(Names(redact=("x-company", "ord*"), keep=("code", "X-Api-Key")))
    command = curl_command(exchange, mask)
    for secret in ("c0mpany", "or-der-99", "pass-word-1"):
        assert secret not in command
    assert "code=c0de-1234" in command
    assert "X-Api-Key: k3y" in command
