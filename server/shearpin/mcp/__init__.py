"""Reserved for tools of coding agents; empty so far."""
