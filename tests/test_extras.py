"""What to install for an extra: the same source as before, whichever it was."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

import pytest

from cookietrace.extras import missing_extra

CHECKOUT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("written", "source"),
    [
        ('{"url": "file:///home/eve/my%20apps/cookietrace", "dir_info": {}}', "/home/eve/my apps/"),
        ('{"url": "file:///tmp/cookietrace-0.2.0-py3-none-any.whl"}', "/tmp/cookietrace-0.2.0-py"),
        (
            '{"url": "https://files.test/cookietrace-0.2.0.tar.gz"}',
            "https://files.test/cookietrace-",
        ),
        (None, "cookietrace[web]"),
        ("[", str(CHECKOUT)),
        ("[]", str(CHECKOUT)),
    ],
    ids=("a checkout", "a wheel", "a URL", "an index", "unreadable", "no object"),
)
def test_it_names_what_was_installed(
    written: str | None, source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a checkout or a wheel the line names that, since the name alone may be anybody's."""
    if written is not None:
        (tmp_path / "direct_url.json").write_text(written)
    installed = importlib.metadata.PathDistribution(tmp_path)
    monkeypatch.setattr(importlib.metadata, "distribution", lambda name: installed)
    line = missing_extra("--web needs", "web")
    assert line.startswith("--web needs the extra web, which is not installed: install '" + source)
    assert "[web]'" in line


def test_a_checkout_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is its own source."""

    def missing(name: str) -> importlib.metadata.Distribution:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "distribution", missing)
    assert f"install '{CHECKOUT}[redis]'" in missing_extra("captures in Redis need", "redis")
