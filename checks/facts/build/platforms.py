"""Platforms of builds, of which one may be written in several ways."""

from __future__ import annotations

_ARCHITECTURES = {
    "aarch64": "arm64",
    "armel": "arm/v6",
    "armhf": "arm/v7",
    "i386": "386",
    "x86-64": "amd64",
    "x86_64": "amd64",
}
_USUAL = {"amd64/v1": "amd64", "arm": "arm/v7", "arm64/8": "arm64", "arm64/v8": "arm64"}
"""The variant that is meant where none is written, or that goes without saying."""


def platform_named(written: str) -> str:
    """A platform as builders call it, however it is written: `linux/arm64` for `linux/arm64/v8`, `amd64` as `linux/amd64`.

    https://github.com/containerd/platforms/blob/main/database.go
    """
    system, slash, rest = written.lower().partition("/")
    system, rest = (system, rest) if slash else ("linux", system)
    architecture, slash, variant = rest.partition("/")
    found = f"{_ARCHITECTURES.get(architecture, architecture)}{slash}{variant}"
    return f"{system}/{_USUAL.get(found, found)}"
