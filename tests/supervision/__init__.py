"""Tests of cookietrace.supervision."""
