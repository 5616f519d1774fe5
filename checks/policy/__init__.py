"""Checks whose primary location is a Sigstore `ClusterImagePolicy`."""
