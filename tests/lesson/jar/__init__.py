"""The jar as the lesson room tells it."""
