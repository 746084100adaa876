"""What browsers say about themselves: their logs, and the exchanges that are meant."""
