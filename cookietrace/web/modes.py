"""The nine modes as JSON: one function per mode, each from the board that the screen uses too."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from hashlib import sha256
from itertools import groupby
from typing import Any, Final, NamedTuple

from cookietrace.cookies import Cookie, CookieKey
from cookietrace.fold.exchange import ClientState, Row
from cookietrace.formats.page.drawing import picture
from cookietrace.formats.page.highlighting import highlighted
from cookietrace.lesson.compared.everywhere import TONES, VerdictsEverywhere
from cookietrace.lesson.compared.everywhere import cells as browser_cells
from cookietrace.lesson.compared.everywhere import title as verdict_title
from cookietrace.lesson.cookie_rules import rules_name
from cookietrace.lesson.detail import Siblings, detail
from cookietrace.lesson.focus_choices import client_text
from cookietrace.lesson.jar.board import JarBoard, JarView, state_marks
from cookietrace.lesson.jar.life import LIFE_SIGNS, Scale
from cookietrace.lesson.jar.pane import empty_section, life_section
from cookietrace.lesson.live.boards import LazyBoard
from cookietrace.lesson.modes import (
    FLOW,
    JAR,
    MOMENTS,
    QUIZ,
    SAMPLE,
    SNAPSHOT,
    TABLE,
    TRACKER,
    TRANSCRIPT,
)
from cookietrace.lesson.quiz import KINDS, Question
from cookietrace.lesson.quiz.choice import best_of, suited
from cookietrace.lesson.row_marks import SIGNS, Mark
from cookietrace.lesson.sample import sample
from cookietrace.lesson.sibling_cookies import siblings_of
from cookietrace.lesson.tracker.board import is_of_jar
from cookietrace.lesson.transcript import story_paragraphs
from cookietrace.web import queries
from cookietrace.web.live import SEALED_CODE, TURN, Live, pause
from cookietrace.web.refusals import RefusedError
from cookietrace.web.shapes import Json, place, section, sections, signs

Query = Mapping[str, str]

PATIENCE: Final = 30.0
"""Seconds after which a board that has not caught up with the capture is shown as it is."""

_WRITING: Final = 3.0
"""The same for the texts of key moments: each new request makes them all again."""

MOST_COLUMNS: Final = 60
"""The most columns of the tracker in one response."""

MOST_CELLS: Final = 20_000
"""The most cells of the tracker: of very many variables, only the first are there."""

AROUND: Final = 15
"""How many exchanges the transcript has before and after that of the step."""

LIFE_CELLS: Final = 40
"""The most cells of the line that a cookie's life is drawn as."""

MOST_QUIZZES: Final = 16
"""How many rounds of questions are kept while nothing changes."""

MOST_SEEDS: Final = 1_000_000

MOST_MOMENTS: Final = 300
"""The most key moments in one response; the latest ones."""

MOST_NAMED: Final = 50
"""The most steps that a key moment links to."""

MOST_COOKIES: Final = 500
"""The most cookies of a jar in one response: those that the step concerns, then as listed."""


_COMPARED: Final = 20
"""How many lines, and cookies of a request, are compared between browsers when a step is shown."""


class Board(NamedTuple):
    """What a mode needs, and what makes it."""

    make: Callable[[Live, int, Query], Awaitable[Json]]
    """Gets the step; 0 if there is none."""
    parameters: tuple[str, ...] = ()


async def _caught_up(lazy: LazyBoard[Any]) -> bool:
    """Let a board read all that there is, in turns; False if the traffic is faster."""
    end = time.monotonic() + PATIENCE
    while True:
        turn = time.monotonic() + TURN
        while time.monotonic() < turn:
            if lazy.catch_up():
                return True
        if time.monotonic() > end:
            return False
        await pause()


# --- 1 to 4


async def _flow(live: Live, step: int, query: Query) -> Json:
    del query
    if not step:
        return {"flow": None}
    while not (flow := live.boards.flow.flow(step, 500)).lanes:
        await pause()
    drawn = picture(flow)
    return {
        "flow": {
            "client": flow.client,
            "host": flow.host,
            "action": flow.action,
            "stages": flow.stages,
            "beats": flow.beats,
            "lead": flow.lead,
            "up": flow.up,
            "down": flow.down,
            "stays": [{"mark": stay.mark, "text": stay.line} for stay in flow.stays],
            "not_deleted": flow.not_deleted,
            "jar": flow.jar,
            "lanes": flow.lanes,
        },
        "drawing": drawn.drawing,
        "beside_jar": drawn.jar,
    }


