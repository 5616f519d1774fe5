"""Checks whose primary location is a script, or a command wherever it stands."""
