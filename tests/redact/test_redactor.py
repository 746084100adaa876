"""Redaction: no cookie value is exported, equal values stay equal, all else is unchanged."""

from __future__ import annotations

import base64
import html
import json
import stat
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import msgspec
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from cookietrace.cookies.joined import OLD_ATTRIBUTES
from cookietrace.events import (
    SCHEMA,
    Body,
    Capture,
    Client,
    CookieRead,
    CookieWrite,
    Event,
    Failure,
    Listener,
    Local,
    Recorder,
    Request,
    Response,
    Server,
    ServerError,
    Unknown,
    Verdicts,
    encode,
)
from cookietrace.formats import FormatTable, export, outgoing, writable
from cookietrace.lesson.explain import explanations
from cookietrace.redact import PREFIX, learned, redacted, redaction_key
from cookietrace.redact.key import secret_path
from cookietrace.trace import fold
from tests.redact.reader import strings

KEY = b"k" * 32
BUILT_IN = FormatTable(group="no.such.group")
INFO = Capture(capture_id="c0", schema=SCHEMA, at=1.0, producer="test")
CLIENT = Client(client_id="c1", at=1.0, listen="l", peer="p", user_agent="UA")


def request(*headers: tuple[str, str], number: int = 1, url: str = "http://a.test/") -> Request:
    """Return a request with these headers."""
    return Request(
        exchange_id=f"e{number}",
        client_id="c1",
        at=float(number),
        method="GET",
        url=url,
        upstream=None,
        http_version="HTTP/1.1",
        headers=headers,
    )


def response(*headers: tuple[str, str], number: int = 1) -> Response:
    """Return the response to the request of that number."""
    return Response(
        exchange_id=f"e{number}",
        at=number + 0.5,
        status_code=200,
        reason="OK",
        http_version="HTTP/1.1",
        headers=headers,
    )


def body(content: str, content_type: str = "text/plain", *, truncated: bool = False) -> Body:
    """Return a text body."""
    return Body(
        exchange_id="e1",
        at=1.5,
        of="response",
        content_type=content_type,
        size=len(content),
        content=content,
        base64=None,
        truncated=truncated,
    )


def tokens(*values: str) -> tuple[Callable[[str], str], Callable[[Event], Any]]:
    """Return two functions: a value's token, and an event redacted with these values learned."""
    source = request(("Cookie", "; ".join(f"n{i}={value}" for i, value in enumerate(values))))
    redactor = learned([source], KEY)
    return redactor.value, redactor.event


SECRET = "s3cr/t+v=lue %41'\"<&>\\\xe9"

COOKIE_FIELDS = {
    "pairs": ("a=Secret1; b=x", "a={Secret1}; b={x}"),
    "blanks": (" a = Secret1 ;b=  x", " a = {Secret1} ;b=  {x}"),
    "nameless": ("Secret1; =x", "{Secret1}; ={x}"),
    "empty": ("a=; b; =;;", "a=; {b}; =;;"),
    "equals": ("a=b=c", "a={b=c}"),
    "quotes": ('a="x, y"', 'a={"x, y"}'),
    "latin-1": ("a=\xe9\xff", "a={\xe9\xff}"),
}

SET_COOKIE_FIELDS = {
    "attributes": (
        "a=Secret1; Path=/x; Expires=Wed, 21 Oct 2026 07:28:00 GMT; Max-Age=3600; HttpOnly",
        "a={Secret1}; Path=/x; Expires=Wed, 21 Oct 2026 07:28:00 GMT; Max-Age=3600; HttpOnly",
    ),
    "deletion": ("a=; Max-Age=0", "a=; Max-Age=0"),
    "attribute with the value": ("a=Secret1; Path=/Secret1/x", "a={Secret1}; Path=/{Secret1}/x"),
    "value like an attribute": ("a=Strict; SameSite=Strict", "a={Strict}; SameSite=Strict"),
    "no attributes": ("Secret1", "{Secret1}"),
    "blanks": ("  a =\tSecret1\t;Secure ", "  a =\t{Secret1}\t;Secure "),
}


