"""The report, as text and as JSON."""

from __future__ import annotations

import json

import pytest

from cookietrace.doctor import (
    Facts,
    diagnose,
    report_entry,
    report_lines,
    short_fix,
    without_guesses,
)
from cookietrace.doctor.facts import (
    Attempt,
    Extension,
    NotLooked,
    Passed,
    Recorder,
    Seen,
    SeenClient,
)
from cookietrace.json_text import json_bytes
from tests.doctor.test_checks import ADDRESS, CLOSED, NAMED, SEEN, of, store

HOSTILE = "\x1b[31m\u202e\n"


def test_text() -> None:
    """What was tried comes first, then findings with the fixes, then what was not looked at."""
    facts = of(
        "http://localhost:3000/",
        seen=Seen(requests=2, clients=(SeenClient("curl", "curl", 1),) * 2),
        attempt=Attempt(ADDRESS, Passed.PASSED, "200 OK", recorded=True),
        not_looked=(NotLooked("GNOME's proxy settings", "`gsettings` is not there"),),
    )
    assert list(report_lines(facts, diagnose(facts))) == [
        "The recorder listens on 127.0.0.1:8080; its capture shop.cookietrace has 2",
        "requests so far, 0 of them to http://localhost:3000 (2 from curl).",
        "This command sent a request through 127.0.0.1:8080: 200 OK. It was recorded, so",
        "the recorder works for this URL. A request that is missing did not go through",
        "the recorder.",
        "",
        "probably: Browsers do not send requests for localhost to the proxy.",
        "  Chromium and Firefox bypass a proxy for localhost, names that end in",
        "  .localhost, 127.0.0.1 and [::1], over http and https, whatever the proxy",
        "  settings are, unless one setting says otherwise.",
        "  Fix: cookietrace watch http://localhost:3000",
        "       Chromium: chromium --user-data-dir=$(mktemp -d)"
        " --proxy-server=127.0.0.1:8080 --proxy-bypass-list='<-loopback>'",
        "       Firefox: about:config > network.proxy.allow_hijacking_localhost = true",
        "",
        "probably: Nothing here is set to use the recorder.",
        "  No browser, system setting or variable of this shell that was checked leads to",
        "  127.0.0.1:8080, and no request for http://localhost:3000 was recorded.",
        "  Browsers and programs then connect directly.",
        "  Fix: a browser that is ready to use: cookietrace watch --browser chromium",
        "       curl: export http_proxy=http://127.0.0.1:8080 https_proxy=http://127.0.0.1:8080",
        "",
        "Not checked: GNOME's proxy settings (`gsettings` is not there).",
    ]


def test_nothing_found() -> None:
    """It says so, rather than nothing."""
    facts = of("https://a.test/", seen=SEEN)
    assert list(report_lines(facts, ()))[-1].startswith("Nothing was found")


@pytest.mark.parametrize("recorder", [NAMED, CLOSED])
def test_what_only_the_user_said(recorder: Recorder) -> None:
    """No word of a recorder is invented if all that is known is what the user typed."""
    facts = of("http://a.test/", recorder=recorder)
    text = " ".join(report_lines(facts, diagnose(facts)))
    assert text.startswith("You named 127.0.0.1:8080 as the recorder's proxy (--proxy).")
    for said in ("The recorder listens", "The recorder says", "no request"):
        assert said not in text
    entry = report_entry(facts, ())["recorder"]
    assert (entry["named_by_user"], entry["requests"]) == (ADDRESS, None)


@pytest.mark.parametrize(
    ("facts", "every", "heading"),
    [
        (of(seen=Seen(requests=9), **store("curl")), False, "1 common cause that nothing"),
        (of(seen=Seen(requests=9), **store("curl")), True, "Often the cause, but nothing"),
        (of("https://a.test/", **store("curl")), False, "Often the cause, but nothing"),
    ],
)
def test_guesses_come_last(facts: Facts, every: bool, heading: str) -> None:
    """They stand below one heading; while traffic arrives, only if the user asks for them."""
    found = diagnose(facts)
    lines = list(report_lines(facts, found, every=every))
    (at,) = (number for number, line in enumerate(lines) if line.startswith(heading))
    guesses = [number for number, line in enumerate(lines) if line.startswith("a guess: ")]
    surer = [number for number, line in enumerate(lines) if line.startswith("probably: ")]
    assert bool(guesses) is heading.startswith("Often")
    assert all(number > at for number in guesses)
    assert all(number < at for number in surer)
    assert len(without_guesses(found)) == len(surer)


@pytest.mark.parametrize("system", ["linux", "macos", "windows"])
def test_json(system: str) -> None:
    """The same for programs: each finding has its check, how sure it is, and its fixes."""
    facts = of("https://a.test/", system=system, **store("java"))
    entry = json.loads(json_bytes(report_entry(facts, diagnose(facts))))
    assert entry["url"] == "https://a.test"
    assert entry["recorder"]["listeners"] == [ADDRESS]
    assert [(each["check"], each["sure"]) for each in entry["findings"]] == [
        ("unused", "probably"),
        ("trust", "guess"),
    ]
    assert all(fix["do"] for each in entry["findings"] for fix in each["fixes"])


def test_text_of_others_is_safe() -> None:
    """What extensions, files and clients call themselves does nothing to a terminal."""
    facts = of(
        extensions=(Extension("Firefox", HOSTILE, moves=True),),
        seen=Seen(clients=(SeenClient(None, HOSTILE, refused=((HOSTILE, 1),)),)),
        not_looked=(NotLooked(HOSTILE, HOSTILE),),
    )
    lines = list(report_lines(facts, diagnose(facts)))
    assert all(line.isprintable() for line in lines)


def test_the_fix_in_short() -> None:
    """The screen names what helps somebody who records already."""
    found = diagnose(of("http://localhost:3000/"))
    assert short_fix(found[0].finding).startswith("chromium --user-data-dir")
