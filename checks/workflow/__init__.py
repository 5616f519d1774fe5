"""Checks whose primary location is a workflow or a composite action."""
