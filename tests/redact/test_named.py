"""Secrets that are known by their names: replaced where they stand, and wherever they recur."""

from __future__ import annotations

import base64
import json
import re
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookietrace.events import (
    SCHEMA,
    Body,
    Capture,
    Client,
    Event,
    Local,
    Request,
    Response,
    Server,
    ServerError,
    encode,
)
from cookietrace.formats import FormatTable, export, outgoing, writable
from cookietrace.lesson.explain import explanations
from cookietrace.redact import PREFIX, learned, redacted
from cookietrace.redact.named import Found, replacements
from cookietrace.secret_names import (
    _COMMON,
    _PARAMETERS,
    _PARTS,
    _WHOLE,
    CORES,
    Kind,
    Names,
    SecretNames,
)
from cookietrace.trace import fold

KEY = b"k" * 32
SECRET = "Zq7x9KfP2mWd"
INFO = Capture(capture_id="c0", schema=SCHEMA, at=1.0, producer="test")
CLIENT = Client(client_id="c1", at=1.0, listen="l", peer="p", user_agent="UA")
BUILT_IN = FormatTable(group="no.such.group")


def request(*headers: tuple[str, str], url: str = "http://a.test/", number: int = 1) -> Request:
    """Return a request."""
    return Request(
        exchange_id=f"e{number}",
        client_id="c1",
        at=float(number),
        method="GET",
        url=url,
        headers=headers,
    )


def response(*headers: tuple[str, str], number: int = 1) -> Response:
    """Return a response."""
    return Response(exchange_id=f"e{number}", at=number + 0.5, status_code=200, headers=headers)


def body(content: str, kind: str = "application/json", *, of: Any = "response") -> Body:
    """Return a text body."""
    return Body(
        exchange_id="e1", at=1.5, of=of, content_type=kind, size=len(content), content=content
    )


def local(name: str, value: object) -> Local:
    """Return a local variable as the witness reports it."""
    text = value if isinstance(value, str) else None
    return Local(name=name, value=repr(value), line=1, text=text)


def server(*locals_: Local, **more: Any) -> Server:
    """Return a witness's report."""
    return Server(exchange_id="e1", at=1.2, locals=locals_, **more)


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (
            "Authorization Proxy-Authorization X-Api-Key x_api_key xApiKey X-Auth-Token "
            "X-CSRF-Token X-XSRF-TOKEN X-Amz-Security-Token X-Goog-Api-Key "
            "X-Goog-Iap-Jwt-Assertion Cf-Access-Jwt-Assertion Ocp-Apim-Subscription-Key "
            "Authentication-Info X-Amz-Signature password user[password] passwd pwd passphrase "
            "new_password passwordConfirmation ctl00$Main$txtPassword client_secret clientSecret "
            "api_key apikey access_key accessKeyId id_token refreshToken csrfmiddlewaretoken "
            "authenticity_token __RequestVerificationToken SAMLResponse code_verifier assertion "
            "session_id sessionId PHPSESSID jsessionid otp credentials tokens tokenadmin "
            "tokenaccount credentials[0]",
            Kind.SECRET,
        ),
        ("code state sid pin sig signature nonce RelayState", Kind.COMMON),
        ("key session ticket", Kind.PARAMETER),
        (
            "user name email encode postcode statement zip_code country_code inside shipping "
            "design token_type tokenType token_endpoint csrf-param-name passwordPolicy secretary "
            "tokenizer expires_in Cookie Host Sec-WebSocket-Key compass author monkey "
            "password.length X-Csrf-Header",
            Kind.PLAIN,
        ),
    ],
)
def test_what_a_name_says(names: str, kind: Kind) -> None:
    """Names are compared in one form, whatever their case, hyphens and underscores."""
    table = SecretNames(Names())
    assert {name: table.kind(name) for name in names.split()} == dict.fromkeys(names.split(), kind)


