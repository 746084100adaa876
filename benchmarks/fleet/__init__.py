"""What a fleet of recorders would need: a simulation, and what it takes from one measured Redis."""
