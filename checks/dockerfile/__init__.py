"""Checks whose primary location is a Dockerfile."""