async def _sample(live: Live, step: int, query: Query) -> Json:
    if not step:
        return {"sample": None}
    wanted = queries.number(query, "moment") if "moment" in query else None
    row, exchange = live.table.trace_row(step), live.table.exchange(step)
    shown = sample(exchange, wanted, kind=row.kind, mask=live.table.mask)
    notices = [SEALED_CODE] if live.sealed and exchange.server is not None else shown.notice
    return {
        "sample": {
            "title": shown.title,
            "lines": [
                {
                    "number": line.number,
                    "pieces": [(piece.kind, piece.text) for piece in highlighted(line.text)],
                    "turns": line.turns,
                    "ran": line.ran,
                    "current": line.current,
                    "values": [value.text for value in line.values],
                    "actions": [
                        {"mark": action.mark, "sign": SIGNS[action.mark], "text": action.label}
                        for action in line.actions
                    ],
                }
                for line in shown.lines
            ],
            "moments": shown.moments if shown.lines else 0,
            "moment": shown.moment if shown.lines else 0,
            "elsewhere": shown.elsewhere,
            "notices": notices,
            "advice": shown.advice,
        }
    }


async def _table(live: Live, step: int, query: Query) -> Json:
    if not step:
        return {"sections": [], "browsers": []}
    wrong = live.problems_at(step)
    exchange, row = live.table.exchange(step), live.table.trace_row(step)
    listed = siblings_of(live.trace, exchange) if queries.flag(query, "all") else ()
    found = detail(
        exchange,
        row,
        live.table.mask,
        wrong[0] if wrong else None,
        Siblings(listed, ""),
        live.trace.browser,
    )
    return {
        "sections": sections(found),
        "elsewhere": exchange.request.withheld_elsewhere,
        "browsers": [
            {
                "title": verdict_title(each),
                "cells": [
                    {"who": who, "what": what, "why": why, "basis": basis, "tone": TONES[what]}
                    for who, what, why, basis in browser_cells(each)
                ],
            }
            for each in VerdictsEverywhere(_COMPARED).of_step(live.table, step)
        ],
    }


