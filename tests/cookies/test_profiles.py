"""Profiles: which one a browser gets, and that they differ from ``spec`` only as listed."""

from __future__ import annotations

import pytest

import cookietrace.cookies
from cookietrace.cookies import PROFILES, profile_for

NOT_SWITCHES = ("name", "checked", "departures", "version", "doubtful", "same_site_special")

AGENTS = [
    (None, "spec"),
    ("", "spec"),
    ("curl/8.5.0", "spec"),
    ("python-requests/2.32", "spec"),
    (
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/156.0.0.0 Safari/537.36",
        "chromium",
    ),
    (
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
        "HeadlessChrome/156.0.0.0 Safari/537.36 Edg/156.0",
        "chromium",
    ),
    ("Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0", "firefox"),
    (
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        "Version/26.2 Safari/605.1.15",
        "safari",
    ),
    (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 "
        "(KHTML, like Gecko) CriOS/156.0 Mobile/15E148 Safari/604.1",
        "safari",
    ),
]


@pytest.mark.parametrize(("agent", "name"), AGENTS)
def test_a_user_agent_names_its_profile(agent: str | None, name: str) -> None:
    """Browsers get the profile of their engine, other clients ``spec``."""
    assert profile_for(agent).name == name


@pytest.mark.parametrize("name", sorted(PROFILES))
def test_a_profile_is_spec_with_its_listed_departures(name: str) -> None:
    """Every switch that differs from ``spec`` has a row, and every row changes a switch."""
    profile, spec = PROFILES[name], PROFILES["spec"]
    listed = {row.switch: row.value for row in profile.departures}
    switches = [field for field in profile.__struct_fields__ if field not in NOT_SWITCHES]
    differing = {
        field: getattr(profile, field)
        for field in switches
        if getattr(profile, field) != getattr(spec, field)
    }
    assert differing == listed
    assert all(row.what.endswith(".") and row.source.endswith(".") for row in profile.departures)


def test_the_public_names_are_sorted_and_exist() -> None:
    """``__all__`` is in order, and each of its names exists."""
    names = cookietrace.cookies.__all__
    by_kind = sorted(names, key=lambda n: (not n.isupper(), not n[0].isupper(), n))
    assert list(names) == by_kind
    assert all(hasattr(cookietrace.cookies, name) for name in names)
