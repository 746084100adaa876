"""Mode 1, the concept flow: the seven stages of a cookie, with the selected step's lit."""

from __future__ import annotations

from typing import Final

from cookietrace.fold.exchange import Exchange, RowKind
from cookietrace.lesson.content import response_content
from cookietrace.lesson.words import pair, plural, quoted_text, shown
from cookietrace.safe_text import safe
from tui.fit import fit
from tui.help_data import HelpData
from tui.modes.page import Page, PageScreen

STAGES: Final = (
    ("client", "Client sends request"),
    ("server", "Server reads cookies"),
    ("server", "Server processes"),
    ("server", "Server sets cookies"),
    ("server", "Response sent with Set-Cookie"),
    ("client", "Client stores cookies"),
    ("client", "Next request includes them"),
)
"""Where each stage happens, and its name."""


class FlowScreen(PageScreen):
    """The stages one below the other; what happens at the server stands at the right."""

    KEY = "1"
    NAME = "Flow"
    TITLE_TEXT = "Concept flow"
    GUIDE = HelpData(
        title="Concept flow",
        text=(
            "The seven stages that a cookie goes through, the client's at the left, the server's "
            "at the right, with the values of the selected step. Bright stages are those that the "
            "step shows: a request's row the first five, a storing or refusing row the sixth. The "
            "seventh is bright where the step is a request that brings cookies back."
        ),
        keys=(("← →", "the step before, the step after"), ("↑ ↓", "scroll")),
    )

    def write(self, page: Page) -> None:
        """Draw the stages with the selected step's values."""
        exchange = self.story.exchange
        half = page.width // 2
        airy = self.size.height >= 36
        if airy:
            page.line(("", ""))
        page.line((f"  {'CLIENT':<{half}}", "bold $foreground"), ("SERVER", "bold $foreground"))
        if airy:
            page.line(("", ""))
        if exchange is None:
            for number, (side, name) in enumerate(STAGES, 1):
                indent = 2 if side == "client" else half + 2
                page.line((f"{'':<{indent}}{number}  {name}", "$quiet"))
                page.line(("", ""))
            page.line(("  The stages fill with values when the first request comes.", "$quiet"))
            return
        lit = self._lit(exchange)
        for number, (side, name) in enumerate(STAGES, 1):
            bright = number in lit
            if number == min(lit):
                page.here()
            indent = 2 if side == "client" else half + 2
            sign = "▶" if bright else " "
            style = "bold $foreground" if bright else "$quiet"
            page.line((f"{'':<{indent}}{sign} {number}  {name}", style))
            for text, tone in self._values(exchange, number):
                for line in fit(text, max(20, page.width - indent - 8), 3):
                    page.line((f"{'':<{indent}}     {line}", tone if bright else "$quiet"))
            if page.width >= 60 and number in (1, 5):
                bar = "─" * (half - 14)
                way = f"{'':<8}{bar}▶" if number == 1 else f"{'':<8}◀{bar}"
                page.line((way, "$foreground" if bright else "$quiet"))
            elif airy:
                page.line(("", ""))

    def _lit(self, exchange: Exchange) -> frozenset[int]:
        """Return the numbers of the stages that the selected step shows."""
        row = self.story.table.trace_row(self.story.step)
        if row.kind is not RowKind.EXCHANGE:
            return frozenset({6})
        stages = {1}
        if exchange.request.cookies:
            stages.add(7)
        if exchange.response is not None or exchange.server is not None:
            stages |= {2, 3}
        if exchange.response is not None:
            stages.add(5)
            if exchange.response.set_cookies:
                stages.add(4)
        return frozenset(stages)

    def _values(self, exchange: Exchange, stage: int) -> list[tuple[str, str]]:
        """Return what to say at a stage, with its style."""
        story, part = self.story, exchange.request
        response, server = exchange.response, exchange.server
        if stage == 1:
            cookies = story.table.request_cell(exchange)
            style = "$sent" if part.cookies else "$quiet"
            return [
                (f"{shown(part.method)} {shown(part.url)}", "$foreground"),
                (f"Cookie: {cookies}" if part.cookies else "no Cookie header", style),
            ]
        if stage == 2:
            return [(story.table.read_cell(exchange), "$foreground")]
        if stage == 3:
            if server is None or server.function is None:
                return [("what it does inside is not known: no witness", "$quiet")]
            return [(f"{safe(server.function)}() · {plural(len(server.lines), 'line')} ran", "")]
        if stage == 4:
            if server is None:
                return [(story.table.set_cell(exchange), "$changed")]
            return [
                (
                    f"{quoted_text(write.name)}: "
                    + ("deleted" if write.value is None else quoted_text(story.mask(write.value))),
                    "$changed",
                )
                for write in server.writes
            ] or [("none", "$quiet")]
        if stage == 5:
            if response is None:
                return [(response_content(exchange), "$quiet")]
            status = (
                f"{response.status_code} {shown(response.reason)} · {response_content(exchange)}"
            )
            return [(status, "$foreground"), *self._set_cookies(exchange)]
        if stage == 6:
            return self._stored(exchange)
        names = ", ".join(pair(told.name, told.value, story.mask) for told in part.cookies)
        return (
            [(f"↑ this request brought {names}", "$sent")]
            if names
            else [("this request brought none", "$quiet")]
        )

    def _set_cookies(self, exchange: Exchange) -> list[tuple[str, str]]:
        response = exchange.response
        return [
            (
                "Set-Cookie: "
                + (
                    pair(result.name, result.value, self.story.mask)
                    if self.story.masked
                    else shown(result.raw)
                ),
                "$changed",
            )
            for result in (response.set_cookies if response is not None else ())
        ]

    def _stored(self, exchange: Exchange) -> list[tuple[str, str]]:
        response = exchange.response
        told = []
        for result in response.set_cookies if response is not None else ():
            named = pair(result.name, result.value, self.story.mask)
            if result.reasons:
                told.append((f"✗ refuses {named}: {shown(result.reasons[0].sentence)}", "$refused"))
            else:
                told.append((f"● {result.outcome.value} {named}", "$changed"))
        return told or [("nothing to store", "$quiet")]
