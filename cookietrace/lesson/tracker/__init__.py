"""Mode 4, the variable tracker: the value of each variable after each step."""
