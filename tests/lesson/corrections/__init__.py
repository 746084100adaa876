"""What a Set-Cookie should have been, and how frameworks write it."""
