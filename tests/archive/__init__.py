"""Tests of what a trace packs."""
