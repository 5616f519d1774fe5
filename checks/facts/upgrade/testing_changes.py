"""What newer releases of actions change for steps that scan, lint and report on tests."""

from __future__ import annotations

from checks.facts.upgrade.change import Ask, Change
from checks.regex import regex

_REPORT = regex(r"\bresults\.(?:sarif|json)\b")


CHANGES = (
    # https://github.com/anchore/scan-action/releases/tag/v6.0.0
    Change(
        "anchore/scan-action",
        (6,),
        Ask(
            "is `output-file` given: since version 6 `anchore/scan-action` writes its report to another place than `results.sarif` or `results.json`"
        ),
        lambda use: use.lacks("output-file") and use.is_named_in_job(_REPORT),
    ),
    # https://github.com/codecov/codecov-action#breaking-changes
    Change(
        "codecov/codecov-action",
        (4,),
        Ask(
            "has the step a token (`token`, `CODECOV_TOKEN`, or `use_oidc: true`): since version 4 `codecov/codecov-action` uploads without one from forks of public repositories alone, unless the organization lets all upload"
        ),
        lambda use: use.lacks("token") and "CODECOV_TOKEN" not in use.action.scalar.text.content,
    ),
    # https://github.com/codecov/codecov-action#usage
    Change(
        "codecov/codecov-action",
        (5,),
        Ask(
            "has the job's container `bash`, `curl`, `git` and `gpg`, without which `codecov/codecov-action` fails since version 5"
        ),
        lambda use: use.is_in_container,
    ),
    # https://github.com/dorny/test-reporter/releases/tag/v2.0.0
    Change(
        "dorny/test-reporter",
        (2,),
        Ask(
            "does nothing wait for the check that `name` names: since version 2 `dorny/test-reporter` writes the summary of the run, and makes a check only where it is told `use-actions-summary: false`"
        ),
        lambda use: use.lacks("use-actions-summary"),
    ),
    # https://github.com/terraform-linters/setup-tflint/pull/324
    Change(
        "terraform-linters/setup-tflint",
        (5,),
        Ask(
            "may the job fail where TFLint finds something: since version 5 the wrapper of `terraform-linters/setup-tflint` fails for warnings, too, unless TFLint is told `--minimum-failure-severity=error`"
        ),
        lambda use: use.written("tflint_wrapper") not in ("", "false"),
    ),
)
"""By action; of one action in the order in which they are told."""