@pytest.mark.parametrize("words", [*_PARTS, *_WHOLE, *_COMMON, *_PARAMETERS])
def test_the_search_finds_what_the_table_names(words: str) -> None:
    """No name of the table is missed because the search for it is quicker than the look-up."""
    assert any(core in word for core in CORES for word in words.split())
    assert SecretNames(Names()).kind(words.replace(" ", "-")) is not Kind.PLAIN


MULTIPART = (
    '--B\r\nContent-Disposition: form-data; name="{0}"\r\nContent-Type: text/plain\r\n\r\n{1}'
    "\r\n--B\r\n"
    'Content-Disposition: form-data; name="city"\r\n\r\nRome\r\n--B--\r\n'
)
FORM = "application/x-www-form-urlencoded"
HTML = "text/html"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl"

PLACES: dict[str, Event] = {
    "header": request(("X-Api-Key", SECRET)),
    "header of a response": response(("X-CSRF-Token", SECRET)),
    "scheme": request(("X-Forwarded-Authorization", f"Bearer {SECRET}")),
    "parameter of a header": response(("WWW-Authenticate", f'Digest realm="r", nonce="{SECRET}"')),
    "query": request(url=f"http://a.test/cb?x=1&code={SECRET}&state=ok"),
    "fragment": response(("Location", f"/done#access_token={SECRET}&token_type=bearer")),
    "fragment after a route": response(("Location", f"/#/done?id_token={SECRET}")),
    "path parameter": request(url=f"http://a.test/p;jsessionid={SECRET}?x=1"),
    "referer": request(("Referer", f"http://a.test/cb?state={SECRET}")),
    "refresh": response(("Refresh", f"0; url=/cb?code={SECRET}")),
    "link": response(("Link", f'<http://a.test/?sig={SECRET}>; rel="next"')),
    "signed URL": request(url=f"http://a.test/f?X-Amz-Signature={SECRET}&X-Amz-Date=2026"),
    "key of an API": request(url=f"http://a.test/f?key={SECRET}"),
    "URL in a parameter": request(url=f"http://a.test/?next=%2Fcb%3Fcode%3D{SECRET}%26x%3D1"),
    "the same, encoded twice": request(url=f"http://a.test/?next=%252Fcb%253Fcode%253D{SECRET}"),
    "form": body(f"user=joe&password={SECRET}", FORM, of="request"),
    "form, first": body(f"password={SECRET}&user=joe", FORM, of="request"),
    "form of a framework": body(f"user%5Bpassword%5D={SECRET}&user%5Bname%5D=j", FORM),
    "form, encoded value": body(f"pwd=%5a{SECRET[1:]}&x=1", FORM, of="request"),
    "form as text": body(f"user=joe\r\npassword={SECRET}\r\n", "text/plain", of="request"),
    "multipart": body(MULTIPART.format("password", SECRET), "multipart/form-data", of="request"),
    "multipart, cut": body(
        MULTIPART.format("otp", SECRET).partition("\r\n--B\r\nC")[0], "multipart/form-data"
    ),
    "multipart in bytes": Body(
        exchange_id="e1",
        at=1.0,
        of="request",
        content_type="multipart/form-data; boundary=B",
        size=9,
        base64=base64.b64encode(b"\xff" + MULTIPART.format("pin", SECRET).encode()).decode(),
    ),
    "JSON": body(json.dumps({"user": {"apiKey": SECRET}})),
    "JSON, indented": body(json.dumps({"client-secret": SECRET}, indent=2)),
    "JSON, common name": body(json.dumps({"code": SECRET})),
    "JSON in JSON": body(json.dumps(json.dumps({"access_token": SECRET}))),
    "JSON in JSON in JSON": body(json.dumps(json.dumps(json.dumps({"pwd": SECRET})))),
    "JSON list": body(json.dumps({"tokens": ["first-one", SECRET], "x": 1})),
    "JSON pair": body(json.dumps({"name": "password", "value": SECRET})),
    "JSON of a header": body(json.dumps({"Authorization": f"Bearer {SECRET}"})),
    "JSON, cut": body(json.dumps({"token": SECRET})[:-2]),
    "JSON with a URL": body(json.dumps({"u": f"/cb?a=1&code={SECRET}"}).replace("&", "\\u0026")),
    "JSON, escaped name": body(f'{{"user": 1, "\\u0070\\u0061ssword": "{SECRET}"}}'),
    "form, encoded name": body(f"user=joe&p%61ss%77ord={SECRET}", FORM, of="request"),
    "query, encoded name": request(url=f"http://a.test/?a=1&%74oken={SECRET}"),
    "input, name of references": body(f'<input name="p&#97;ss&#x77;ord" value="{SECRET}">', HTML),
    "CSV": body(f"id,Access Token,name\n1,{SECRET},joe\n", "text/csv"),
    "CSV, quoted, in a later row": body(
        f'\ufeff"id";"password"\r\n"1";"a ""b"""\r\n"2";"{SECRET}"', "text/csv"
    ),
    "tabs": body(f"password\tid\n{SECRET}\t1\n", "text/plain"),
    "table with bars": body(f"| id | api_key |\n|----|---|\n| 1 | {SECRET} |\n", "text/plain"),
    "JSON in an attribute": body(
        f"<i data-page='{{&quot;token&quot;:&quot;{SECRET}&quot;}}'>", HTML
    ),
    "input": body(f'<input type="hidden" name="csrf_token" value="{SECRET}">', HTML),
    "input, other way round": body(f"<INPUT value='{SECRET}' name='authenticity_token' />", HTML),
    "input without quotes": body(f"<input name=state value={SECRET}>", HTML),
    "textarea": body(f'<textarea name="SAMLResponse">\n{SECRET}</textarea>', HTML),
    "meta": body(f'<meta name="csrf-token" content="{SECRET}">', HTML),
    "meta, other way round": body(f'<meta content="{SECRET}" name="_csrf"/>', HTML),
    "data attribute": body(f'<form data-csrf-token="{SECRET}">', HTML),
    "link in a page": body(f'<a href="/reset?x=1&amp;reset_token={SECRET}">', HTML),
    "script": body(f"<script>window.csrfToken = '{SECRET}';</script>", HTML),
    "script, member": body(f"init({{apiKey: `{SECRET}`}})", "text/javascript"),
    "element": body(f'<w:Password Type="#Text">{SECRET}</w:Password>', "text/xml"),
    "echoed header": body(f"Host: a.test\nX-Api-Key: {SECRET}\n", "text/plain"),
    "local": server(local("api_key", SECRET)),
    "local, common name": server(local("state", SECRET)),
    "local of bytes": server(local("password", SECRET.encode())),
    "local list": server(local("tokens", [SECRET])),
    "member of a local": server(local("user", {"password": SECRET, "name": "joe"})),
    "argument in a repr": server(Local(name="u", value=f"User(pwd='{SECRET}')", line=1)),
    "source": server(source=f"def view():\n    api_key = '{SECRET}'\n"),
    "error": server(error=ServerError(kind="KeyError", message=f"{{'token': '{SECRET}'}}")),
}


