"""Rules of the pack timeouts."""
