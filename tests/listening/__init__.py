"""What browsers say of themselves: their logs, and the exchanges that are meant."""
