"""Text, tables and pictures in terminal cells. Nothing here knows the state or a widget."""