def content_of(event: Event | None) -> str:
    """Return the text of a body."""
    assert isinstance(event, Body)
    assert event.content is not None
    return event.content


def story(*events: Event) -> list[Event]:
    """Return a capture with these events, complete enough for every format."""
    found: list[Event] = [INFO, CLIENT]
    if not any(isinstance(event, Request) for event in events):
        found.append(request())
    found += events
    if not any(isinstance(event, Response) for event in events):
        found.append(response())
    return found


def decoded(events: list[Event]) -> str:
    """Return the events as text, with the bytes of bodies decoded."""
    text = b"\n".join(map(encode, events)).decode()
    for event in events:
        if isinstance(event, Body) and event.base64:
            text += base64.b64decode(event.base64).decode("latin-1")
    return text


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("short", [False, True], ids=["long", "short"])
def test_a_named_secret_becomes_a_token(place: str, short: bool) -> None:
    """Its value is replaced by the token that a cookie with that value has, however short."""
    value = "Zq7x" if short else SECRET
    kind = type(PLACES[place])
    text = encode(PLACES[place]).replace(SECRET.encode(), value.encode())
    event = msgspec.json.decode(text.replace(SECRET[1:].encode(), value[1:].encode()), type=kind)
    if isinstance(event, Body) and event.base64:
        data = base64.b64decode(event.base64).replace(SECRET.encode(), value.encode())
        event = msgspec.structs.replace(event, base64=base64.b64encode(data).decode())
    if short and place == "key of an API":
        return
    events = story(event)
    result = list(redacted(events, key=KEY))
    assert value not in decoded(result)
    expected = learned([], KEY).value(value)
    shown = decoded(result)
    assert expected in shown or repr(expected)[1:-1] in shown or place == "local list"


