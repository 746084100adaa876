"""Tests of cookietrace.leaks."""
