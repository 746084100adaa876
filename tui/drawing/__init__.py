"""Text, rows and pictures in cells: pure functions of what they draw."""
