"""Tests of the journal: events in order, outages, losses, and what no recording holds."""
