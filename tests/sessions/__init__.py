"""What is inside session cookies and tokens."""
