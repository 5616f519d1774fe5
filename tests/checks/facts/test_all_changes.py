"""Moves of actions of which no table says anything."""

from __future__ import annotations

import pytest

from checks.facts.upgrade.all_changes import why_held
from tests.checks.upgrades import check_questions, move


@pytest.mark.parametrize(
    ("uses", "inputs"),
    [
        ("acme/nothing@v1", "install: true"),
        ("azure/login@v1", "creds: x"),
        ("azure/setup-helm@v3", "version: v3.12.0"),
        ("Azure/cli@v1", "inlineScript: az account show"),
        ("google-github-actions/deploy-cloudrun@v2", "service: web"),
        ("msys2/setup-msys2@v2.26.0", "update: true"),
        ("mikepenz/action-junit-report@v4", "report_paths: '**/*.xml'"),
    ],
)
def test_a_move_that_changes_nothing_asks_nothing(uses: str, inputs: str) -> None:
    check_questions(move(uses, inputs), [])


@pytest.mark.parametrize(
    ("uses", "inputs", "why"),
    [
        ("8398a7/action-slack@v3", "{status: custom}", "archived"),
        ("actions/create-release@v1", "{tag_name: v1.0.0}", "archived"),
        ("actions-rs/toolchain@v1", "{toolchain: stable}", "archived"),
        ("EndBug/label-sync@v2", "{config-file: labels.yml}", "look for one"),
        (
            "bufbuild/buf-setup-action@v1",
            "{version: 1.45.0}",
            "`bufbuild/buf-action` with `setup_only: true`",
        ),
        ("bufbuild/buf-action@v1.3.0", "{setup_only: true}", ""),
        ("codecov/test-results-action@v1", "{token: x}", "`report_type: test_results` took its place"),
        ("tibdex/github-app-token@v2", "{app_id: x}", "`actions/create-github-app-token` took its place"),
        ("ruby/setup-ruby@v1.200.0", "{bundler-cache: true}", ""),
    ],
)
def test_what_is_left_behind_waits_for_another_action(uses: str, inputs: str, why: str) -> None:
    held = why_held(move(uses, inputs))
    assert why in held if why else not held
