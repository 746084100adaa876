"""Mode 2, the execution sample: the source of the view that answered, as its witness saw it run."""

from __future__ import annotations

from collections import defaultdict

from rich.cells import cell_len

from cookietrace.events import Server
from cookietrace.lesson.words import quoted_text, shown
from cookietrace.safe_text import safe, safe_lines
from tui.fit import cut
from tui.help_data import HelpData
from tui.modes.page import Page, PageScreen


class SampleScreen(PageScreen):
    """The view's source, the lines that ran marked, values and cookies beside their lines."""

    KEY = "2"
    NAME = "Code"
    TITLE_TEXT = "Execution sample"
    GUIDE = HelpData(
        title="Execution sample",
        text=(
            "The source of the view that answered the selected request, as the app's own witness "
            "reported it. ▶ marks the lines that ran; beside them stand the values that local "
            "variables took there, and the cookies that were read (↑) and set (●)."
        ),
        keys=(("↑ ↓ PgUp PgDn", "scroll"), ("← →", "the step before, the step after")),
    )

    def write(self, page: Page) -> None:
        """Show the source, or say how to get it."""
        exchange = self.story.exchange
        if exchange is None:
            page.line(("", ""))
            page.line(
                ("  No request yet. With the first one, the view that answers it is shown.", "")
            )
            return
        part = exchange.request
        page.line(("", ""))
        page.line(
            (f"  {shown(part.method)} {cut(shown(part.url), page.width - 12)}", "bold $foreground")
        )
        server = exchange.server
        if server is None or server.source is None:
            self._without(page, server)
        else:
            self._source(page, server, server.source)

    def _without(self, page: Page, server: Server | None) -> None:
        page.line(("", ""))
        if server is not None and server.function is None and not server.dropped:
            page.line(("  The app answered without calling a view.", "$foreground"))
        elif server is not None:
            page.line(("  The view's source was left out of the witness's report.", "$foreground"))
        else:
            page.line(
                ("  The app that answered has no witness, so its code is not known.", "$foreground")
            )
            page.line(("", ""))
            page.line(("  In a Flask app on this machine two lines add one:", "$quiet"))
            page.line(("", ""))
            page.line(("      from cookietrace.witness.flask import witness", "bold $foreground"))
            page.line(("      witness(app)", "bold $foreground"))
            page.line(("", ""))
            page.line(
                ("  It is on in development only, and answers only requests that come ", "$quiet"),
            )
            page.line(("  through the proxy.", "$quiet"))
        for line in self._touched(server) if server is not None else ():
            page.line((f"  {line}", "$foreground"))

    def _touched(self, server: Server) -> list[str]:
        mask = self.story.mask
        lines = []
        for read in server.reads:
            found = "None" if read.value is None else quoted_text(mask(read.value))
            lines.append(f"↑ {safe(read.where)} read {quoted_text(read.name)}: {found}")
        for write in server.writes:
            value = "deleted" if write.value is None else quoted_text(mask(write.value))
            lines.append(f"● {safe(write.where)} set {quoted_text(write.name)}: {value}")
        return lines

    def _source(self, page: Page, server: Server, source: str) -> None:
        where = f"{safe(server.file or '')}" + (
            f":{server.first_line}" if server.first_line is not None else ""
        )
        page.line((f"  {safe(server.function or 'view')}", "$foreground"), (f"  {where}", "$quiet"))
        page.line(("", ""))
        lines = safe_lines(source.rstrip("\n"))
        first = server.first_line or 1
        ran = frozenset(server.lines)
        notes = self._notes(server)
        width = min(max(map(cell_len, lines), default=0), max(30, page.width - 40))
        for number, line in enumerate(lines, first):
            did = number in ran
            parts = [
                (f"  {'▶' if did else ' '} {number:>4}  ", "bold $foreground" if did else "$quiet"),
                (f"{cut(line, width):<{width}}", "$foreground" if did else "$quiet"),
            ]
            room = page.width - 9 - width - 4
            for i, (text, style) in enumerate(notes.get(number, ())):
                if i == 0:
                    page.line(*parts, (f"   {cut(text, room)}", style))
                else:
                    page.line((f"{'':<{9 + width}}   {cut(text, room)}", style))
            if number not in notes:
                page.line(*parts)
        elsewhere = notes.get(None, ())
        if elsewhere:
            page.line(("", ""))
            page.line(("  Outside the view", "bold $foreground"))
            for text, style in elsewhere:
                page.line((f"    {cut(text, page.width - 6)}", style))
        if server.error is not None:
            page.line(("", ""))
            text = f"  ‼ {safe(server.error.kind)}: {safe(server.error.message)}"
            page.line((cut(text, page.width - 2), "$refused"))

    def _notes(self, server: Server) -> dict[int | None, list[tuple[str, str]]]:
        """Return what to say beside each line; under None, what has no line."""
        mask = self.story.mask
        notes: dict[int | None, list[tuple[str, str]]] = defaultdict(list)
        for read in server.reads:
            if read.where == "session" and read.value is None:
                continue  # the framework's own search, which says nothing of the app
            value = "None" if read.value is None else quoted_text(mask(read.value))
            lead = "" if read.line is not None else f"{safe(read.where)}: "
            tone = "$quiet" if read.value is None else "$sent"
            notes[read.line].append(
                (f"↑ {lead}reads cookie {quoted_text(read.name)}: {value}", tone)
            )
        for write in server.writes:
            lead = "" if write.line is not None else f"{safe(write.where)}: "
            name = quoted_text(write.name)
            if write.value is None:
                told = f"● {lead}deletes cookie {name}"
            else:
                told = f"● {lead}sets cookie {name} to {quoted_text(mask(write.value))}"
            notes[write.line].append((told, "$changed"))
        for local in server.locals:
            value = safe(local.value)
            if local.text is not None and self.story.masked:
                value = quoted_text(mask(local.text))
            notes[local.line].append((f"{safe(local.name)} = {value}", "$foreground"))
        return notes
