"""Checks whose primary location may be in a file of any kind."""
