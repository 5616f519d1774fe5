"""Checks whose primary location is where an image is deployed."""