@pytest.mark.parametrize("place", PLACES)
def test_a_named_secret_is_found_elsewhere(place: str) -> None:
    """What a name gives away is replaced in every spelling, in every format."""
    echo = f"It is {SECRET}, or {quote(base64.b64encode(SECRET.encode()))}."
    events = list(outgoing(story(PLACES[place], body(echo, "text/plain"))))
    for known in writable(BUILT_IN):
        text = b"".join(export(events, known.name)).decode()
        assert SECRET not in text
        assert base64.b64encode(SECRET.encode()).decode() not in text


def test_a_secret_in_json_can_still_be_read_as_json() -> None:
    """A number becomes a text, and lists and nested members stay in place."""
    content = {"otp": 123456, "total_tokens": 12, "tokens": ["one-token", "two-token"], "ok": True}
    result = learned([], KEY).event(body(json.dumps(content)))
    value = learned([], KEY).value
    assert json.loads(content_of(result)) == {
        "otp": value("123456"),
        "total_tokens": 12,
        "tokens": [value("one-token"), value("two-token")],
        "ok": True,
    }


KEPT: list[Event] = [
    body('{"code": 404, "state": 1, "password": null, "hasToken": true, "token": ""}'),
    body('{"token_type": "Bearer", "expires_in": 3600, "token_endpoint": "https://a.test/t"}'),
    body('{"state": {"name": "open"}, "code": ["a"], "password": {"min": 8}}'),
    body('{"postcode": "12345", "country_code": "NO", "keys": ["a"], "key": "status"}'),
    body("<option code='NO' state='open'>code: 'x'", HTML),
    body('<input name="password" type="password" value=""><input name=user value=joe>', HTML),
    body('<input type="submit" name="reset_password" value="Reset password">', HTML),
    body("if (token == null) { state = 'open' } // token=none", "text/javascript"),
    body("import token, secrets\nimport os, re\n", "text/x-python"),
    body("Dear Alice, your new password, as promised\nis not in this letter.\n", "text/plain"),
    body("city,state,token_type\nOslo,NO,bearer\n", "text/csv"),
    body("token, as we call it\nis one, and, two, three, four\n", "text/plain"),
    request(url="http://a.test/?key=home&q=token&postcode=1&%6Bind=b"),
    request(("Access-Control-Request-Headers", "x-csrf-token"), ("Sec-WebSocket-Key", "abc=")),
    server(local("password", None), local("token", ""), local("has_secret", True)),
    server(local("code", 200), local("token", "<Token>"[:0]), local("total_tokens", 12)),
    server(Local(name="token", value="<Token>", line=1)),
]


@pytest.mark.parametrize("number", range(len(KEPT)))
def test_what_is_plainly_no_secret_stays(number: int) -> None:
    """Booleans, nulls, empty values, numbers of common names, and other names are data."""
    event = KEPT[number]
    assert learned([event], KEY).event(event) == event


