"""Checks of shell scripts, and of commands wherever they stand."""
