"""Rules of the pack retries."""
