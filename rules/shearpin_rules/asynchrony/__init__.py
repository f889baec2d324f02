"""Rules of the pack asynchrony."""
