"""The texts for every reason, and the docs made from them."""

from __future__ import annotations

import runpy
import string
import sys
from pathlib import Path

import pytest

from cookietrace.cookies import TABLE, Code, Finding, parse_target
from cookietrace.cookies.verdicts import CHOICES, Fact, shortened
from cookietrace.lesson import reference
from cookietrace.lesson.prose import maker_of, remedy
from cookietrace.lesson.reasons import TEXTS, Choice, Text, fix, sentence
from cookietrace.lesson.reference import PAGES, main
from tests.cookies.contexts import CONTEXTS, NOW, empty_jar
from tests.story import CHROMIUM, Story

DOCS = Path(__file__).parents[2] / "docs"

IN_WORDS = {"lacks": {"origin", "domain", "path"}}
"""Facts that only the words for another one use."""


def texts() -> list[tuple[Code, dict[str, str], Text]]:
    """Every text with its code, and the fact that selects it."""
    found = []
    for code, text in TEXTS.items():
        if isinstance(text, Choice):
            found += [(code, {text.fact: value}, each) for value, each in text.texts.items()]
        else:
            found.append((code, {}, text))
    return found


def facts_of(code: Code, chosen: dict[str, str]) -> tuple[tuple[str, Fact], ...]:
    """Facts for a finding with that code, each one recognisable."""
    made: dict[str, Fact] = {}
    for name in TABLE[code].facts:
        if name == "lacks":
            made[name] = tuple(sorted(CHOICES[name]))
        elif name == "others":
            made[name] = ("<others>",)
        elif name in CHOICES:
            made[name] = chosen.get(name, sorted(CHOICES[name])[0])
        elif name in ("character", "position", "size"):
            made[name] = 12
        elif name in ("seconds", "cap", "offset"):
            made[name] = 86400.0 * (3 if name == "cap" else 2)
        else:
            made[name] = f"<{name}>"
    return tuple(made.items())


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("sid", "On this machine https is not needed"),
        ("__Host-sid", "the prefix of the name requires Secure"),
        ("__secure-sid", "the prefix of the name requires Secure"),
    ],
)
def test_the_fix_on_this_machine_knows_the_name(name: str, words: str) -> None:
    """Nobody is told to leave out Secure where the name requires it."""
    facts = (("cookie", name), ("origin", "http://localhost:8082"))
    assert words in fix(Finding(Code.SECURE_FROM_INSECURE, facts))


def test_every_code_has_its_texts() -> None:
    """There is a sentence and a fix for every code, and for every value of a chosen fact."""
    assert set(TEXTS) == set(Code)
    for code, text in TEXTS.items():
        if isinstance(text, Choice):
            assert text.fact in TABLE[code].facts + TABLE[code].optional
            assert set(text.texts) == CHOICES[text.fact]
    for _, _, each in texts():
        assert each.sentence.endswith(".")
        assert each.fix.endswith(".")


@pytest.mark.parametrize(("code", "chosen", "text"), texts())
def test_a_text_uses_its_own_facts_and_no_others(
    code: Code, chosen: dict[str, str], text: Text
) -> None:
    """Each fact is in the sentence or the fix, unless it selects the text."""
    asked = {
        name
        for template in text
        for _, name, _, _ in string.Formatter().parse(template)
        if name is not None
    }
    assert asked <= set(TABLE[code].facts)
    finding = Finding(code, facts_of(code, chosen))
    words = sentence(finding) + fix(finding)
    assert "{" not in words
    selected = isinstance(TEXTS[code], Choice)
    for name, value in finding.facts:
        if not selected and isinstance(value, str) and name not in CHOICES:
            assert f"<{name}>" in words


