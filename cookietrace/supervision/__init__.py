"""The processes that cookietrace starts, each of which is guaranteed to end."""
