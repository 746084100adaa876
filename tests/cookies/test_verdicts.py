"""The table of reasons: complete, readable, and the docs made from it current."""

from __future__ import annotations

import runpy
import string
import sys
from pathlib import Path

import pytest

from cookietrace.cookies import TABLE, Code, Finding, cookie_label, parse_target, reference
from cookietrace.cookies.reference import PAGES, main
from cookietrace.cookies.verdicts import shown
from tests.cookies.contexts import CONTEXTS, NOW, empty_jar

DOCS = Path(__file__).parents[2] / "docs"


def test_every_code_has_its_text() -> None:
    """A code without section, sentence and fix cannot be."""
    assert set(TABLE) == set(Code)
    for text in TABLE.values():
        assert text.section
        assert text.sentence.endswith(".")
        assert text.fix.endswith(".")


@pytest.mark.parametrize("code", list(Code))
def test_a_text_uses_its_own_values_and_no_others(code: Code) -> None:
    """Each field stands in the sentence or the fix, and nothing else is asked for."""
    text = TABLE[code]
    asked = {
        name
        for template in (text.sentence, text.fix)
        for _, name, _, _ in string.Formatter().parse(template)
        if name is not None
    }
    assert asked == set(text.fields)
    finding = Finding(code, tuple(f"<{name}>" for name in text.fields))
    assert all(f"<{name}>" in finding.sentence + finding.fix for name in text.fields)
    assert finding.section == text.section


@pytest.mark.parametrize("name", sorted(PAGES))
def test_the_docs_are_current(name: str) -> None:
    """``docs/NAME.md`` is what ``python -m cookietrace.cookies.reference NAME`` prints."""
    assert (DOCS / f"{name}.md").read_text() == PAGES[name]()


def test_the_pages_are_printed_by_name(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unknown page is answered with the names of those there are."""
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
        "Send it from other.test, or drop Domain.",
    ),
    (
        "__Host-id=1; Path=/; Domain=shop.test",
        "https://shop.test/",
        "The name `__Host-id` promises Secure, Path=/ and no Domain, "
        "but it lacks Secure and it has Domain=shop.test.",
        "Send it over https with Secure; Path=/ and without Domain, or drop the __Host- prefix.",
    ),
    (
        "id=1; Secure",
        "http://shop.test:8080/x",
        "`id` is marked Secure, but http://shop.test:8080 is not a secure connection.",
        "Serve the page over https. While you develop over plain http you may leave Secure out, "
        "unless SameSite=None, Partitioned or a prefix of the name asks for it.",
    ),
    *[
        (
            f"a=1; Domain={domain}",
            url,
            f"`Domain={domain}` does not cover the host {host}.",
            remedy
            + (", a host name alone" if remedy.startswith("Write") else "")
            + ", or drop Domain.",
        )
        for domain, url, host, remedy in (
            ("localhost:3000", "http://localhost:3000/", "localhost", "Write Domain=localhost"),
            ("https://shop.test/", "https://shop.test/", "shop.test", "Write Domain=shop.test"),
            ("*.shop.test", "https://a.shop.test/", "a.shop.test", "Write Domain=shop.test"),
            ("127.0.0.1:80", "http://127.0.0.1/", "127.0.0.1", "Write Domain=127.0.0.1"),
            ("com:80", "https://a.shop.com/", "a.shop.com", "Write Domain=shop.com"),
            ("a.test:80", "https://shop.test/", "shop.test", "Send it from a.test"),
            ("a%b.test", "https://shop.test/", "shop.test", "Send it from a%b.test"),
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
        "The Set-Cookie line holds the control character %x02 at position 5, "
        "so the whole line is ignored.",
        "Encode the value (Base64 or percent-encoding) before setting it.",
    ),
    (
        "=__Host-id; Secure",
        "https://shop.test/",
        "The cookie has no name and a value that begins with __Host-, "
        "which a server would take for a cookie with that prefix.",
        "Give the cookie a name: put it before an equals sign.",
    ),
    (
        "a=1; Domain=Sh\xc3\xb6p.test",
        "https://shop.test/",
        "`Domain=sh\xc3\xb6p.test` holds a character that is not ASCII.",
        "Write the domain in its xn-- form.",
    ),
]


@pytest.mark.parametrize(("line", "url", "sentence", "fix"), SENTENCES)
def test_a_refusal_speaks_of_this_very_cookie(line: str, url: str, sentence: str, fix: str) -> None:
    """The sentence has the cookie's own values in it, and the fix can be applied."""
    result = empty_jar().store(line, parse_target(url), CONTEXTS["page"], NOW)
    assert (result.reasons[0].sentence, result.reasons[0].fix) == (sentence, fix)


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
def test_how_long_ago_is_told_in_words(age: int, words: str) -> None:
    """An expired cookie says since when, in the largest unit that fits."""
    jar, target = empty_jar(), parse_target("https://shop.test/")
    jar.store("id=1; Max-Age=10", target, CONTEXTS["page"], NOW)
    (held,) = jar.select(target, CONTEXTS["page"], NOW + age).withheld
    assert held.reasons[0].sentence == f"`id` expired {words} before this request."


def test_long_text_is_cut() -> None:
    """A hostile name cannot flood a sentence."""
    assert len(shown("x" * 10_000)) == 60
    assert shown("x" * 60) == "x" * 60
    assert cookie_label("") == "the nameless cookie"
