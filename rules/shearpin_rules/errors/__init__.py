"""Rules of the pack errors."""
