"""A file of settings that somebody else wrote is read in bounded time, or refused in one line."""

from __future__ import annotations

import pytest

from cookietrace.errors import FormatError
from cookietrace.toml_text import MOST_DOTS, parse


@pytest.mark.parametrize(
    "text",
    [
        "a" + ".a" * 20_000 + " = 1",
        "ok = 1\n[" + "a." * 20_000 + "a]",
        "x = {" + "'a' . " * 20_000 + "a = 1}",
        '\n"\\""' + '."a"' * 101 + " = 1",
    ],
)
def test_a_key_of_very_many_parts_is_refused(text: str) -> None:
    """It is counted before the text is parsed, wherever it stands."""
    with pytest.raises(FormatError, match=r"^f, line [12]: a key has more than 100 parts$"):
        parse(text, "f")


def test_dots_in_text_are_no_parts() -> None:
    """Neither in strings nor in comments, and a key may have some parts."""
    dots = "." * 2 * MOST_DOTS
    text = f"""a.b = "{dots}\\"{dots}"  # "{dots}\nc = '{dots}' # {dots}"""
    assert parse(text, "f") == {"a": {"b": f'{dots}"{dots}'}, "c": dots}


def test_text_that_is_not_toml() -> None:
    """The error is one line, whatever the text is, and looking for keys takes linear time."""
    for text in ('"' + "\\" * 60_001 + "." * 200, "[" * 60_000, "a = " + "9" * 60_000):
        with pytest.raises(FormatError, match=r"^f is not valid TOML: [^\n]*$"):
            parse(text, "f")