async def _tracker(live: Live, step: int, query: Query) -> Json:
    whole = await _caught_up(live.boards.tracker)
    board = live.boards.tracker.board
    only_changes = queries.flag(query, "changes")
    most = queries.number(query, "columns", least=1, default=MOST_COLUMNS)
    steps = board.steps(step, only_changes=only_changes)
    first = max(0, len(steps) - min(most, MOST_COLUMNS))
    shown = steps[first:]
    names = board.variables(shown, only_changes=only_changes)
    room = max(1, MOST_CELLS // max(1, len(shown)))
    rows = [board.row(name, shown) for name in names[:room]]
    return {
        "columns": [{"step": at, "heading": board.heading(at)} for at in shown],
        "rows": [
            {
                "name": row.name,
                "jar": is_of_jar(row.name),
                "cells": [row.value(at) for at in shown],
                "changed": [row.changed_at(at) for at in shown],
            }
            for row in rows
        ],
        "before": first,
        "left_out": len(names) - len(rows),
        "complete": whole,
    }


# --- 5 to 8


async def _moments(live: Live, step: int, query: Query) -> Json:
    del step, query
    lazy = live.boards.moments
    whole = await _caught_up(lazy)
    end = time.monotonic() + _WRITING
    while not lazy.board.write(1):
        if time.monotonic() > end:
            whole = False
            break
        await pause()
    found = lazy.board.moments()
    return {
        "complete": whole,
        "moments_count": len(found),
        "moments": [
            {
                "rule": moment.rule,
                "question": moment.question,
                "answer": moment.answer,
                "advice": moment.advice,
                "mark": moment.mark,
                "sign": SIGNS[moment.mark] if moment.mark is not None else "",
                "severity": moment.severity,
                **place(live, moment.row),
                "steps": [place(live, at) for at in moment.steps[:MOST_NAMED]],
                "count": moment.count,
                "host": moment.host,
            }
            for moment in found[-MOST_MOMENTS:]
        ],
    }


async def _quiz(live: Live, step: int, query: Query) -> Json:
    del step
    seed = _seed(query)
    whole = await _caught_up(live.boards.quiz)
    version = live.table, len(live.table)
    found = live.quizzes.get(seed) if live.quizzes_of == version else None
    if found is None:
        found = await _asked(live, seed)
        if live.quizzes_of != version:
            live.quizzes_of = version
            live.quizzes.clear()
        if len(live.quizzes) < MOST_QUIZZES:
            live.quizzes[seed] = found
    return {"seed": seed, "complete": whole, "questions": [_question(one) for one in found]}


async def _asked(live: Live, seed: int) -> tuple[Question, ...]:
    """Return the questions of a round, made in turns."""
    wrong = dict.fromkeys(at for moment in live.found for at in (moment.row, moment.step))
    found: tuple[Question, ...] = ()
    turn = time.monotonic() + TURN
    for so_far in live.boards.quiz.board.asking(seed, first=tuple(wrong)):
        found = so_far
        if time.monotonic() >= turn:
            await pause()
            turn = time.monotonic() + TURN
    return found if seed else best_of(found, suited(len(live.table)), tuple(wrong))


def _seed(query: Query) -> int:
    seed = queries.number(query, "seed", default=0)
    if seed >= MOST_SEEDS:
        raise RefusedError(400, f"seed must be less than {MOST_SEEDS}")
    return seed


def _question(question: Question) -> Json:
    """Return a question without its answer."""
    return {
        "kind": question.kind,
        "step": question.step,
        "label": question.label,
        "prompt": question.prompt,
        "options": [option.text for option in question.options],
        "hint": question.hint,
        "hint_step": question.hint_step,
        "hint_label": question.hint_label,
        "key": _key(question),
    }


def _key(question: Question) -> str:
    """Return what is another if the question or one of its options is."""
    texts = (question.prompt, *(option.text for option in question.options))
    return sha256("\0".join(texts).encode()).hexdigest()[:16]


ANSWER_PARAMETERS: Final = ("kind", "step", "seed", "choice", "key")


def answer(live: Live, query: Query) -> Json:
    """Return whether an option is right, which one is, and why. Raises ``RefusedError``."""
    kind, seed = queries.text_of(query, "kind"), _seed(query)
    step = queries.number(query, "step", least=1)
    choice = queries.number(query, "choice")
    if kind not in KINDS or step > len(live.table):
        raise RefusedError(404, "there is no such question")
    question = live.boards.quiz.board.ask(kind, step, seed)
    key = queries.text_of(query, "key")
    if question is None or _key(question) != key:
        raise RefusedError(409, "the question has changed: reload the quiz")
    if choice >= len(question.options):
        raise RefusedError(400, "there is no such option")
    return {
        "right": question.is_right(choice),
        "choice": choice,
        "correct": question.right,
        "feedback": question.feedback,
        **place(live, step),
    }


async def _snapshot(live: Live, step: int, query: Query) -> Json:
    del query
    whole = await _caught_up(live.boards.snapshot)
    return {
        "complete": whole,
        "lines": [
            {
                "concept": line.concept,
                "text": line.text,
                "count": line.count,
                "first": place(live, line.step),
                "latest": place(live, line.latest),
                "mark": line.mark,
                "sign": SIGNS[line.mark] if line.mark is not None else "",
            }
            for line in live.boards.snapshot.board.lines(step)
        ],
    }


async def _transcript(live: Live, step: int, query: Query) -> Json:
    del query
    trace, count = live.trace, len(live.trace.exchanges)
    here = live.table.exchange(step).number if step else count
    first, last = max(1, here - AROUND), min(count, here + AROUND)
    told = []
    for part in story_paragraphs(trace, first, last, live.table.mask):
        steps: tuple[int, ...] = ()
        if part.number:
            steps = live.table.steps_of(trace.exchanges[part.number - 1].exchange_id)
        told.append(
            {
                "number": part.number,
                "text": part.text,
                "here": bool(step) and part.number == here,
                "continued": part.continued,
                "steps": [place(live, at) for at in steps],
            }
        )
        await pause()
    while not live.opening.update(256):
        await pause()
    return {
        "opening": live.opening.text(),
        "before": first - 1,
        "after": max(0, count - last),
        "paragraphs": told,
    }


# --- 9


async def _jar(live: Live, step: int, query: Query) -> Json:
    whole = await _caught_up(live.boards.jar)
    clients = live.trace.clients
    acting = live.table.exchange(step).request.client_id if step else ""
    wanted = queries.text_of(query, "client") or acting
    state = next((one for one in clients if one.client_id == wanted), None)
    if state is None and "client" in query:
        raise RefusedError(404, "there is no such client")
    listed = [
        {"id": one.client_id, "name": client_text(one), "acts": one.client_id == acting}
        for one in clients
    ]
    if state is None or not step:
        return {"complete": whole, "clients": listed, "client": None}
    return {"complete": whole, "clients": listed, "client": await _client_jar(live, state, step)}


async def _client_jar(live: Live, state: ClientState, step: int) -> Json:
    board, position = live.boards.jar.board, live.table.position(step)
    view = board.view(state.client_id, position, live.table.trace_row(step).index)
    marks = board.marks(state.client_id, step)
    scale = board.life_board.scale(step, position, LIFE_CELLS)
    cookies, gone = [], []
    for cookie in _most_of(view.cookies, marks):
        own = signs(state_marks(cookie, marks.get(cookie.key, frozenset())))
        cookies.append({**_cookie(board, live, view, cookie, position, scale), "signs": own})
        await pause()
    for one in view.gone:
        made = _cookie(board, live, view, one.cookie, position, scale)
        gone.append({**made, "how": one.how, "step": one.step, "where": one.where})
        await pause()
    return {
        "id": state.client_id,
        "name": client_text(state),
        "profile": rules_name(state.profile, state.version),
        "cookies": cookies,
        "cookies_count": len(view.cookies),
        "gone": gone,
        "refused": [_refused(board, live, row) for row in view.refused],
        "refused_count": view.refused_count,
        "empty": None if view.cookies else section(empty_section(board, view, position)),
    }


def _most_of(
    cookies: Sequence[Cookie], marks: Mapping[CookieKey, frozenset[Mark]]
) -> Sequence[Cookie]:
    """Return as many cookies as a response has, in their order; all that a step concerns first."""
    if len(cookies) <= MOST_COOKIES:
        return cookies
    chosen = sorted(cookies, key=lambda cookie: cookie.key not in marks)[:MOST_COOKIES]
    kept = {cookie.key for cookie in chosen}
    return [cookie for cookie in cookies if cookie.key in kept]


def _cookie(
    board: JarBoard, live: Live, view: JarView, cookie: Cookie, position: int, scale: Scale
) -> Json:
    row = board.row(cookie, view.now)
    line = board.life_board.line(view.client_id, cookie.key, scale)
    runs = groupby(map(LIFE_SIGNS.__getitem__, line), key=lambda sign: sign[1])
    return {
        "name": row.name,
        "value": row.value,
        "domain": row.domain,
        "path": row.path,
        "expires": row.expires,
        "secure": row.secure,
        "http_only": row.http_only,
        "same_site": row.same_site,
        "partition": row.partition,
        "size": None if live.redacted else row.size,
        "state": row.state,
        "life": section(life_section(board, view, position, cookie)),
        "line": [{"mark": mark, "text": "".join(sign for sign, _ in run)} for mark, run in runs],
    }


def _refused(board: JarBoard, live: Live, row: Row) -> Json:
    refused = board.refusal(row)
    step, where = board.refused_at(row)
    return {
        "name": refused.name,
        "value": refused.value,
        "host": refused.host,
        "sentence": refused.sentence,
        "fix": refused.fix,
        "section": refused.section,
        "code": refused.code,
        "mark": Mark.REFUSED,
        "sign": SIGNS[Mark.REFUSED],
        "step": step,
        "label": live.table.label(step) if step else "",
        "where": where,
    }


BOARDS: Final[Mapping[str, Board]] = {
    FLOW.slug: Board(_flow),
    SAMPLE.slug: Board(_sample, ("moment",)),
    TABLE.slug: Board(_table, ("all",)),
    TRACKER.slug: Board(_tracker, ("changes", "columns")),
    MOMENTS.slug: Board(_moments),
    QUIZ.slug: Board(_quiz, ("seed",)),
    SNAPSHOT.slug: Board(_snapshot),
    TRANSCRIPT.slug: Board(_transcript),
    JAR.slug: Board(_jar, ("client",)),
}
"""By the slug of the mode."""