def filled(template: str, token: Callable[[str], str]) -> str:
    """Return the template with each value in braces replaced by its token."""
    pieces = template.split("{")
    return pieces[0] + "".join(
        token(piece.partition("}")[0]) + piece.partition("}")[2] for piece in pieces[1:]
    )


@pytest.mark.parametrize("case", COOKIE_FIELDS)
def test_in_a_cookie_field_each_value_becomes_a_token(case: str) -> None:
    """Values of any length are replaced; names, order, spaces and empty values stay."""
    field, expected = COOKIE_FIELDS[case]
    event = request(("Cookie", field))
    redactor = learned([event], KEY)
    assert redactor.event(event) == request(("Cookie", filled(expected, redactor.value)))


@pytest.mark.parametrize("case", SET_COOKIE_FIELDS)
def test_in_a_set_cookie_field_only_the_value_becomes_a_token(case: str) -> None:
    """Attributes stay, except for a secret inside one."""
    field, expected = SET_COOKIE_FIELDS[case]
    event = response(("set-cookie", field))
    redactor = learned([event], KEY)
    assert redactor.event(event) == response(("set-cookie", filled(expected, redactor.value)))


def test_equal_values_have_equal_tokens() -> None:
    """So rotation stays visible; a token is a valid cookie value."""
    value, _ = tokens("Secret1", "Secret2")
    assert value("Secret1") == value("Secret1") != value("Secret2")
    assert value("Secret1").startswith(PREFIX)
    assert value("Secret1").isascii()
    assert value("") == ""
    assert learned([], b"other key").value("Secret1") != value("Secret1")


CREDENTIALS = {
    "Bearer abc.def": "Bearer {abc.def}",
    "Basic dXNlcjpwYXNz": "Basic {dXNlcjpwYXNz}",
    "abcdef": "{abcdef}",
    'Digest username="u", response="f00"': 'Digest {username="u", response="f00"}',
    "": "",
}


@pytest.mark.parametrize("name", ["Authorization", "proxy-authorization"])
@pytest.mark.parametrize("field", CREDENTIALS)
def test_credentials_become_tokens(name: str, field: str) -> None:
    """Everything after the scheme is replaced."""
    event = request((name, field))
    redactor = learned([event], KEY)
    assert redactor.event(event) == request((name, filled(CREDENTIALS[field], redactor.value)))


def test_a_password_is_found_elsewhere() -> None:
    """The password in Basic credentials is a secret, like a cookie value."""
    credentials = base64.b64encode(b"me:passw0rd").decode()
    redactor = learned([request(("Authorization", f"Basic {credentials}"))], KEY)
    assert "passw0rd" not in redactor.text("login?password=passw0rd!")


