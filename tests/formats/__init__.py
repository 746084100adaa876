"""Tests of cookietrace.formats."""
