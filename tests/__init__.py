"""The tests mirror the rooms; e2e drives a real browser through all of them."""
