"""How to install the packages of an extra, wherever cookietrace was installed from."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import unquote, urlsplit

_NAME = "cookietrace"


def missing_extra(what: str, extra: str) -> str:
    """Return one line: ``what`` needs an extra, and what to install again to get it."""
    return (
        f"{what} the extra {extra}, which is not installed: "
        f"install '{_source()}[{extra}]' with pip, pipx or uv"
    )


def _source() -> str:
    """Return where cookietrace came from: a folder, a wheel, or its name in an index.

    The installer writes that down (PEP 610). A checkout that was not installed is its own source.
    """
    import importlib.metadata  # with what reads e-mail: few commands ask

    try:
        said = importlib.metadata.distribution(_NAME).read_text("direct_url.json")
        url = urlsplit(str(json.loads(said or "{}").get("url", "")))
    except (importlib.metadata.PackageNotFoundError, ValueError, AttributeError):
        checkout = Path(__file__).parents[1]
        return str(checkout) if (checkout / "pyproject.toml").is_file() else _NAME
    return unquote(url.path) if url.scheme == "file" else url.geturl() or _NAME
