"""Mode 9, the cookie jar: what a client held, lost and refused, and the life of each cookie."""
