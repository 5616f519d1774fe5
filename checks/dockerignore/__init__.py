"""Checks whose primary location is a `.dockerignore` file."""
