"""Rules of the pack messaging."""