ENCODINGS: dict[str, Callable[[str], str]] = {
    "raw": lambda text: text,
    "percent": lambda text: quote(text, safe="", encoding="latin-1"),
    "percent, some characters kept": lambda text: quote(text, safe="/='\"", encoding="latin-1"),
    "percent, lower case": lambda text: (
        quote(text, safe="", encoding="latin-1").lower()
        if text.islower()
        else quote(text, safe="", encoding="latin-1")
    ),
    "percent, UTF-8": lambda text: quote(text.encode("latin-1"), safe="~"),
    "plus": lambda text: quote_plus(text, encoding="latin-1"),
    "every character": lambda text: "".join(f"%{ord(each):02x}" for each in text),
    "JSON": lambda text: json.dumps(text)[1:-1],
    "JSON, UTF-8": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "JSON, slashes escaped": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "JSON for HTML": lambda text: (
        json.dumps(text)[1:-1].replace("<", "\\u003c").replace("&", "\\u0026")
    ),
    "HTML": html.escape,
    "HTML, numbers": lambda text: "".join(f"&#{ord(each)};" for each in text),
    "HTML, hexadecimal": lambda text: "".join(f"&#x{ord(each):x};" for each in text),
    "quoted string": lambda text: text.replace("\\", "\\\\").replace('"', '\\"'),
    "Python": lambda text: repr(text)[1:-1],
    "octal": lambda text: "".join(f"\\{ord(each):03o}" for each in text),
    "Base64": lambda text: base64.b64encode(text.encode("latin-1")).decode(),
    "Base64, URL": lambda text: base64.urlsafe_b64encode(text.encode("latin-1")).decode(),
    "Base64 in percent": lambda text: quote(base64.b64encode(text.encode("latin-1")), safe=""),
    "Base64, shifted once": lambda text: base64.b64encode(b"u" + text.encode("latin-1")).decode(),
    "Base64, shifted twice": lambda text: base64.b64encode(
        b"u:" + text.encode("latin-1") + b"tail"
    ).decode(),
    "percent, twice": lambda text: quote(quote(text, safe="", encoding="latin-1"), safe=""),
    "percent in JSON": lambda text: json.dumps(quote(text, encoding="latin-1"))[1:-1],
    "JSON in HTML": lambda text: html.escape(json.dumps(text)[1:-1]),
    "JSON in JSON": lambda text: json.dumps(json.dumps(text)[1:-1])[1:-1],
}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_value_is_found_in_every_encoding(encoding: str) -> None:
    """The whole value is replaced inside a text, and the text around it stays."""
    value, event = tokens(SECRET)
    text = f"before,{ENCODINGS[encoding](SECRET)},after"
    replaced = event(body(text)).content
    assert value(SECRET) in replaced
    assert replaced.startswith("before,")
    assert replaced.endswith(",after")
    assert "s3cr" not in replaced


def test_a_value_is_found_in_a_host_name() -> None:
    """A value that became a host or a Domain is replaced in lower case too, as browsers have it."""
    value, event = tokens("S3cr-Et.Tok")
    assert event(body("to s3cr-et.tok.shop.test")).content == f"to {value('S3cr-Et.Tok')}.shop.test"


@pytest.mark.parametrize(
    ("value", "reading"),
    [
        ("one%20two%3Dthree", "one two=three"),
        ("one+two+three", "one two three"),
        ('"in quotes"', "in quotes"),
        ('"a\\"b\\054c-d"', 'a"b,c-d'),
        ("gr\xc3\xbc\xc3\x9fe-dich", "grüße-dich"),
        ("%C3%BC-%C3%BC-%C3%BC", "ü-ü-ü!"[:5]),
        ("abc%2525def", "abc%25def"),
    ],
)
def test_what_an_app_reads_from_a_value(value: str, reading: str) -> None:
    """The decoded forms of a value are secrets too, with the same token."""
    token, event = tokens(value)
    if len(reading) >= 6:
        assert event(body(f"Hello {reading}!")).content == f"Hello {token(value)}!"
    reads = (CookieRead(name="n", value=reading, where="view"),)
    assert event(server(reads=reads)).reads[0].value == token(value)


def server(**content: Any) -> Server:
    """Return a witness's report of the first exchange."""
    blank: dict[str, Any] = {
        "exchange_id": "e1",
        "at": 1.4,
        "function": "view",
        "file": "app.py",
        "first_line": 1,
        "source": None,
        "lines": (),
        "reads": (),
        "writes": (),
        "locals": (),
    }
    return Server(**(blank | content))


