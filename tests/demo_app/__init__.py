"""Tests of the demo app: its lessons, and the process that serves them."""
