"""The dialogs, one per file. Each returns what the user chose, or None."""
