"""Actions that have moved to another repository, under which their newer releases come."""

from __future__ import annotations

from collections.abc import Mapping

NEW_NAMES: Mapping[str, str] = {
    "crazy-max/ghaction-docker-meta": "docker/metadata-action",  # https://github.com/docker/metadata-action/pull/75
    "google-github-actions/release-please-action": "googleapis/release-please-action",
    # https://github.com/google-github-actions/release-please-action?tab=readme-ov-file#migration
}
"""By the former name, in lower case."""
