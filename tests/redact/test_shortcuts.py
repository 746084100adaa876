"""What redaction does in fewer steps is what it does without the shortcut."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cookietrace.events import Headers, Request, Response
from cookietrace.redact import Redactor, fields, spellings
from cookietrace.redact import parts as parts_module
from cookietrace.redact.parts import SHORTEST, Kind, parts
from cookietrace.redact.search import Secrets
from cookietrace.redact.spans import Span
from cookietrace.redact.unescape import Unescaped
from cookietrace.safe_text import display

WRITTEN = st.text(st.sampled_from('aAbZ019-_.+/=%25"\\&;#x \u0130\xe9\u2028'), max_size=20)
CLOSE = st.text(st.sampled_from("aAbB0-\u0130\xe9+ "), min_size=3, max_size=9)
"""Texts of few characters, so that they contain each other and differ in the case only."""


@given(WRITTEN)
@example('"a+b"')
@example("\0")
def test_readings(value: str) -> None:
    """A value that nothing is encoded in is looked at no further."""
    found = {value: None}
    fresh = [value]
    for _ in range(2):
        fresh = [each for known in fresh for each in spellings._decoded(known)]
        found.update(dict.fromkeys(fresh))
    for known in tuple(found):
        found[display(known)] = None
        if not known.isascii():
            found[known.encode("utf-8", "surrogatepass").decode("latin-1")] = None
    found.pop("", None)
    assert set(spellings.readings(value)) == set(found)
    assert spellings.readings(value)[:1] == ((value,) if value else ())


@given(WRITTEN)
@example("a+b c")
def test_bare_forms(value: str) -> None:
    """Neither is one that nothing in can be taken for an escape."""
    found = [value]
    for _ in range(3):
        bare = Unescaped(found[-1])
        if not bare.changed:
            break
        found.append(bare.text)
    found += [form.replace("+", " ") for form in found if " " in form and "+" in form]
    assert spellings.bare_forms(value) == tuple(found)


@given(
    st.one_of(
        st.from_regex(r"\A[A-Za-z0-9]{0,60}\Z"),
        st.from_regex(r"\A[0-9a-f]{12,60}\Z"),
        st.text(min_size=6, max_size=24).map(lambda text: text.encode().hex()),
    )
)
@example("1" * 17_000)
def test_parts_of_letters_and_digits(value: str) -> None:
    """Most rules find nothing in a value of letters and digits."""
    found = parts(value)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts_module, "_BARE", re.compile(r"(?!)"))
        assert parts(value) == found


def plain_search(
    text: str,
    plain: Mapping[str, str],
    encoded: Mapping[str, str],
    bounded: Mapping[str, tuple[str, Kind]],
) -> Iterator[Span]:
    """Yield the longest secret at each place of a text, form by form."""
    forms: dict[str, tuple[str, Kind]] = {}
    for form, token in (*plain.items(), *encoded.items()):
        forms.setdefault(_lower(form), (token, Kind.ANYWHERE))
    for form, each in bounded.items():
        forms.setdefault(_lower(form), each)
    low = _lower(text)
    touches = {Kind.WORD: r"[\w-]", Kind.NUMBER: "[0-9]", Kind.ANYWHERE: "(?!)"}
    for start in range(len(text)):
        for form in sorted(forms, key=len, reverse=True):
            end = start + len(form)
            token, kind = forms[form]
            around = low[max(0, start - 1) : start], low[end : end + 1]
            if (
                len(form) >= SHORTEST
                and low.startswith(form, start)
                and not any(re.match(touches[kind], each) for each in around)
            ):
                exact = text[start:end]
                yield Span(start, end, plain.get(exact, token))
                break


def _lower(text: str) -> str:
    return "".join("i" if each == "\u0130" else each.lower() for each in text)


FORMS = st.dictionaries(CLOSE, st.sampled_from(("one", "two", "three")), max_size=4)
BOUNDED = st.dictionaries(
    CLOSE, st.tuples(st.just("four"), st.sampled_from((Kind.WORD, Kind.NUMBER))), max_size=3
)


@given(plain=FORMS, bounded=BOUNDED, text=st.lists(CLOSE).map("".join))
@example(plain={"aaaaaa": "one", "AAAAAA": "two"}, bounded={}, text="xaaaaaaAAAAAAaAaAaA")
@example(plain={"\u0130aaaaa": "one"}, bounded={}, text="\u0130AAAAA")
def test_the_search(plain: dict[str, str], bounded: dict[str, tuple[str, Kind]], text: str) -> None:
    """By every place of a text, and by pieces of four, what is there is found."""
    secrets = Secrets(plain, {}, bounded)
    expected = list(plain_search(text, plain, {}, bounded))
    is_spaced = "+" in text and " " in "".join((*plain, *bounded))  # a plus sign is a space, too
    for room in (1_000, 0):
        secrets._room = room
        found = sorted(secrets._found(text, False))
        assert set(expected) <= set(found) if is_spaced else expected == found


PAIRS = st.text(st.sampled_from('ab=" \t,1'), max_size=6)
LINES = st.lists(PAIRS, max_size=4).map(";".join)
COOKIE_FIELDS = st.lists(
    st.tuples(st.sampled_from(("Cookie", "cookie", "Set-Cookie")), st.one_of(LINES, PAIRS)),
    max_size=6,
).map(tuple)


@given(PAIRS)
def test_one_pair(pair: str) -> None:
    """Its name and its value are found in one step."""
    name, value = fields.name_and_value(pair)
    assert list(fields.cookie_values(pair)) == ([value] if value else [])
    assert list(fields.cookie_names(pair)) == ([name] if value and name is not None else [])


@given(st.lists(COOKIE_FIELDS, max_size=4))
def test_learning(all_headers: list[Headers]) -> None:
    """What was learned from is not learned from again, and nothing is missed because of that."""
    redactor = Redactor(b"k" * 32)
    values: set[str] = set()
    names: set[str] = set()
    bare: set[str] = set()
    for at, headers in enumerate(all_headers):
        redactor.learn(
            [
                Request(
                    exchange_id="e",
                    client_id="c1",
                    at=1.0,
                    method="GET",
                    url="http://shop.test/",
                    headers=headers,
                )
                if at % 2
                else Response(exchange_id="e", at=1.0, status_code=200, headers=headers)
            ]
        )
        for name, field in headers:
            names.update(fields.cookie_names(field))
            if name == "Set-Cookie":
                values.update(fields.set_cookie_values(field))
                bare.add(fields.bare_value(field))
            else:
                values.update(fields.cookie_values(field))
    assert redactor._values.keys() == values
    assert redactor._names == names
    assert redactor._bare == bare - {""}
