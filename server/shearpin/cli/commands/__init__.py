"""One command a file. A module's `command` is the click command; everything it needs is imported when it runs."""
