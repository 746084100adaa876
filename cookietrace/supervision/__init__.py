"""The processes that cookietrace starts, and how each of them is sure to end."""
