"""What a newcomer reads while there are no steps: what to do next, with the real addresses."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
from typing import Final

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from cookietrace.addresses import DEMO_URL
from cookietrace.lesson.display_text import shown
from cookietrace.lesson.live.recording import Recording
from tui.advice import DOCTOR, Advice
from tui.drawing.fit import fit
from tui.state.story import Story
from tui.widgets.status_line import short_target

_NARROW: Final = 66
"""With fewer cells the labels are shorter, and explanations are left out."""

_LABELS: Final = ("Open in any browser", "Or set as its proxy", "Or on a command line", "Or press")
_PROXY_ALONE: Final = "Set as your proxy"
"""The label of the proxy if there is nothing to open instead."""
_SHORT_LABELS: Final = ("Open", "Proxy", "Or run", "Press")

_LOCALHOST: Final = (
    "Your app is on localhost? Chromium and Firefox bypass a proxy there: run ",
    "cookietrace watch http://localhost:PORT",
    ", or press b. For your own browser, ",
    "cookietrace ca",
    " has the setting.",
)

_LOCALHOST_WITHOUT_KEY: Final = (*_LOCALHOST[:2], ". For your own browser, ", *_LOCALHOST[3:])

_TRUSTS: Final = " The browser that b opens already does (a Firefox, if certutil is installed)."

_PROMISE: Final = (
    "Each request appears here as a row as soon as it is made. Visit a page twice: the second "
    "request shows what the browser stored."
)

_LABEL: Final = 10
"""Cells of how sure a reason is."""

Parts = list[str | tuple[str, str]]


def page_to_open(story: Story) -> str:
    """Return the address to open in a browser that uses the proxy; empty if none is known.

    The demo's own capture is the only one that is not sensitive.
    """
    capture, reverse = story.trace.capture, story.recording.reverse()
    if capture is not None and not capture.sensitive and not capture.redacted:
        return DEMO_URL
    target = None if reverse is None else reverse.target
    return f"{target.rstrip('/')}/" if target else ""


class EmptyState(Widget):
    """Explains how to get traffic, or why there is none."""

    ALLOW_SELECT = True

    def __init__(self, promise: str = _PROMISE) -> None:
        """``promise`` says what will appear once there is traffic."""
        super().__init__()
        self._promise = promise

    recording: reactive[Recording] = reactive(Recording(""), layout=True)
    focus_text: reactive[str] = reactive("")
    elsewhere: reactive[int] = reactive(0, layout=True)
    """How many exchanges are outside the focus."""

    reading: reactive[bool] = reactive(False, layout=True)
    """True while the capture is being read: what it holds is not known yet."""

    opens_browsers: reactive[bool] = reactive(True, layout=True)
    """Whether there is a key that opens a browser."""

    page: reactive[str] = reactive("", layout=True)
    """The address to open through the proxy, if one is known."""

    found: reactive[tuple[Advice, ...]] = reactive((), layout=True)
    """Why nothing is recorded, once nothing has been for a while."""

    doctor: reactive[str] = reactive(DOCTOR, layout=True)
    """The command that says more."""

    def advise(self, story: Story) -> bool:
        """Show itself if there are no steps; return whether it is shown."""
        self.display = empty = story.count == 0
        if empty:
            self.recording = story.recording
            self.reading = story.loading is not None
            self.page = page_to_open(story)
            self.found = story.advice
            self.doctor = story.doctor
            self.opens_browsers = story.opens_browsers
            self.focus_text = shown(story.focus.describe())
            waiting = story.recording.open  # do not count the browser's own requests yet
            self.elsewhere = story.table.elsewhere if waiting else len(story.trace.exchanges)
        return empty

    def render(self) -> Content:
        """Draw the advice for the state of the recording."""
        if self.reading:
            return Content.styled("Reading the capture …", "$quiet")
        if self.elsewhere:
            return self._out_of_focus()
        if not self.recording.open:
            return Content.assemble(
                ("Nothing was recorded in this capture.\n\n", "bold $foreground"),
                ("Start a recording with ", "$quiet"),
                ("cookietrace watch", "bold $foreground"),
                (" or try ", "$quiet"),
                ("cookietrace demo", "bold $foreground"),
                (".\n", "$quiet"),
                (DOCTOR, "bold $foreground"),
                (" says why traffic is missing.", "$quiet"),
            )
        return self._of_recorders() if self.recording.several else self._waiting()

    def _of_recorders(self) -> Content:
        return Content.assemble(
            ("Waiting for the recorders.\n\n", "bold $foreground"),
            (" R ", "bold $chip-text on $chip"),
            (" lists those that exist\n\n", "$foreground"),
            (self._promise, "$quiet"),
        )

    def _out_of_focus(self) -> Content:
        noun = "exchange is" if self.elsewhere == 1 else "exchanges are"
        return Content.assemble(
            ("Nothing is in focus.\n\n", "bold $foreground"),
            (f"{self.elsewhere:,} {noun} outside the focus: ", "$quiet"),
            (f"{self.focus_text}\n\n", "$foreground"),
            (" o ", "bold $chip-text on $chip"),
            (" choose another focus    ", "$foreground"),
            (" O ", "bold $chip-text on $chip"),
            (" show everything", "$foreground"),
        )

    def _waiting(self) -> Content:
        narrow = self.size.width < _NARROW
        labels = _SHORT_LABELS if narrow else _LABELS
        width = max(map(len, labels)) + 3
        to_open, to_proxy, to_run, to_press = (f"{label:<{width}}" for label in labels)
        heading = "Nothing has arrived so far." if self.found else "Waiting for the first request."
        parts: Parts = [(f"{heading}\n\n", "bold $foreground")]
        reverse = self.recording.reverse()
        proxy = self.recording.proxy_address()
        if reverse is not None:
            parts += [
                (to_open, "$quiet"),
                (f"http://{shown(reverse.page_address)}/", "bold $foreground"),
                (
                    "" if narrow or not reverse.target else f" → {short_target(reverse.target)}",
                    "$quiet",
                ),
                "\n",
            ]
        if proxy is not None:
            parts += [
                (to_proxy if reverse or narrow else f"{_PROXY_ALONE:<{width}}", "$quiet"),
                (shown(proxy), "bold $foreground"),
                ("" if narrow else " for HTTP and HTTPS", "$quiet"),
            ]
            if self.page:
                lead = "" if narrow else " " * width
                parts += [
                    (", open " if narrow else f"\n{lead}and open ", "$quiet"),
                    (shown(self.page), "bold $foreground"),
                ]
            parts.append("\n")
        if reverse is not None or proxy is not None:
            gap = f"\\\n{' ' * width}" if narrow else ""
            command = (
                f"curl -c jar -b jar http://{shown(reverse.page_address)}/"
                if reverse is not None
                else f"curl -x {shown(proxy or '')} -c jar -b jar {gap}example.com"
            )
            parts += [
                (to_run, "$quiet"),
                (f"{command}\n", "$foreground"),
            ]
        if self.opens_browsers:
            parts += [
                (to_press, "$quiet"),
                (" b ", "bold $chip-text on $chip"),
                (
                    f" to open a fresh browser{'' if narrow else ' that uses the proxy'}\n",
                    "$foreground",
                ),
            ]
        if self.found:
            above = Content.assemble(*parts, "\n")
            return Content.assemble(above, *self._reasons(above))
        parts.append((f"\n{self._promise}", "$quiet"))
        if proxy is not None and reverse is None:
            styles = cycle(("$quiet", "bold $foreground"))
            localhost = _LOCALHOST if self.opens_browsers else _LOCALHOST_WITHOUT_KEY
            parts += ["\n\n", *zip(localhost, styles, strict=False)]
        if self.recording.ca is not None:
            parts += [
                ("\n\nHTTPS needs the proxy's certificate authority: ", "$quiet"),
                ("cookietrace ca", "bold $foreground"),
                (" shows how to trust it.", "$quiet"),
                (
                    _TRUSTS if self.opens_browsers else "",
                    "$quiet",
                ),
            ]
        return Content.assemble(*parts)

    def _reasons(self, above: Content) -> Iterator[str | tuple[str, str]]:
        """Yield why nothing comes, as far as there is room below what is there."""
        width, height = self.content_size
        room = height - above.plain.count("\n")
        cells, lead = width - _LABEL, " " * _LABEL
        told = set()
        for index, advice in enumerate(self.found):
            what = fit(shown(advice.what), cells, 3)
            new = advice.fix and advice.fix not in told
            fix = fit(f"Fix: {shown(advice.fix)}", cells, 2) if new else ()
            told.add(advice.fix)
            room -= len(what) + len(fix)
            if index and room < 0:
                break
            yield f"{f'{advice.sure}:':<{_LABEL}}", "$quiet"
            yield f"\n{lead}".join(what) + "\n", "$foreground"
            yield from ((f"{lead}{line}\n", "bold $foreground") for line in fix)
        if room > 1:
            yield "\n"
            yield self.doctor, "bold $foreground"
            yield " says more.", "$quiet"