def test_the_witness_is_redacted() -> None:
    """Reads and writes are always replaced, locals and texts if they contain a value."""
    value, event = tokens("Alice", "LongSecret")
    replaced = event(
        server(
            source="def view():\n    return 'LongSecret'\n",
            reads=(
                CookieRead(name="user", value="Alice", where="view", line=2),
                CookieRead(name="none", value=None, where="view"),
            ),
            writes=(CookieWrite(name="user", value="Bob", where="view"),),
            locals=(
                Local(name="user", value="'Alice'", line=2, text="Alice"),
                Local(name="all", value="{'x': 'LongSecret'}", line=3),
                Local(name="page", value="'Hi LongSecret'", line=3, text="Hi LongSecret"),
                Local(name="long", value="'xxxxxxLongSec'…", line=3),
            ),
            error=ServerError(kind="KeyError", message="'LongSecret'"),
        )
    )
    assert replaced.source == f"def view():\n    return '{value('LongSecret')}'\n"
    assert [read.value for read in replaced.reads] == [value("Alice"), None]
    assert replaced.writes[0].value == value("Bob")
    assert [local.text for local in replaced.locals] == [
        value("Alice"),
        None,
        f"Hi {value('LongSecret')}",
        None,
    ]
    assert replaced.locals[0].value == repr(value("Alice"))
    assert replaced.locals[1].value == f"{{'x': '{value('LongSecret')}'}}"
    assert replaced.locals[3].value == f"'xxxxxx{value('LongSecret')}"
    assert replaced.error.message == f"'{value('LongSecret')}'"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://a.test/?u=Ann&v=Anna", "http://a.test/?u={Ann}&v=Anna"),
        ("http://a.test/Ann?x#u=Ann", "http://a.test/Ann?x#u={Ann}"),
        ("http://a.test/?u=a%20b&w=a+b", "http://a.test/?u={a b}&w={a b}"),
        ("http://a.test/?u=%41nn", "http://a.test/?u={Ann}"),
        ("http://a.test/Secret1/x", "http://a.test/{Secret1}/x"),
        ("http://Secret1.a.test:80/", "http://{Secret1}.a.test:80/"),
    ],
)
def test_a_whole_parameter_is_replaced_however_short(url: str, expected: str) -> None:
    """In a URL or a form, a short value is replaced if it is a whole parameter."""
    value, event = tokens("Ann", "a b", "Secret1")
    assert event(request(url=url)).url == filled(expected, value)
    assert event(request(("Referer", url))).headers == (("Referer", filled(expected, value)),)
    form = url.partition("?")[2]
    result = event(body(form, "application/x-www-form-urlencoded; charset=utf-8"))
    assert result.content == filled(expected, value).partition("?")[2]


FORM_PARTS = (
    '--B\r\nContent-Disposition: form-data; name="pin"\r\n\r\nZq7x\r\n'
    '--B\r\nContent-Disposition: form-data; name="f"; filename="Zq7x"\r\n\r\nZq7x\r\n--B--\r\n'
)

SHORT_VALUES: dict[str, Event] = {
    "fragment": request(url="http://a.test/#t=Zq7x"),
    "parameter that holds a question mark": request(url="http://a.test/?x=a?b"),
    "parameter of a URL in a parameter": request(url="http://a.test/?next=/p?t=Zq7x"),
    "the same, encoded": request(url="http://a.test/?next=%2Fp%3Ft%3DZq7x"),
    "user and password": request(url="http://joe:Zq7x@a.test/"),
    "redirect": response(("Location", "/done#t=Zq7x")),
    "redirect with a password": response(("Location", "//x"), ("Location", "http://j:Zq7x@b.test")),
    "parameter of a header": request(("X-Session", "id=Zq7x, v=1; w=Zq7x")),
    "quoted parameter of a header": request(("X-Session", 'id="Zq7x"')),
    "unknown attribute": response(("Set-Cookie", "a=b; token=Zq7x; Zq7x")),
    "malformed attribute": response(("Set-Cookie", "a=b; SameSite=Zq7x; Max-Age= Zq7x")),
    "multipart": body(FORM_PARTS, "multipart/form-data; boundary=B"),
    "multipart, line feeds": body(FORM_PARTS.replace("\r", ""), "multipart/form-data; boundary=B"),
    "multipart, cut": body(FORM_PARTS[:61], "multipart/form-data; boundary=B", truncated=True),
    "multipart with bytes": Body(
        exchange_id="e1",
        at=1.0,
        of="request",
        content_type="multipart/form-data; boundary=B",
        size=9,
        base64=base64.b64encode(b"\xff" + FORM_PARTS.encode()).decode(),
    ),
    "form as text": msgspec.structs.replace(body("pin=Zq7x\r\nother=1\r\n"), of="request"),
    "JSON": body('{"pin": "Zq7x", "all": ["Zq7x"], "\\u005aq7x": 1}', "application/json"),
    "JSON in JSON": body(json.dumps(json.dumps({"pin": "Zq7x"})), "application/json"),
    "JSON with a URL": body('{"u": "/?a=1\\u0026t=Zq7x"}', "application/json"),
    "cookie string": body('{"cookie": "pin=Zq7x; t=Zq7x"}', "application/json"),
    "cookie string of one": body("ga('Zq7x', 'pin=Zq7x')", "text/javascript"),
    "HTML": body(
        '<a href="/?t=Zq7x&amp;u=Zq7x">it\'s</a><a href=/?t=Zq7x><input value="Zq7x">', "text/html"
    ),
    "number of a local": server(locals=(Local(name="v", value="4711", line=1),)),
    "inside a local": server(
        locals=(
            Local(name="all", value="{'pin': 'Zq7x'}", line=1),
            Local(name="to", value="'/?t=Zq7x'", line=1, text="/?t=Zq7x"),
        )
    ),
    "error": server(error=ServerError(kind="KeyError", message="'Zq7x'")),
    "listener": Recorder(
        at=1.0,
        state="started",
        listeners=(Listener(mode="reverse", address="l", target="http://joe:Zq7x@b.test"),),
    ),
}