def test_common_words_are_replaced_in_place_only() -> None:
    """A state ``open`` is replaced where it is named, and the word stays everywhere else."""
    events: list[Event] = [
        request(url="http://a.test/?state=open&code=out_of_stock"),
        body('{"state": "open", "code": "out_of_stock", "token": "required", "pin": "1234"}'),
        body('"open" shops: out_of_stock, "required", 1234', "text/plain"),
    ]
    redactor = learned(events, KEY)
    value = redactor.value
    assert redactor.event(events[2]) == events[2]
    assert json.loads(content_of(redactor.event(events[1]))) == {
        "state": value("open"),
        "code": value("out_of_stock"),
        "token": "required",
        "pin": value("1234"),
    }


def test_equal_values_have_equal_tokens() -> None:
    """Whether a secret is a cookie, a parameter or a field, its token is the same."""
    events = [
        request(("Cookie", f"a={SECRET}"), ("X-Csrf-Token", SECRET), url=f"/?state={SECRET}"),
    ]
    (result,) = [learned(events, KEY).event(event) for event in events]
    token = learned([], KEY).value(SECRET)
    assert result == request(
        ("Cookie", f"a={token}"), ("X-Csrf-Token", token), url=f"/?state={token}"
    )


def test_kept_names() -> None:
    """A kept name's values stay, unless one is a cookie's value."""
    events = [
        request(("Authorization", "Bearer abc-def-1"), url=f"http://a.test/?state={SECRET}"),
        request(("Cookie", "sid=cookie-value-1"), url="http://a.test/?state=cookie-value-1"),
    ]
    names = Names(keep=("State", "authorization"))
    first, second = (learned(events, KEY, names).event(event) for event in events)
    assert first == events[0]
    assert isinstance(second, Request)
    assert "cookie-value-1" not in second.url


@pytest.mark.parametrize("pattern", ["X-Company-Auth", "x_company_auth", "xCompany*", "*companyA*"])
def test_more_names(pattern: str) -> None:
    """The user's own names, in any spelling and with ``*``, are treated as those of the table."""
    names = Names(redact=(pattern,))
    events: list[Event] = [
        request(("X-Company-Auth", SECRET)),
        request(url=f"/?x_company_auth={SECRET}"),
        body(json.dumps({"xCompanyAuth": SECRET})),
    ]
    for event in events:
        assert SECRET in decoded(list(redacted([event], key=KEY)))
        assert SECRET not in decoded(list(redacted([event], key=KEY, names=names)))


def test_a_token_is_not_replaced_again() -> None:
    """A text that holds tokens already, such as a redacted file or a report, keeps them."""
    redactor = learned([], KEY)
    text = f'{{"token": "{redactor.value("abcdef")}"}}'
    assert redactor.running(text) == text
    assert PREFIX in text


def test_the_verdicts_stay() -> None:
    """A redacted copy with named secrets is read again with the same verdicts."""
    events: list[Event] = [
        INFO,
        CLIENT,
        request(("Authorization", f"Bearer {JWT}"), url=f"http://a.test/cb?code={SECRET}&state=x"),
        response(
            ("Set-Cookie", "sid=abcdefgh; Path=/x"), ("Location", f"http://a.test/?t={SECRET}")
        ),
        request(("Cookie", "sid=abcdefgh"), url=f"http://a.test/x?token={SECRET}", number=2),
        response(("Set-Cookie", "csrf_token=abc; Domain=b.test"), number=2),
    ]
    truth, copy = fold(events), fold(list(redacted(events, key=KEY)))
    for true, replayed in zip(explanations(truth), explanations(copy), strict=True):
        assert true["context"] == replayed["context"]
        assert [entry["outcome"] for entry in true["set_cookies"]] == [
            entry["outcome"] for entry in replayed["set_cookies"]
        ]
        assert SECRET not in replayed["url"]


