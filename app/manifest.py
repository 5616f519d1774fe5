"""The App's manifest, `app.yml`: what a new App asks for, and what an existing one should have.

https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import cast

from ruamel.yaml import YAML

from checks.record import Record

TO_COMMIT = {"contents": "write", "workflows": "write"}
"""What committing fixes takes besides, which an owner may choose to grant: without the second, GitHub refuses
every commit that touches a workflow."""
_LONGEST_NAME = 34
"""Characters of an App's name."""


class Manifest(Record):
    """What `app.yml` says."""

    values: Mapping[str, object]

    @property
    def permissions(self) -> Mapping[str, str]:
        return cast("Mapping[str, str]", self.values["default_permissions"])

    @property
    def events(self) -> frozenset[str]:
        return frozenset(cast("list[str]", self.values["default_events"]))

    def of(self, public_url: str, owner: str, *, commits: bool) -> Mapping[str, object]:
        """The manifest of a new App that is reached at `public_url`.

        `owner`: the organisation that is to own it; empty for the account of whoever registers it, who then
        names it on GitHub's page. `commits`: whether it may commit fixes.
        """
        name = self.values["name"]
        return {
            **self.values,
            "name": f"{name} {owner}"[:_LONGEST_NAME] if owner else name,
            "hook_attributes": {"url": f"{public_url}/webhook", "active": True},
            "redirect_url": f"{public_url}/setup",
            "default_permissions": {**self.permissions, **(TO_COMMIT if commits else {})},
        }


@cache
def manifest() -> Manifest:
    """The one that this release comes with."""
    return Manifest(YAML(typ="safe", pure=True).load(files("app").joinpath("app.yml").read_text("utf-8")))