@pytest.mark.parametrize("case", SHORT_VALUES)
def test_a_short_value_on_its_own(case: str) -> None:
    """A value below six characters is replaced as a whole parameter or quoted string."""
    _, event = tokens("Zq7x", "a?b", "4711")
    replaced = event(SHORT_VALUES[case])
    assert replaced != SHORT_VALUES[case]
    text = encode(replaced).decode()
    if getattr(replaced, "base64", None):
        text += base64.b64decode(replaced.base64).decode("latin-1")
    assert not any(value in text for value in ("Zq7x", "\\u005aq7x", "a?b", '"4711"'))


def test_a_verdict_quotes_no_short_value() -> None:
    """If a warning quotes an attribute that is a value, it quotes the token."""
    line = "pin=Zq7x; SameSite=Zq7x; Zq7x"
    result = list(redacted([INFO, CLIENT, request(), response(("Set-Cookie", line))], key=KEY))
    assert not any(b"Zq7x" in encode(event) for event in result)


def test_a_password_in_a_url_is_found_elsewhere() -> None:
    """A password in a URL is replaced everywhere else too."""
    text = learned([request(url="http://joe:passw0rd@a.test/")], KEY).text("is passw0rd!")
    assert "passw0rd" not in text


def test_short_values_stay_in_running_text() -> None:
    """A short value may occur by chance, so replacing it would reveal more than it hides."""
    _, event = tokens("Alice")
    assert event(body("Hello Alice")).content == "Hello Alice"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("cut: LongSec", "cut: {LongSecretValue}"),
        ("cut: LongS", "cut: LongS"),
        ("cut: Long%53ec", "cut: {LongSecretValue}"),
        ("cut: LongSecretValue", "cut: {LongSecretValue}"),
    ],
)
def test_a_truncated_value(content: str, expected: str) -> None:
    """If a body is truncated inside a value, the beginning of the value is replaced."""
    value, event = tokens("LongSecretValue")
    assert event(body(content, truncated=True)).content == filled(expected, value)


def test_binary_bodies_are_searched() -> None:
    """A value inside bytes is replaced, and the bytes around it stay."""
    value, event = tokens("LongSecret")
    content = b"\x00\xff LongSecret \xfe"
    result = event(
        Body(
            exchange_id="e1",
            at=1.0,
            of="response",
            content_type="image/png",
            size=len(content),
            content=None,
            base64=base64.b64encode(content).decode(),
            truncated=False,
        )
    )
    assert base64.b64decode(result.base64) == content.replace(
        b"LongSecret", value("LongSecret").encode()
    )


