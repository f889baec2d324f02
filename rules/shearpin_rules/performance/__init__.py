"""Rules of the pack performance."""
