"""What browsers say of verdicts."""
