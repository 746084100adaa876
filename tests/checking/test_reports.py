"""The formats of a report: complete, valid, and safe whatever the wire held."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree as Xml

import jsonschema
import pytest

from cookietrace.checking import REPORTERS, CheckReport, CodePlace, Entry, Ignore, Severity, check
from cookietrace.checking.rule_texts import rule_text
from cookietrace.cookies import Code
from cookietrace.lesson.moments.rules import RULES
from cookietrace.safe_text import safe
from tests.checking.sarif_schema import SARIF
from tests.checking.sign_ins import broken_sign_in

HOSTILE = "\x1b]0;x\x07\x9b31m\u202e<b>&'\"]]>\ufffe\U0001fffe\n::error::\ud800%0A"


def entry(**changed: Any) -> Entry:
    """A problem, as a check makes it."""
    facts: dict[str, Any] = {
        "severity": Severity.PROBLEM,
        "code": "path-mismatch",
        "rule": "withheld",
        "host": "shop.test",
        "cookies": ("user",),
        "step": 3,
        "row": 3,
        "request": "GET shop.test/cart",
        "question": "Why is 'user' not sent?",
        "cause": "Its Path is /account.",
        "fix": "Set Path=/.",
        "count": 1,
        "code_place": CodePlace(file="app/views.py", line=31, function="cart"),
    }
    return Entry(**facts | changed)


def report(*entries: Entry, **changed: Any) -> CheckReport:
    """A report on some entries."""
    facts: dict[str, Any] = {"source": "shop.cookietrace", "requests": 7, "entries": entries}
    return CheckReport(**facts | changed)


WARNING = entry(severity=Severity.WARNING, code="late-response", rule="late-response", fix="")
IGNORED = entry(code="expired", cookies=("old",), ignored=("goes in May",), code_place=None)
FULL = report(
    entry(count=2),
    WARNING,
    ignored=(IGNORED,),
    unused=(Ignore(code="gone", host="*.test", reason="was there once"),),
)

TEXT = """\
problem  path-mismatch: 'user' at shop.test
  Step 3: GET shop.test/cart (2 times)
  Why is 'user' not sent?
  Cause: Its Path is /account.
  Fix:   Set Path=/.
  Code:  app/views.py:31 (cart)

warning  late-response: 'user' at shop.test
  Step 3: GET shop.test/cart
  Why is 'user' not sent?
  Cause: Its Path is /account.
  Code:  app/views.py:31 (cart)

ignored  expired: 'old' at shop.test
  Reason: goes in May

unused ignore  code gone, host *.test
  Reason: was there once

1 problem · 1 warning · 1 ignored in shop.cookietrace (7 requests)
"""


def written(name: str, about: CheckReport, fail_on: Severity = Severity.PROBLEM) -> str:
    """Return a report in a format."""
    return REPORTERS[name].write(about, fail_on)


def test_text() -> None:
    """People read step, cookie, cause, fix and place, then what was ignored, then the counts."""
    assert written("text", FULL) == TEXT


@pytest.mark.parametrize(
    ("about", "fail_on", "line"),
    [
        (report(), Severity.PROBLEM, "No problems in shop.cookietrace (7 requests)"),
        (report(WARNING), Severity.PROBLEM, "1 warning · none is a problem in shop.cookietrace"),
        (report(WARNING), Severity.WARNING, "1 warning in shop.cookietrace (7 requests)"),
        (report(ignored=(IGNORED,)), Severity.PROBLEM, "No problems · 1 ignored in shop.co"),
    ],
)
def test_the_last_line(about: CheckReport, fail_on: Severity, line: str) -> None:
    """The last line counts, and says why warnings do not fail the check."""
    assert written("text", about, fail_on).splitlines()[-1].startswith(line)


def test_json() -> None:
    """Programs find all of it under fixed names."""
    read = json.loads(written("json", FULL))
    assert {key: read[key] for key in ("version", "source", "requests", "fail_on", "failed")} == {
        "version": 1,
        "source": "shop.cookietrace",
        "requests": 7,
        "fail_on": "problem",
        "failed": True,
    }
    assert (read["problems"], read["warnings"]) == (1, 1)
    assert [found["code"] for found in read["found"]] == ["path-mismatch", "late-response"]
    first = read["found"][0]
    assert (first["file"], first["line"], first["function"]) == ("app/views.py", 31, "cart")
    assert first["fingerprint"] == FULL.entries[0].fingerprint
    assert read["ignored"][0]["reasons"] == ["goes in May"]
    assert read["unused_ignores"][0]["reason"] == "was there once"


def test_junit() -> None:
    """What fails is a failure, a warning passes, an ignored one is skipped with its reason."""
    root = Xml.fromstring(written("junit", FULL).encode())
    (suite,) = root
    cases = {case.get("name"): [child.tag for child in case] for case in suite}
    assert cases == {
        "path-mismatch: 'user' at shop.test": ["failure"],
        "late-response: 'user' at shop.test": ["system-out"],
        "expired: 'old' at shop.test": ["skipped"],
    }
    for element in (root, suite):
        counts = [element.get(name) for name in ("tests", "failures", "errors", "skipped")]
        assert counts == ["3", "1", "0", "1"]
    failure = suite[0][0]
    assert failure.get("type") == "problem"
    assert "Fix:   Set Path=/." in (failure.text or "")
    assert suite[2][0].get("message") == "goes in May"


def test_junit_names_are_unique() -> None:
    """Two clients with the same problem are two test cases; a clean report is one that passes."""
    (suite,) = Xml.fromstring(written("junit", report(entry(), entry())).encode())
    title = "path-mismatch: 'user' at shop.test"
    assert [case.get("name") for case in suite] == [title, f"{title} #2"]
    (clean,) = Xml.fromstring(written("junit", report()).encode())
    assert [(case.get("name"), list(case)) for case in clean] == [("no problems", [])]


def sarif(about: CheckReport) -> dict[str, Any]:
    """Return a report's SARIF log, which is valid."""
    log: dict[str, Any] = json.loads(written("sarif", about))
    jsonschema.Draft7Validator(SARIF).validate(log)
    return log


