"""Tests of `cookietrace/cutting/`."""
