"""The user's settings: what a file may say, and how one key of it is changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from cookietrace.errors import FormatError
from cookietrace.settings import (
    KEYS,
    Settings,
    new_file,
    read_settings,
    save_setting,
    settings_path,
)
from cookietrace.supervision.browsers import kinds

FULL = """\
# mine
theme = "light"
hide-values = true
browser = "firefox"   # the usual one
attach = "127.0.0.1:9222"
listen = "127.0.0.1:9000"
reverse-listen = "[::1]:9001"
only = [
    "shop.example",
    "pay.example",
]
ignore = ["bank.example"]
max-size = "1.5GiB"
max-age = "90m"
redact = ["X-Company-Auth", "*Ticket"]
keep = ["state"]
"""


def written(folder: Path, text: str) -> Path:
    """Write a settings file."""
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The file is in the user's config folder, and is not made by asking for it."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert settings_path().parent == tmp_path / "cookietrace"
    assert not settings_path().exists()


def test_every_key(tmp_path: Path) -> None:
    """Each key fills its field, and the lines are known."""
    found = read_settings(written(tmp_path, FULL))
    assert found == Settings(
        theme="light",
        hide_values=True,
        browser="firefox",
        attach="127.0.0.1:9222",
        listen="127.0.0.1:9000",
        reverse_listen="[::1]:9001",
        only=("shop.example", "pay.example"),
        ignore=("bank.example",),
        max_size="1.5GiB",
        max_age="90m",
        redact=("X-Company-Auth", "*Ticket"),
        keep=("state",),
        lines=found.lines,
    )
    assert found.lines == dict(zip(KEYS, [2, 3, 4, 5, 6, 7, 8, 12, 13, 14, 15, 16], strict=True))


def test_no_file(tmp_path: Path) -> None:
    """Without a file there are defaults; one that was asked for must be there."""
    missing = tmp_path / "nowhere" / "config.toml"
    assert read_settings(missing) == Settings()
    with pytest.raises(FormatError, match="cannot be read"):
        read_settings(missing, required=True)
    assert read_settings(written(tmp_path, new_file())) == Settings()


def test_the_examples_are_valid(tmp_path: Path) -> None:
    """Every line that a new file suggests can be used as it is."""
    examples = "\n".join(key.example for key in KEYS.values())
    assert set(read_settings(written(tmp_path, examples)).lines) == set(KEYS)
    assert read_settings(written(tmp_path, 'browser = "none"')).browser is None
    for kind in kinds():
        assert read_settings(written(tmp_path, f'browser = "{kind}"')).browser == kind


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("# x\ncolour = 1", 2, "unknown key colour. The keys are theme,"),
        ('[screen]\ntheme = "dark"', 1, "unknown key screen"),
        ("[[only]]\nx = 1", 1, "only must be a list of hosts"),
        ('theme = "blue"', 1, 'theme must be "dark" or "light"'),
        ("theme = true", 1, "theme must be"),
        ('\n\nhide-values = "yes"', 3, "hide-values must be true or false"),
        ("browser = 7", 1, 'browser must be "chromium"'),
        ('browser = "lynx"', 1, 'or "none"'),
        ('attach = "9222 "', 1, 'attach must be HOST:PORT in quotes, such as "127.0.0.1:9222"'),
        ('listen = "here"', 1, "listen must be HOST:PORT in quotes"),
        ("listen = 8080", 1, "HOST:PORT"),
        ('reverse-listen = "::1:80"', 1, "reverse-listen must be HOST:PORT"),
        ('only = "shop.example"', 1, "only must be a list of hosts"),
        ('ignore = ["a", 2]', 1, "ignore must be a list of hosts"),
        ("max-size = 500", 1, "max-size must be a size of at least 1MB, such as 500MB or 2GB"),
        ('max-size = "10kB"', 1, "max-size must be a size"),
        ('max-age = "7 years"', 1, "max-age must be an age of at least 1m, such as 30m, 12h or 7d"),
        ('max-age = "1s"', 1, "max-age must be an age"),
        ('redact = "X-Key"', 1, "redact must be a list of names"),
        ('keep = [""]', 1, "keep must be a list of names"),
        ('keep = ["*"]', 1, "keep must be a list of names"),
        ('"\\u001b[31m" = 1', 1, r"unknown key \x1b"),
        ('theme = "dark"\ntheme = "dark"', 2, "not valid TOML"),
        ("theme = ", 1, "not valid TOML"),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str, line: int, words: str) -> None:
    """The error is one line that names the file, the line in it, and what to write."""
    path = written(tmp_path, text)
    with pytest.raises(FormatError) as refused:
        read_settings(path)
    message = str(refused.value)
    assert message.startswith(str(path))
    assert f"line {line}" in message
    assert words in message
    assert "\n" not in message
    with pytest.raises(FormatError):
        save_setting(path, "theme", "light")
    assert path.read_text("utf-8") == text


@pytest.mark.parametrize(
    ("content", "words"),
    [(b'theme = "\xff"', "not UTF-8"), (b"theme = " + b"1" * 5000, "not valid TOML")],
)
def test_what_cannot_be_parsed(tmp_path: Path, content: bytes, words: str) -> None:
    """A file in another encoding, or with an endless number, is refused in one line and kept."""
    path = tmp_path / "config.toml"
    path.write_bytes(content)
    with pytest.raises(FormatError, match=words):
        read_settings(path)
    with pytest.raises(FormatError, match=words):
        save_setting(path, "theme", "light")
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    ("before", "name", "value", "after"),
    [
        ("", "theme", "light", 'theme = "light"\n'),
        ("# mine", "theme", "light", '# mine\ntheme = "light"\n'),
        (FULL, "theme", "dark", FULL.replace('"light"', '"dark"')),
        (FULL, "hide-values", False, FULL.replace("true", "false")),
        (FULL, "browser", "none", FULL.replace('"firefox"', '"none"')),
        ("theme='dark' # t", "theme", "light", 'theme="light" # t'),
        ('only = ["a"]\n', "hide-values", True, 'only = ["a"]\nhide-values = true\n'),
        ('\ufefftheme = "dark"\n', "theme", "light", '\ufefftheme = "light"\n'),
        ('# x\r\ntheme = "dark"\r\n#\r\n', "theme", "light", '# x\r\ntheme = "light"\r\n#\r\n'),
    ],
)
def test_one_key_changes(
    tmp_path: Path, before: str, name: str, value: str | bool, after: str
) -> None:
    """A key is changed where it stands or added at the end; comments and line ends stay."""
    path = written(tmp_path, before)
    save_setting(path, name, value)
    assert path.read_bytes().decode() == after


@pytest.mark.parametrize("text", ['"theme" = "dark"\n', 'theme = """dark"""\n'])
def test_a_key_that_cannot_be_changed(tmp_path: Path, text: str) -> None:
    """A key written in an unusual way is left to the user, and the file as it was."""
    path = written(tmp_path, text)
    with pytest.raises(FormatError, match="by hand"):
        save_setting(path, "theme", "light")
    assert path.read_text("utf-8") == text


def test_a_new_file_is_the_users_alone(tmp_path: Path) -> None:
    """File and folder are made, and nobody else can read them; a link stays a link."""
    path = tmp_path / "config" / "cookietrace" / "config.toml"
    save_setting(path, "theme", "light")
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0
    link = tmp_path / "link.toml"
    link.symlink_to(path)
    save_setting(link, "theme", "dark")
    assert link.is_symlink()
    assert read_settings(path).theme == "dark"


def test_the_suite_has_settings_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> None:
    """No test, and no process that a test starts, reads the settings of the developer."""
    assert settings_path().is_relative_to(tmp_path_factory.getbasetemp())
    assert not settings_path().exists()
