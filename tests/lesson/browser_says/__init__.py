"""What browsers say about verdicts."""
