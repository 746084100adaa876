"""``python -m cookietrace.lesson.reference reasons|profiles`` prints that page of the docs."""

from __future__ import annotations

import sys

from cookietrace.cookies.profiles import (
    DOUBTFUL_BEFORE,
    PROFILES,
    ROWS,
    Departure,
    Profile,
    version_text,
)
from cookietrace.cookies.verdicts import TABLE, Where
from cookietrace.lesson.reasons import TEXTS, Choice, Text

_TITLES: dict[Where, str] = {
    "rejected": "A Set-Cookie line is refused",
    "withheld": "A cookie is withheld from a request",
    "missing": "A cookie should have been sent",
    "warning": "A remark on a cookie that is stored anyway",
}


def reasons_page() -> str:
    """Return the table of every reason as Markdown; ``docs/reasons.md`` is this text."""
    lines = [
        "# Reasons",
        "",
        "Every reason that `cookietrace` gives for a decision about a cookie. Sections and steps",
        "are those of draft-ietf-httpbis-rfc6265bis-22 unless another document is named. Words in",
        "braces are replaced by facts about the cookie and the request. Some codes have several",
        "texts; which one is shown depends on the fact in the second column. `client-policy` is",
        "also a reason to withhold a cookie: in browsers that block third-party cookies.",
    ]
    for where, title in _TITLES.items():
        lines += ["", f"## {title}", "", "| code | fact | section | sentence | fix |"]
        lines.append("|---|---|---|---|---|")
        for code, reason in TABLE.items():
            if where == reason.where[0]:
                lines += [
                    f"| `{code.value}` | {fact} | {reason.section} | {text.sentence} | {text.fix} |"
                    for fact, text in _texts(TEXTS[code])
                ]
    return "\n".join(lines) + "\n"


def _texts(text: Text | Choice) -> list[tuple[str, Text]]:
    """Return the texts of one reason, each with the fact that selects it."""
    if isinstance(text, Text):
        return [("", text)]
    return [(f"`{text.fact}` is `{value}`", each) for value, each in text.texts.items()]


def profiles_page() -> str:
    """Return how each profile differs from -22 as Markdown; ``docs/profiles.md`` is this text."""
    lines = [
        "# Profiles",
        "",
        "`spec` follows draft-ietf-httpbis-rfc6265bis-22 to the letter. If that leaves a choice,",
        "it makes the simplest one: no exception for cross-site POST, loopback is not secure, no",
        "cookie is evicted, third-party cookies are allowed. A browser's profile is `spec` with",
        "the differences below that hold in its version, which is read from the User-Agent. What",
        "is said about the cookies of a version older than the ones named here is a guess.",
    ]
    for name, rows in ROWS.items():
        lines += ["", *_profile(PROFILES[name], rows)]
    return "\n".join(lines) + "\n"


_TRIED = {
    "chromium": "Compared with Chromium 156 on Debian 12; older versions were not tested.",
    "firefox": "Compared with Firefox ESR 153 on Debian 12; older versions were not tested.",
    "safari": "Nothing was tested on Safari: all of this comes from public documents.",
}
"""What each profile was compared with."""


def _profile(profile: Profile, rows: tuple[Departure, ...]) -> list[str]:
    """Return one profile's heading and table."""
    oldest = version_text(DOUBTFUL_BEFORE[profile.name])
    lines = [f"## {profile.name}", "", f"Checked on {profile.checked.isoformat()}."]
    lines += [_TRIED[profile.name], f"Versions before {oldest} are judged with doubt.", ""]
    lines += ["| what a user sees | versions | source |", "|---|---|---|"]
    lines += [f"| {row.what} | {_versions(row)} | {row.source} |" for row in rows]
    return lines


def _versions(row: Departure) -> str:
    """Return the versions in which a departure holds, such as ``89 and later``."""
    system = " on macOS 10.14" if row.system else ""
    if row.until is None:
        return "all" if row.since is None else f"{version_text(row.since)} and later{system}"
    if row.since is None:
        unknown = "; the last such version is not known" if row.until_at_latest else ""
        return f"before {version_text(row.until)}{unknown}{system}"
    return f"{version_text(row.since)} to before {version_text(row.until)}{system}"


PAGES = {"reasons": reasons_page, "profiles": profiles_page}


def main(names: list[str]) -> int:
    """Print the named pages; return exit status 2 if one does not exist."""
    if not names or not all(name in PAGES for name in names):
        sys.stderr.write(f"name a page: {', '.join(PAGES)}\n")
        return 2
    for name in names:
        sys.stdout.write(PAGES[name]())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
