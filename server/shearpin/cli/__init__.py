"""The front end for terminals. Imports click when a command runs, rich on a terminal only, the server never."""
