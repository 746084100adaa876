"""Names the rules by which a client is judged: ``chromium 60``, ``safari 12.1, with doubt``."""

from __future__ import annotations

from cookietrace.cookies import profile_of
from cookietrace.cookies.profiles import Version, version_text


def rules_name(profile: str, version: Version | None) -> str:
    """Return the name of a profile in one version; None is the newest.

    It says so if too little is known about such an old version.
    """
    if version is None:
        return profile
    name = f"{profile} {version_text(version)}"
    return f"{name}, with doubt" if profile_of(profile, version).doubtful else name