@pytest.mark.parametrize(
    ("site", "agent", "words", "silent"),
    [
        ("same-origin", CHROMIUM, "leave out credentials: 'omit'", ("CORS", "curl")),
        ("cross-site", CHROMIUM, "credentials: 'include'", ("'omit'", "curl")),
        (None, CHROMIUM, "credentials: 'include'", ("curl",)),
        (None, "curl/8.5.0", "with curl, use -b and -c", ("CORS", "fetch")),
    ],
)
def test_the_fix_for_credentials_is_for_what_made_the_request(
    site: str | None, agent: str, words: str, silent: tuple[str, ...]
) -> None:
    """CORS plays no part for the page's own origin, and curl none in a browser."""
    story = Story("https://shop.test", user_agent=agent)
    headers = () if site is None else (("Sec-Fetch-Site", site), ("Sec-Fetch-Mode", "cors"))
    name = story.ask("/", headers=headers)
    part = story.trace().exchange(name).request
    for finding in (
        Finding(Code.WITHOUT_CREDENTIALS, (("cookie", "a"),)),
        Finding(Code.CLIENT_POLICY, (("cookie", "a"), ("policy", "no-credentials"))),
    ):
        told = remedy(finding, maker=maker_of(part))
        assert words in told
        assert not any(each in told for each in silent)


@pytest.mark.parametrize("name", sorted(PAGES))
def test_the_docs_are_current(name: str) -> None:
    """``docs/NAME.md`` is what ``python -m cookietrace.lesson.reference NAME`` prints."""
    assert (DOCS / f"{name}.md").read_text() == PAGES[name]()


def test_the_pages_are_printed_by_name(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """For an unknown page the names of those there are get listed."""
    assert main(["reasons"]) == 0
    assert "control-character" in capsys.readouterr().out
    monkeypatch.setattr(sys, "argv", ["reference", "profiles"])
    with pytest.raises(SystemExit, match="0"):
        runpy.run_path(reference.__file__, run_name="__main__")
    assert "chromium" in capsys.readouterr().out
    assert main(["nonsense"]) == main([]) == 2
    assert "profiles, reasons" in ", ".join(sorted(capsys.readouterr().err.split(": ")[1].split()))


SENTENCES = [
    (
        "id=1; Domain=other.test",
        "https://shop.test/",
        "`Domain=other.test` does not cover the host shop.test.",
        "Send it from other.test, or remove Domain.",
    ),
    (
        "__Host-id=1; Path=/; Domain=shop.test",
        "https://shop.test/",
        "The name `__Host-id` requires Secure, Path=/ and no Domain, "
        "but it lacks Secure and it has Domain=shop.test.",
        "Send it over https with Secure; Path=/ and without Domain, or drop the __Host- prefix.",
    ),
    (
        "id=1; Secure",
        "http://shop.test:8080/x",
        "`id` is Secure, but http://shop.test:8080 is not a secure connection.",
        "Serve the page over https. During development over plain http you can leave out Secure, "
        "unless SameSite=None, Partitioned or a name prefix requires it.",
    ),
    *[
        (
            f"a=1; Domain={domain}",
            url,
            f"`Domain={domain}` does not cover the host {host}.",
            remedy
            + (", the host name alone" if remedy.startswith("Write") else "")
            + ", or remove Domain.",
        )
        for domain, url, host, remedy in (
            ("localhost:3000", "http://localhost:3000/", "localhost", "Write Domain=localhost"),
            ("https://shop.test/", "https://shop.test/", "shop.test", "Write Domain=shop.test"),
            ("*.shop.test", "https://a.shop.test/", "a.shop.test", "Write Domain=shop.test"),
            ("127.0.0.1:80", "http://127.0.0.1/", "127.0.0.1", "Write Domain=127.0.0.1"),
            ("com:80", "https://a.shop.com/", "a.shop.com", "Write Domain=shop.com"),
            ("a.test:80", "https://shop.test/", "shop.test", "Send it from a.test"),
        )
    ],
    *[
        (
            f"a=1; Domain={domain}",
            url,
            f"`Domain={domain}` is not a full domain name, and does not cover the host {host}.",
            f"Give Domain one domain name, such as {meant}, or remove it. If a setting "
            "fills it in, check that the setting is set.",
        )
        for domain, url, host, meant in (
            ("undefined", "https://app.example.com/", "app.example.com", "example.com"),
            ("null", "http://localhost/", "localhost", "localhost"),
            ("localhost", "http://127.0.0.1/", "127.0.0.1", "127.0.0.1"),
            ("a.shop.test,b.shop.test", "https://a.shop.test/", "a.shop.test", "shop.test"),
            ("[object object]", "https://a.shop.test/", "a.shop.test", "shop.test"),
            ("$host", "https://a.shop.test/", "a.shop.test", "shop.test"),
            ("a%b.test", "https://shop.test/", "shop.test", "shop.test"),
        )
    ],
    *[
        (
            f"a=1; Domain={domain}",
            url,
            f"`Domain={domain}` does not cover the host {host}: a host can set cookies for itself "
            "and for the domains above it, not for hosts beside or below it.",
            f"Write Domain={meant}, which covers both hosts.",
        )
        for domain, url, host, meant in (
            ("app.shop.test", "https://auth.shop.test/", "auth.shop.test", "shop.test"),
            ("app.shop.test", "https://shop.test/", "shop.test", "shop.test"),
            ("c.b.shop.test", "https://a.b.shop.test/", "a.b.shop.test", "b.shop.test"),
            ("https://c.shop.test:8080/", "https://a.shop.test/", "a.shop.test", "shop.test"),
        )
    ],
    (
        "v; SameSite=None",
        "https://shop.test/",
        "The nameless cookie has SameSite=None without Secure.",
        "Add Secure and serve over https, or use SameSite=Lax if only your own site needs it.",
    ),
    (
        "id=1\x02",
        "https://shop.test/",
        "The Set-Cookie line contains the control character 0x02 at position 5, "
        "so the whole line is ignored.",
        "Encode the value (Base64 or percent-encoding) before you set it.",
    ),
    (
        "=__Host-id; Secure",
        "https://shop.test/",
        "The cookie has no name, and its value begins with __Host-: "
        "a server would read it as a cookie with that prefix.",
        "Give the cookie a name, followed by an equals sign.",
    ),
    (
        "a=1; Domain=Sh\xc3\xb6p.test",
        "https://shop.test/",
        "`Domain=shöp.test` contains a character that is not ASCII.",
        "Write the domain in its xn-- form.",
    ),
]


@pytest.mark.parametrize(("line", "url", "expected", "remedy"), SENTENCES)
def test_a_refusal_is_about_this_cookie(line: str, url: str, expected: str, remedy: str) -> None:
    """The sentence has the cookie's own values in it, and the fix can be applied."""
    result = empty_jar().store(line, parse_target(url), CONTEXTS["page"], NOW)
    assert (sentence(result.reasons[0]), fix(result.reasons[0])) == (expected, remedy)


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (10, "less than a second"),
        (11, "1 second"),
        (75, "1 minute"),
        (7300, "2 hours"),
        (90_000, "1 day"),
    ],
)
def test_how_long_ago_is_in_words(age: int, words: str) -> None:
    """The sentence on an expired cookie has the time since then in its largest unit."""
    jar, target = empty_jar(), parse_target("https://shop.test/")
    jar.store("id=1; Max-Age=10", target, CONTEXTS["page"], NOW)
    (held,) = jar.select(target, CONTEXTS["page"], NOW + age).withheld
    assert sentence(held.reasons[0]) == f"`id` expired {words} before this request."