def test_overlapping_values() -> None:
    """If two values overlap in a text, both are replaced."""
    _, event = tokens("abcdefgh", "efghijkl", "cdefgh")
    assert event(body("-abcdefghijkl-")).content.startswith(f"-{PREFIX}")
    assert len(event(body("-abcdefghijkl-")).content) == len(f"-{PREFIX}0123456789-")


def test_unknown_events_are_left_out() -> None:
    """An unknown event may have secrets anywhere."""
    result = list(redacted([INFO, CLIENT, Unknown(raw='{"type":"later","x":"Secret1"}')], key=KEY))
    assert [type(event) for event in result] == [Capture, Client]


def test_the_same_capture_has_the_same_tokens_each_time(data_folder: Path) -> None:
    """The key depends on the capture and on a secret that only its owner can read."""
    assert redaction_key("a") == redaction_key("a") != redaction_key("b")
    assert secret_path().is_relative_to(data_folder)
    assert stat.S_IMODE(secret_path().stat().st_mode) == 0o600
    assert stat.S_IMODE(secret_path().parent.stat().st_mode) == 0o700


def test_without_a_data_folder_tokens_last_as_long_as_the_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If no secret can be stored, exports are still redacted."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))
    assert redaction_key("a") == redaction_key("a") != redaction_key("b")


def test_an_incomplete_secret_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A truncated file counts as no secret."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    secret_path().parent.mkdir()
    secret_path().write_bytes(b"half")
    redaction_key("a")
    assert len(secret_path().read_bytes()) == 32
    assert list(secret_path().parent.iterdir()) == [secret_path()]


def test_the_verdicts_are_those_of_the_real_values() -> None:
    """Refusals that tokens would not cause are kept, and folding the copy gives the same."""
    large = "x" * 5000
    events: list[Event] = [
        INFO,
        CLIENT,
        request(("Cookie", "seen=Secret1"), number=1),
        response(("Set-Cookie", f"big={large}"), ("Set-Cookie", "a=deleted"), number=1),
        request(("Cookie", "seen=Secret1; a=other"), number=2),
        response(("Set-Cookie", "__Host-x=1; Domain=a.test"), number=2),
    ]
    result = list(redacted(events, key=KEY))
    assert [type(event) for event in result].count(Verdicts) == 2
    truth, copy = fold(events), fold(result)
    value = learned(events, KEY).value
    for true, replayed in zip(
        explanations(truth, jar=True), explanations(copy, jar=True), strict=True
    ):
        for kind in ("request_cookies", "withheld", "missing", "set_cookies", "jar"):
            assert [_without_text(each, value) for each in true[kind]] == [
                {key: content for key, content in each.items() if key != "raw"}
                for each in replayed[kind]
            ]
        assert true["context"] == replayed["context"]
    assert [row.kind for row in truth.rows] == [row.kind for row in copy.rows]


def _without_text(verdict: dict[str, Any], value: Callable[[str], str]) -> dict[str, Any]:
    return {
        key: value(content) if key == "value" else content
        for key, content in verdict.items()
        if key != "raw"
    }


def everywhere(secret: str) -> list[Event]:
    """Return a capture with a value in every place, in every encoding."""
    spelled = [encode(secret) for encode in ENCODINGS.values()]
    text = "\n".join(spelled)
    wire = [each for each in spelled if all(ord(character) < 256 for character in each)]
    return [
        INFO,
        CLIENT,
        Recorder(at=1.0, state="gap", message=text),
        request(
            ("Cookie", f"n={secret}"),
            ("Cookie", f"n={secret}; m={secret}"),
            ("Authorization", f"Bearer {secret}"),
            *(("X-Echo", f"({each})") for each in wire),
            *(("Referer", f"http://a.test/?q={each}&r=1") for each in wire),
            url="http://a.test/p/" + "/".join(wire) + "?" + "&".join(f"k={each}" for each in wire),
        ),
        body(text),
        server(
            source=text,
            reads=(CookieRead(name="n", value=secret, where="view"),),
            writes=(CookieWrite(name="n", value=secret, where="view"),),
            locals=(
                Local(name="v", value=repr(secret), line=1, text=secret),
                Local(name="w", value=repr(text), line=1, text=text),
                Local(name="x", value=repr(secret)[:-2] + "…", line=1, text=None),
            ),
            error=ServerError(kind="E", message=text),
        ),
        response(
            ("Set-Cookie", f"n={secret}; Path=/{secret}; Domain={secret}; {secret}"),
            ("Set-Cookie", f"n={secret}; Expires={secret}; Max-Age={secret}; SameSite={secret}"),
            ("Set-Cookie", f"__Host-n={secret}; Path=/x"),
            *(("Location", f"/?back={each}") for each in wire),
        ),
        body(json.dumps({"value": secret, "page": html.escape(secret)}), "application/json"),
        request(("Cookie", "n=other-value"), number=2, url="http://b.test/"),
        Failure(
            exchange_id="e2",
            client_id="c1",
            at=9.0,
            host=secret,
            kind="connect",
            message=text,
        ),
    ]


