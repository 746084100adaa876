"""Secrets in logs, dumps, code and tables, and those that are known by their form."""

from __future__ import annotations

import pytest

from cookietrace.redact import PREFIX, learned
from cookietrace.secret_names import Names, SecretNames
from tests.redact.test_named import KEY, body, content_of

SECRET = "Zq7x9KfP2mWd4Lt8"
TOKEN = f"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.{SECRET}"


def replaced(text: str, names: Names | None = None) -> str:
    """Return a body as an export has it."""
    events = [body(text, "text/plain")]
    return content_of(learned(events, KEY, names or Names()).event(events[0]))


@pytest.mark.parametrize(
    "text",
    [
        TOKEN,
        f'{{"result":"{TOKEN}"}}',
        f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n-----END PRIVATE KEY-----",
        f"could not reach postgres://app:{SECRET}@db.test:5432/shop",
        f"redis://:{SECRET}@db.test/0",
        f"The header 'Authorization: Bearer {SECRET}' is wrong",
        f"curl -H 'Cookie: theme=dark; sid={SECRET}' https://a.test/",
        f'{{"headers": {{"Cookie": "a=1; sid={SECRET}"}}}}',
        f"HTTP/1.1 200 OK\r\nset-cookie: sid={SECRET}; Path=/\r\n",
        f"graphql-ws, bearer.{SECRET}",
    ],
)
def test_a_form_that_only_secrets_have(text: str) -> None:
    """It is found without a name."""
    found = replaced(text)
    assert SECRET not in found
    assert PREFIX in found


@pytest.mark.parametrize(
    "text",
    [
        f"DATABASE_PASSWORD={SECRET}\nDEBUG=1",
        f"user: joe\n  token: {SECRET}\n",
        f"data: access_token: {SECRET}\n\n",
        f"Error: invalid CSRF token {SECRET} in form",
        f"Token '{SECRET}' has expired",
        f"User(name='joe', otp_secret={SECRET})",
        f"{{User:joe Password:{SECRET}}}",
        f"Array\n(\n    [user] => joe\n    [token] => {SECRET}\n)\n",
        f'["password"]=>\n  string(16) "{SECRET}"\n',
        f"Server=x;Database=y;Password={SECRET};AccountKey=",
        f"deploy --token {SECRET} --verbose",
        f'setToken("{SECRET}")',
        f'os.environ["SECRET_KEY"] = "{SECRET}"',
        f'if (token === "{SECRET}")',
        f'<add key="ApiKey" value="{SECRET}"/>',
        f'<entry key="password">{SECRET}</entry>',
        f"<key>token</key>\n<string>{SECRET}</string>",
        f"<dt>password</dt><dd>{SECRET}</dd>",
        f'<tr><td>token</td><td class="code"><pre>&#x27;{SECRET}&#x27;</pre></td></tr>',
        f"<td>$_SERVER['HTTP_X_API_KEY']</td>\n<td>{SECRET}</td>",
        f"https://a.test/reset/token/{SECRET}/edit",
        f"<i data-csrf={SECRET}>",
    ],
)
def test_what_looks_like_a_secret_after_its_name(text: str) -> None:
    """It is replaced in whatever way a program writes it, and what is around it stays."""
    found = replaced(text)
    before, _, after = text.partition(SECRET)
    assert found.startswith(before + PREFIX)
    assert found.endswith(after)


@pytest.mark.parametrize(
    "text",
    [
        "const tokenPrefix = base64UrlEncode(x)",
        "token = oauth2_token_helper.fetch()",
        "<td>Password</td><td>Forgot?</td>",
        "<th>Token</th><th>Name</th>",
        "The session token bucket 3 is full at token 12, password reset 2026-01-02T10:00:00Z",
        '<span class="token keyword1">x</span>',
        '<link href="/static/token/app.a1b2c3d4e5.js">',
        "token:n(12345),secret:e.a1b2c3",
        "basic understanding, bearer of news, cookie = theme=dark; lang=en",
        "https://a.test:8080/@user and http://a.test/a:b@c",
        "see eyJ.eyJ.x",
        "--token-color: #a1b2c3d4e5f6a1b2",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    """Words, code, file names, dates and colours stay."""
    assert replaced(text) == text


def test_a_kept_name_keeps_its_form() -> None:
    """What is known by its form has a name too, which the user may keep."""
    assert replaced(TOKEN, Names(keep=("jwt",))) == TOKEN


def test_tokens_are_not_replaced_again() -> None:
    """A text that is redacted twice stays as it is."""
    once = replaced(f"password={SECRET} token: {SECRET} a://b:{SECRET}@c Bearer {SECRET}")
    assert replaced(once) == once


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("X-Hub-Signature-256", True),
        ("Stripe-Signature", True),
        ("X-Shopify-Hmac-Sha256", True),
        ("DPoP", True),
        ("X-Session", True),
        ("Signature-Input", False),
        ("Content-Type", False),
        ("State", False),
    ],
)
def test_which_header_fields_are_secrets(name: str, secret: bool) -> None:
    """Signatures of webhooks are; ``--keep`` keeps them."""
    assert SecretNames(Names()).is_field(name) is secret
    assert not SecretNames(Names(keep=(name,))).is_field(name)


@pytest.mark.parametrize(
    "piece", ["token:", "token=a1", "token ", "cookie: a=b; ", "bearer ", "://a:b", "eyJaaaaaaaaa."]
)
def test_a_hostile_text_takes_linear_time(piece: str) -> None:
    """Half a million characters take a moment, whatever they repeat."""
    assert replaced(piece * (200_000 // len(piece)))
