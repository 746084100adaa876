"""A real Chromium as the oracle for the cookie engine and the fold: scenarios, runner, score."""
