"""The chain: the way of each image through the files, from its Dockerfile to what runs and what expires it."""

from checks.chain.chain import images_in, touched
from checks.chain.links import Image, Kind, Link, State

__all__ = ["Image", "Kind", "Link", "State", "images_in", "touched"]
