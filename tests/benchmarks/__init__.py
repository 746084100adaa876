"""Tests of what the benchmarks compute, beside what they measure."""
