"""What is claimed of speed and memory, measured: ``python -m benchmarks`` runs all of it."""
