"""Mode 4, the variable tracker: what each variable was worth after each step."""
