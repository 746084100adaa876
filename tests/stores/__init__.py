"""Tests of cookietrace.stores."""
