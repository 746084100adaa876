"""Asks what the next step will do before it is shown."""

from __future__ import annotations

from tui.app.host import Host
from tui.app.stepping import Stepping
from tui.dialogs.predict import PredictDialog, PredictResult
from tui.state.story import Story


class Predicting:
    """Steps as ``Stepping`` does, with a question first while predicting is on."""

    def __init__(self, host: Host, story: Story, stepping: Stepping) -> None:
        self._host = host
        self._story = story
        self._stepping = stepping

    def toggle(self) -> None:
        """Turn predicting on or off."""
        story = self._story
        story.predicting = not story.predicting
        if story.predicting:
            self._host.notify("Predicting: → asks what the next step will do.", timeout=3)
            self._prepare()
        else:
            self._host.notify("Predicting is off: → shows the next step.", timeout=3)
        screen = self._host.ready_screen
        if screen is not None:
            screen.show_story()

    def _prepare(self) -> None:
        """Let the quiz board read the whole trace, bit by bit, before it has to ask."""
        if self._story.predicting and not self._story.boards.quiz.catch_up():
            self._host.set_timer(0.001, self._prepare)

    def step(self, by: int) -> None:
        """Move by ``by`` steps; while predicting, ask before moving one step forward."""
        story = self._story
        step = story.step + by
        if by == 1 and story.predicting and not story.playing.on and step <= story.count:
            quiz = story.boards.quiz
            question = quiz.board.predict(step) if quiz.catch_up() else None
            if question is not None:
                screen = self._host.ready_screen
                hide = screen is None or screen.SHOWS_LATER_STEPS
                dialog = PredictDialog(question, story.score, hide=hide)
                self._host.ask(dialog, lambda result: self._asked(step, result))
                return
        self._stepping.step(by)

    def _asked(self, step: int, result: PredictResult | None) -> None:
        if result is None:
            self._stepping.go_to(step)
        elif result is PredictResult.NEXT:
            self.step(1)
