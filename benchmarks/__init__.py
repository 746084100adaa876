"""What is claimed of speed, measured: one runnable module a claim."""
