"""Rules of the pack contracts."""
