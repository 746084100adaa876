"""Real browsers and real clients, through the real proxy, to real apps."""
