"""The variable tracker as the lesson room tells it."""
