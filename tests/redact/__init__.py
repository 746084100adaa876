"""Tests of cookietrace.redact."""