def test_sarif() -> None:
    """A result has its rule, level, place, fingerprint, and why it is suppressed."""
    (run,) = sarif(FULL)["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["expired", "late-response", "path-mismatch"]
    assert [result["level"] for result in run["results"]] == ["error", "warning", "error"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    problem, _, ignored = run["results"]
    place = problem["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "app/views.py"
    assert place["region"] == {"startLine": 31}
    assert problem["message"]["text"].endswith("Fix: Set Path=/.")
    assert ignored["suppressions"] == [{"kind": "external", "justification": "goes in May"}]
    assert "suppressions" not in problem


@pytest.mark.parametrize(
    ("place", "source", "uri", "line"),
    [
        (CodePlace(file="a b/ü.py", line=3, function=None), "x", "a%20b/%C3%BC.py", 3),
        (CodePlace(file="/srv/app.py", line=None, function=None), "x", "file:///srv/app.py", 1),
        (None, "captures/shop.cookietrace", "captures/shop.cookietrace", 1),
        (None, "/tmp/shop.cookietrace", "shop.cookietrace", 1),
    ],
)
def test_sarif_places(place: CodePlace | None, source: str, uri: str, line: int) -> None:
    """The place is the view's, or else the capture: code scanning refuses a file without one."""
    (run,) = sarif(report(entry(code_place=place), source=source))["runs"]
    (location,) = run["results"][0]["locations"]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == uri
    assert location["physicalLocation"]["region"]["startLine"] == line
    (logical,) = location["logicalLocations"]
    assert logical["fullyQualifiedName"] == "step 3: GET shop.test/cart"


def test_fingerprints_are_stable() -> None:
    """Another recording gives the same fingerprint: step, address and texts do not matter."""
    same = entry(step=9, row=10, request="GET shop.test/cart/2", cause="other", code_place=None)
    assert same.fingerprint == entry().fingerprint
    others = (entry(code="expired"), entry(host="a.test"), entry(cookies=("user", "b")))
    assert len({each.fingerprint for each in (entry(), *others)}) == 4
    recorded, again = (check(broken_sign_in(path=path), source="x") for path in ("/a", "/b/c"))
    assert [each.fingerprint for each in recorded.entries] == [
        each.fingerprint for each in again.entries
    ]


@pytest.mark.parametrize("name", REPORTERS)
def test_hostile_text(name: str) -> None:
    """Names and addresses from the wire change neither the format nor the terminal."""
    wire = HOSTILE.encode("utf-8", "surrogatepass").decode("latin-1").replace("\n", "")
    name_on_wire = "".join(c for c in wire if c not in ";=\x07\x1b" and ord(c) >= 0x20)
    events = broken_sign_in(path=f"/{wire}", cookie=name_on_wire)
    text = written(name, check(events, source=HOSTILE, show_values=True), Severity.WARNING)
    assert [line for line in text.split("\n") if safe(line) != line] == []
    assert "\n::error::" not in text
    if name == "junit":
        Xml.fromstring(text.encode())
    elif name == "sarif":
        jsonschema.Draft7Validator(SARIF).validate(json.loads(text))


@pytest.mark.parametrize("code", [*RULES, *(code.value for code in Code)])
def test_every_rule_has_texts(code: str) -> None:
    """Whatever a result's code is, the list of rules says what it means."""
    text = rule_text(code, "withheld")
    assert text.short.endswith(".")
    assert all(part and "\n" not in part and "{" not in part for part in text)
