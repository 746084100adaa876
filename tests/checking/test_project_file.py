"""``cookietrace.toml``: found like a linter's settings, and refused in one line if it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from cookietrace.checking import NAME, Ignore, find_project_file, read_ignores
from cookietrace.errors import FormatError

GOOD = """
[[check.ignore]]
code = "same-site-*"
host = "*.shop.test"
cookie = "oauth_*"
reason = "the provider changes in May"

[[check.ignore]]
cookie = "ads"
reason = "not ours"
"""


def test_what_it_holds(tmp_path: Path) -> None:
    """Each entry becomes one ignore, in order."""
    path = tmp_path / NAME
    path.write_text(GOOD)
    assert read_ignores(path) == (
        Ignore(
            code="same-site-*",
            host="*.shop.test",
            cookie="oauth_*",
            reason="the provider changes in May",
        ),
        Ignore(cookie="ads", reason="not ours"),
    )


@pytest.mark.parametrize("text", ["", "[check]\n", "[check]\nignore = []\n"])
def test_a_file_without_ignores(text: str, tmp_path: Path) -> None:
    """An empty file is valid."""
    path = tmp_path / NAME
    path.write_text(text)
    assert read_ignores(path) == ()


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"[check", "is not valid TOML: "),
        (b"\xff = 1", "is not valid TOML: "),
        (b"x = " + b"[" * 5000, "is not valid TOML: "),
        (b"[chekc]\n", "unknown key chekc. Did you mean 'check'? The key is check"),
        (b"check = 1\n", "check must be a table"),
        (b"[check]\nfail = 1\n", "check: unknown key fail. The key is ignore"),
        (b"[check]\nignore = 'x'\n", "ignores are a list of tables: write [[check.ignore]]"),
        (b"[check]\nignore = ['x']\n", "ignores are a list of tables: write [[check.ignore]]"),
        (b"[[check.ignore]]\ncode = 'x'\n", 'ignore 1 has no reason: add reason = "'),
        (b"[[check.ignore]]\nreason = 'x'\n", "ignore 1 would match everything: add code,"),
        (b"[[check.ignore]]\nreason = ' '\ncode = 'x'\n", "ignore 1: reason must be a string"),
        (
            b"[[check.ignore]]\nreason = 'x'\ncode = 3\n",
            "ignore 1: code must be a string in quotes",
        ),
        (
            b"[[check.ignore]]\nreason = 'x'\nname = 'x'\n",
            "ignore 1: unknown key name. The keys are code, host, cookie, reason",
        ),
        (b'[check]\n"\\u001b[2J" = 1\n', "unknown key \\x1b[2J"),
    ],
)
def test_a_bad_file(content: bytes, line: str, tmp_path: Path) -> None:
    """The error is one line, which names the file and the entry and says what to write."""
    path = tmp_path / NAME
    path.write_bytes(content)
    with pytest.raises(FormatError) as error:
        read_ignores(path)
    text = str(error.value)
    assert text.startswith(str(path))
    assert line in text
    assert text.isprintable()


@pytest.mark.parametrize(
    ("byte", "count", "line"),
    [(b"1", 5000, "is not valid TOML: "), (b"#", (1 << 16) + 1, "is larger than 64 KiB")],
)
def test_an_endless_file(byte: bytes, count: int, line: str, tmp_path: Path) -> None:
    """A number with thousands of digits, or more than anybody writes, is refused in one line."""
    path = tmp_path / NAME
    path.write_bytes(b"x = " + byte * count)
    with pytest.raises(FormatError, match=line):
        read_ignores(path)


def test_a_missing_file(tmp_path: Path) -> None:
    """A file that was named and is not there is an error."""
    with pytest.raises(FormatError, match="cannot be read: No such file"):
        read_ignores(tmp_path / NAME)


@pytest.mark.parametrize(
    ("target", "line"), [(".", "Is a directory"), ("missing", "No such file"), (NAME, "Too many")]
)
def test_what_is_no_file(target: str, line: str, tmp_path: Path) -> None:
    """A folder of that name, or a link to nowhere, is an error, not a project without ignores."""
    (tmp_path / NAME).symlink_to(target)
    found = find_project_file(tmp_path)
    assert found is not None
    with pytest.raises(FormatError, match=f"cannot be read: {line}"):
        read_ignores(found)


@pytest.mark.parametrize(
    ("repository", "files", "found"),
    [
        ("", ["a/b"], "a/b"),
        ("", ["", "a", "a/b"], "a/b"),
        ("", ["a"], "a"),
        ("", [""], ""),
        ("a", [""], None),
        ("a", ["a"], "a"),
        (None, ["a"], None),
        (None, ["a/b"], "a/b"),
    ],
)
def test_where_it_is_searched(
    repository: str | None, files: list[str], found: str | None, tmp_path: Path
) -> None:
    """The nearest one counts, up to the repository's root; without one, only the folder itself."""
    start = tmp_path / "a" / "b"
    start.mkdir(parents=True)
    if repository is not None:
        (tmp_path / repository / ".git").mkdir()
    for folder in files:
        (tmp_path / folder / NAME).write_text(GOOD)
    expected = None if found is None else tmp_path / found / NAME
    assert find_project_file(start) == expected
