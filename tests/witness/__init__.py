"""The witness: its record, its secret, and what it says of Flask apps."""
