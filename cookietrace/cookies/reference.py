"""``python -m cookietrace.cookies.reference reasons|profiles`` prints that page of the docs."""

from __future__ import annotations

import sys

from cookietrace.cookies.profiles import PROFILES, Profile
from cookietrace.cookies.verdicts import TABLE, Where

_TITLES: dict[Where, str] = {
    "rejected": "A Set-Cookie line is refused",
    "withheld": "A cookie stays behind",
    "missing": "A cookie should have been sent",
    "warning": "A remark that refuses nothing",
}


def reasons_page() -> str:
    """Return the table of every reason as Markdown; ``docs/reasons.md`` is this text."""
    lines = [
        "# Reasons",
        "",
        "Every code that `cookietrace` gives for a decision about a cookie. Sections and steps are",
        "those of draft-ietf-httpbis-rfc6265bis-22 unless another document is named. Words in",
        "braces are filled with the values of the cookie and the request at hand.",
    ]
    for where, title in _TITLES.items():
        lines += ["", f"## {title}", "", "| code | section | what it says | what to do |"]
        lines.append("|---|---|---|---|")
        for code, text in TABLE.items():
            if text.where == where:
                cells = (f"`{code.value}`", text.section, text.sentence, text.fix)
                lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def profiles_page() -> str:
    """Return the departures of every profile as Markdown; ``docs/profiles.md`` is this text."""
    lines = [
        "# Profiles",
        "",
        "`spec` follows draft-ietf-httpbis-rfc6265bis-22 to the letter. Where that leaves a",
        "choice it makes the plainest one: no allowance for cross-site POST, loopback is not",
        "secure, no cookie is pushed out, third-party cookies are allowed. A browser's profile",
        "is `spec` with these rows laid over it.",
    ]
    for profile in PROFILES.values():
        if profile.departures:
            lines += ["", *_profile(profile)]
    return "\n".join(lines) + "\n"


def _profile(profile: Profile) -> list[str]:
    """Return one profile's heading and table."""
    lines = [f"## {profile.name}", "", f"Checked on {profile.checked.isoformat()}.", ""]
    lines += ["| what a person sees | source |", "|---|---|"]
    lines += [f"| {row.what} | {row.source} |" for row in profile.departures]
    return lines


PAGES = {"reasons": reasons_page, "profiles": profiles_page}


def main(names: list[str]) -> int:
    """Print the pages that are named; exit status 2 where one is not known."""
    if not names or not all(name in PAGES for name in names):
        sys.stderr.write(f"name a page: {', '.join(PAGES)}\n")
        return 2
    for name in names:
        sys.stdout.write(PAGES[name]())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