def test_wire_text_in_a_sentence_is_safe() -> None:
    """Escape sequences are shown, UTF-8 is decoded, and a cut never splits a character."""
    name = shortened(("\xc3\xbc" * 30 + "\x1b[31m") * 9)
    text = sentence(Finding(Code.SAME_SITE_STRICT, (("cookie", name),)))
    assert text.startswith(f"`{'ü' * 29}…`")
    escaped = sentence(Finding(Code.SAME_SITE_STRICT, (("cookie", "\x1b[31m"),)))
    assert escaped.startswith("`\\x1b[31m`")
    latin = sentence(Finding(Code.SAME_SITE_STRICT, (("cookie", "\xe9\xff" * 29 + "…"),)))
    assert latin.startswith(f"`{'éÿ' * 29}…`")
    ascii_name = sentence(Finding(Code.SAME_SITE_STRICT, (("cookie", "abc…"),)))
    assert ascii_name.startswith("`abc…`")
    nameless = Finding(Code.SAME_SITE_STRICT, (("cookie", ""),))
    assert sentence(nameless).startswith("The nameless cookie is SameSite=Strict")


def test_a_cookie_without_partition_has_words_for_it() -> None:
    """Neither an unpartitioned cookie nor an unknown site leaves a gap in the sentence."""
    facts = (("cookie", "a"), ("partition", ""), ("request_partition", ""))
    text = sentence(Finding(Code.PARTITION_MISMATCH, facts))
    assert "under its own site, and this request is made under an unknown site" in text
