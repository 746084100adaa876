"""The terminal front end, driven as a person drives it, over real captures."""