VALUES = st.text(st.characters(max_codepoint=0xFF), max_size=12) | st.text(
    st.sampled_from("ab\\\"'/&%=;+ 1\n"), max_size=12
)


def anonymous(text: str) -> str:
    """Return a text in which all tokens are the same."""
    return re.sub(f"{PREFIX}[0-9a-f]+", PREFIX, text)


@given(value=VALUES, within=st.booleans())
def test_an_escaped_name_is_as_good_as_any(value: str, within: bool) -> None:
    """Its whole value is replaced, whatever is escaped there, also in JSON within JSON."""
    found = []
    for name in ("password", "pass\\u0077ord"):
        text = f'{{"{name}": {json.dumps(value)}, "user": "x"}}'
        text = json.dumps({"inner": text}) if within else text
        printed = json.loads(anonymous(learned([body(text)], KEY).running(text)))
        found.append(json.loads(printed["inner"]) if within else printed)
    assert found[0] == found[1]


@given(value=VALUES)
def test_an_encoded_name_is_as_good_as_any(value: str) -> None:
    """The same of the parameters of URLs, and of forms."""
    for begin in ("http://a.test/?", ""):
        url = f"{begin}password={quote(value, safe='')}&x=1"
        plain, encoded = (
            anonymous(learned([body(text, FORM, of="request")], KEY).field(text))
            for text in (url, url.replace("password", "p%61ss%77ord"))
        )
        assert encoded.replace("p%61ss%77ord", "password") == plain


OVERLAPPING = (
    "basic password=abc123def456%3Da1b2c3d4e5&x=1",
    "[Bearer password=tokena1b2c3d4e5\\u0026abc123def456%22",
    "https://u:Bearer password=a1b2c3d4e5sid=|abc123def456@x.test/",
)
"""Texts in which one secret begins inside another, and ends after it."""


@pytest.mark.parametrize("text", OVERLAPPING)
def test_of_secrets_that_overlap_nothing_is_left(text: str) -> None:
    """Each of them is replaced up to its end, however they lie in the text."""
    redactor = learned([], KEY)
    printed = redactor.field(text)
    assert PREFIX in printed
    assert not re.search("abc123|def456|a1b2|d4e5", re.sub(f"{PREFIX}[0-9a-f]+", "", printed))


SPANS = st.tuples(st.integers(0, 20), st.integers(1, 9), st.booleans())


@given(spans=st.lists(SPANS, max_size=6), quote=st.booleans())
def test_every_character_of_a_value_is_replaced(
    spans: list[tuple[int, int, bool]], quote: bool
) -> None:
    """And no other, whatever overlaps; each token is that of a value which lies there."""
    values = [
        Found(at, at + size, f"{at}+{size}", Kind.SECRET, quoted=text) for at, size, text in spans
    ]
    found = list(replacements(values, str, quote=quote))
    covered = [place for span in found for place in range(span.start, span.end)]
    assert covered == sorted({place for one in values for place in range(one.start, one.end)})
    for span in found:
        lengths = [one.end - one.start for one in values if span.start <= one.start < span.end]
        start, size = map(int, span.token.strip('"').split("+"))
        assert size == max(lengths)
        assert span.start <= start < span.end


@pytest.mark.parametrize(
    "piece",
    [
        'token="',
        "&token=",
        "<input name=token ",
        '"token":',
        "token ",
        "a,token\n",
        'a,token\n,"',
        '"\\u0074oken":',
        '"\\u0074',
        "\\u0074",
        "&tok%65n=",
        "&%65",
        "%65",
    ],
)
def test_a_hostile_text_takes_linear_time(piece: str) -> None:
    """Twice the text never takes more than twice the matches: nothing is scanned again."""
    redactor = learned([], KEY)
    result = redactor.event(body(piece * 20_000, HTML))
    assert isinstance(result, Body)
