"""The kinds of question of the quiz."""
