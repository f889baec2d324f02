"""What facts mean together: contexts, event loop, regions, effects. Computed from facts; enters no other service."""
