"""Runs rules and turns their verdicts into findings: settings, suppression, identity. Does no input or output."""
