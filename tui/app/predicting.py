"""The actions of the app that ask what a step will do before they show it, and keep the score."""

from __future__ import annotations

from textual import on

from tui import messages
from tui.app.stepping import SteppingApp
from tui.dialogs.predict import Left, PredictDialog


class PredictingApp(SteppingApp):
    """The part of the app that lets a person predict."""

    def action_predict(self) -> None:
        """Ask before each step on, or no longer."""
        story = self.story
        story.predicting = not story.predicting
        if story.predicting:
            self.notify("→ asks now what the next step will do, before it shows it.", timeout=3)
            self._look_ahead()
        else:
            self.notify("→ shows the next step at once again.", timeout=3)
        screen = self.mode_screen
        if screen is not None and screen.ready:
            screen.show_story()

    def _look_ahead(self) -> None:
        """Let the board see the whole trace, bit by bit, before it is asked for anything."""
        if self.story.predicting and not self.story.boards.quiz.catch_up():
            self.set_timer(0.001, self._look_ahead)

    def action_step(self, by: int) -> None:
        """Go a step back or on; with predictions, ask before going on."""
        story = self.story
        step = story.step + by
        if by == 1 and story.predicting and not story.playing.on and step <= story.count:
            kept = story.boards.quiz
            question = kept.board.predict(step) if kept.catch_up() else None
            if question is not None:
                screen = self.mode_screen
                hide = screen is None or screen.TELLS_AHEAD
                dialog = PredictDialog(question, story.score, hide=hide)
                self.push_screen(dialog, lambda left: self._predicted(step, left))
                return
        super().action_step(by)

    def _predicted(self, step: int, left: Left | None) -> None:
        if left is None:
            self.stand_at(step)
        elif left is Left.ON:
            self.action_step(1)

    @on(messages.QuizAnswered)
    def _quiz_answered(self, event: messages.QuizAnswered) -> None:
        self.story.score = self.story.score.plus(event.right)
        screen = self.mode_screen
        if screen is not None and screen.ready:
            screen.refresh_bars()