def exported(events: list[Event], name: str) -> str:
    """Return everything that a reader of an export can see, with JSON strings decoded."""
    text = b"".join(export(events, name)).decode()
    if name == "har":
        return "\n".join(strings(json.loads(text)))
    if name == "jsonl":
        return "\n".join(each for line in text.splitlines() for each in strings(json.loads(line)))
    return text


CHARACTERS = "".join(map(chr, (*range(0x21, 0x7F), *range(0xA1, 0x100)))).replace(";", "")
KEPT = {"strict", "medium", "domain", "expires", "httponly", "max-age", "partitioned"} | {
    "priority",
    "samesite",
    "secure",
    *OLD_ATTRIBUTES,
}
VALUES = st.text(st.sampled_from(CHARACTERS + "   "), min_size=6, max_size=24).filter(
    lambda value: (
        value == value.strip() and value.strip("-.0123456789") != "" and value.lower() not in KEPT
    )
)
"""Cookie values other than the attribute names and values that redaction keeps."""

PIECES = ("%00", "%41", "\\", "&quot", "&lt", "\\x41", "\\u0041", "%", "&", "0", "a", '"', "+", "#")
LIKE_ESCAPES = (
    st.lists(st.sampled_from(PIECES), min_size=2, max_size=6)
    .map("".join)
    .filter(lambda value: len(value) >= 6 and value.strip("-.0123456789") != "")
)
"""Cookie values with parts that look like escapes."""


def as_read(events: list[Event], name: str) -> str:
    """Return an export as its reader sees it: what HTML and Markdown escape is unescaped.

    Otherwise ``0000&`` and the ``a`` of ``&amp;`` would look like the value ``0000&a``.
    """
    text = exported(events, name)
    return html.unescape(text) if name in ("html", "markdown") else text


@cache
def baseline(name: str) -> str:
    """Return an export with a different value, so that it does not contain the secret."""
    return as_read(everywhere("baseline-value-0"), name)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example(secret="00\\%00")
@example(secret="&\\%00ab")
@example(secret='%0##"\\')
@example(secret="0000&a")
@example(secret="00000,")
@example(secret="é%41bcd")
@example(secret="¡00%00")
@example(secret="000,0=")
@example(secret="000000,0=")
@given(secret=VALUES | LIKE_ESCAPES)
def test_no_value_survives_in_any_export(secret: str) -> None:
    """Whatever the value, its encoding and its place, no export contains it."""
    spelled = {encode(secret) for encode in ENCODINGS.values()} - {""}
    events = list(outgoing(everywhere(secret)))
    for name in (known.name for known in writable(BUILT_IN)):
        text = as_read(events, name)
        assert [each for each in spelled if each in text and each not in baseline(name)] == []


@given(VALUES)
@settings(max_examples=50, deadline=None)
def test_a_text_without_secrets_is_unchanged(secret: str) -> None:
    """Redaction does not change a text without secrets."""
    _, event = tokens(secret)
    text = 'Nothing &amp; no%20one \\u00e9 "quoted" here?'
    assume(not any(encode(secret) in text for encode in ENCODINGS.values()))
    assert event(body(text)) == body(text)


