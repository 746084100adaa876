"""The commands of ``cookietrace``: one file a family."""
