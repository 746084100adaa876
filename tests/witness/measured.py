"""Asks the witness under a coverage tool: both must see the view's lines. Run as a program."""

from __future__ import annotations

import coverage


def main() -> None:
    """Print how many lines the witness reported, and whether the tool measured all of them."""
    measuring = coverage.Coverage(data_file=None, config_file=False)
    measuring.start()
    from cookietrace.witness.flask import witness  # measured from its import
    from tests.witness import asking, flask_app

    app = flask_app.make_app()
    witness(app, secret=asking.SECRET)
    reported = {line for _ in range(2) for line in asking.ask(app, "/")[1].lines}
    measuring.stop()
    _, _, _, missing, _ = measuring.analysis2(flask_app)
    print(len(reported), "lines reported and", "missed" if reported & {*missing} else "measured")


if __name__ == "__main__":
    main()