def test_redacted_events_are_readable_again() -> None:
    """Every redacted event can be decoded, and a redacted copy is not redacted again."""
    result = list(redacted(everywhere(SECRET), key=KEY))
    lines = [encode(event) for event in result]
    assert b"".join(export(result, "jsonl")) == b"\n".join(lines) + b"\n"
    assert msgspec.json.decode(lines[0])["redacted"] is True


JOINED_LINES = (
    "a=Fst1; Path=/,b=Qz7x; Path=/",
    "a=Fst1; Path=/, b=Qz7x",
    "a=Fst1; Secure, b.c=Qz7x; Expires=Wed, 05 Jun 2030 14:40:59 GMT",
    "a=Fst1; Expires=Wed, 05 Jun 2030 14:40:59 GMT, b=Qz7x; HttpOnly",
    "a=Fst1; SameSite=Lax, b=Qz7x; Path=/, c=Qz7y",
    "a=Fst1; Domain=x.test, b=Qz7x",
    "a=Fst1; Max-Age=60, b=Qz7x",
    "a=Fst1; Max-Age=60, b=Qz7x, c=Qz7y",
    "a=Fst1; path=/;b=Qz7x; expires=Thu, 01-Jan-1970 00:00:01 GMT; Max-Age=0; path=/",
    "a=Fst1; b=Qz7x",
    'a={"k":1;"pin":"Qz7x"}; Path=/',
    "a=Fst1;Qz7x; Path=/",
    "a=Fst1, b=Qz7x; Path=/",
    "a=Fst1\nb=Qz7x; Path=/",
    "Set-Cookie: a=Qz7x; Path=/",
    "a: Qz7x; Path=/",
    '"a=Qz7x; Path=/"',
)


FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0"


@pytest.mark.parametrize("secret", ["Qz7x", "Qz7xQz7xQz7x", "a: Qz7x", "Qz7x" * 40])
def test_no_value_survives_that_the_browser_takes_for_a_name(secret: str) -> None:
    """Firefox sends ``token=`` back for a line ``token``; names that have a value are kept."""
    story: list[Event] = [INFO, msgspec.structs.replace(CLIENT, user_agent=FIREFOX)]
    story += [request(), response(("Set-Cookie", f"{secret}; Path=/"), ("Set-Cookie", "sid=1"))]
    story += [request(("Cookie", f"{secret}=; sid=1"), number=2)]
    story += [response(("Set-Cookie", f"{secret}; Secure; Domain=x.test"), number=2)]
    story += [request(number=3), response(("Set-Cookie", "sid"), number=3)]
    events = list(outgoing(story))
    for name in (known.name for known in writable(BUILT_IN)):
        text = as_read(events, name)
        assert "Qz7x" not in text
        assert "sid" in text
    sent = fold(events).exchanges[1].request.cookies
    assert [cookie.status for cookie in sent] == ["sent", "sent"]


@pytest.mark.parametrize("line", JOINED_LINES)
def test_no_value_of_a_joined_line_survives(line: str) -> None:
    """However short a value, and wherever it stands in a line, no export contains it."""
    story: list[Event] = [INFO, CLIENT, request(), response(("Set-Cookie", line))]
    story += [request(("Cookie", "b=Qz7x"), number=2), response(number=2)]
    events = list(outgoing(story))
    for name in (known.name for known in writable(BUILT_IN)):
        text = as_read(events, name)
        assert [value for value in ("Fst1", "Qz7x", "Qz7y") if value in text] == []


@pytest.mark.parametrize("line", JOINED_LINES)
def test_a_redacted_joined_line_reads_the_same(line: str) -> None:
    """The story of a redacted capture is that of the original, with tokens for values."""
    story: list[Event] = [INFO, CLIENT, request(), response(("Set-Cookie", line))]
    told = []
    for events in (story, list(outgoing(story))):
        part = fold(events).exchanges[0].response
        assert part is not None
        told.append([[found.code for found in each.warnings] for each in part.set_cookies])
    assert told[0] == told[1]
