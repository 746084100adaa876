"""A real Chromium judges the cookie engine and the fold: scenarios, a runner, a score."""
