"""What newer releases of actions change for steps that scan, lint and report on tests."""

from __future__ import annotations

from checks.facts.code_span import code
from checks.facts.project.npm_ranges import extent
from checks.facts.upgrade.change import Ask, Change, Hold
from checks.facts.upgrade.upgrades import Upgrade
from checks.regex import regex

_CYPRESS = (10, 0, 0)
"""The first Cypress that newer releases of `cypress-io/github-action` are for."""
_REPORT = regex(r"\bresults\.(?:sarif|json)\b")


def _older_cypress(upgrade: Upgrade) -> str:
    """Why the step can't move: the project asks for no Cypress but older ones."""
    found = extent(upgrade.cypress) if upgrade.cypress else None
    return (
        f"newer releases of `cypress-io/github-action` are for Cypress 10 and newer, and `package.json` asks for {code(upgrade.cypress)}: "
        "move Cypress first"
        if found is not None and found[1] <= _CYPRESS
        else ""
    )


def _may_be_older_cypress(upgrade: Upgrade) -> bool:
    found = extent(upgrade.cypress) if upgrade.cypress else None
    return found is None or (found[0] < _CYPRESS[:1] and found[1] > _CYPRESS)


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
    # https://github.com/coverallsapp/github-action/blob/v2.3.8/action.yml
    Change(
        "coverallsapp/github-action",
        (2,),
        Ask(
            "is `./coverage/lcov.info` the only report there: since version 2 `coverallsapp/github-action` looks for reports itself where neither `file` nor `files` names one"
        ),
        lambda use: use.lacks("path-to-lcov") and use.written("parallel-finished") != "true",
    ),
    Change(
        "coverallsapp/github-action",
        (2,),
        Ask(
            "has the job's container `bash` and `curl`, without which `coverallsapp/github-action` fails since version 2"
        ),
        lambda use: use.is_in_container,
    ),
    Change(
        "coverallsapp/github-action",
        (2,),
        Ask(
            "does nothing read `coveralls-api-result`, which `coverallsapp/github-action` does not give since version 2"
        ),
        lambda use: "coveralls-api-result" in use.action.scalar.text.content,
    ),
    # https://github.com/cypress-io/github-action#compatibility
    Change("cypress-io/github-action", (6,), Hold(_older_cypress)),
    Change(
        "cypress-io/github-action",
        (6,),
        Ask(
            "is Cypress version 10 or newer: newer releases of `cypress-io/github-action` are for no older one"
        ),
        _may_be_older_cypress,
    ),
    # https://github.com/DavidAnson/markdownlint-cli2-action/releases
    Change(
        "davidanson/markdownlint-cli2-action",
        (24,),
        Ask(
            "do the files hold on the newer rules of markdownlint that each major version of `DavidAnson/markdownlint-cli2-action` brings"
        ),
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
    # https://github.com/helm/chart-testing-action/blob/v2.0.0/README.md
    Change(
        "helm/chart-testing-action",
        (2,),
        Hold(
            "since version 2 `helm/chart-testing-action` installs `ct` and runs nothing: run `ct` in a step of its own along with the move"
        ),
        lambda use: use.has("command"),
    ),
    # https://www.jetbrains.com/help/qodana/2026.2/update-qodana.html
    Change(
        "jetbrains/qodana-action",
        (2026, 2),
        Ask(
            "may the analysis be that of Qodana 2026.2, with all that it finds: `JetBrains/qodana-action` runs the linters of its own version where `qodana.yaml` names no image of another"
        ),
    ),
    # https://github.com/SonarSource/sonarqube-scan-action#skipsignatureverification
    Change(
        "sonarsource/sonarqube-scan-action",
        (8,),
        Ask(
            "are `gpg` and `dirmngr` there, by which `SonarSource/sonarqube-scan-action` since version 8 checks the scanner that it loads (else say `skipSignatureVerification: true`)"
        ),
        lambda use: (
            not use.action.path and use.lacks("skipsignatureverification") and not use.is_on_bare_hosted
        ),
    ),
    Change(
        "sonarsource/sonarqube-scan-action",
        (8,),
        Ask(
            "does a signature, `.asc`, lie beside the scanner at `scannerBinariesUrl`: since version 8 `SonarSource/sonarqube-scan-action` asks for one"
        ),
        lambda use: bool(use.written("scannerbinariesurl")) and use.lacks("skipsignatureverification"),
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
    # https://github.com/treosh/lighthouse-ci-action/blob/11.4.0/package.json, https://github.com/actions/toolkit/tree/main/packages/artifact#breaking-changes
    Change(
        "treosh/lighthouse-ci-action",
        (11,),
        Ask(
            "does no other step, or leg of a matrix, upload results under the same `artifactName`: since version 11 of `treosh/lighthouse-ci-action` the second upload of a name fails"
        ),
        lambda use: use.written("uploadartifacts") not in ("", "false"),
    ),
    # https://github.com/GoogleChrome/lighthouse/releases/tag/v12.0.0
    Change(
        "treosh/lighthouse-ci-action",
        (12,),
        Ask(
            "do the assertions and budgets hold on Lighthouse 12, which has no PWA audits any more, and which `treosh/lighthouse-ci-action` runs since version 12"
        ),
        lambda use: use.has("configpath") or use.has("budgetpath"),
    ),
    # https://github.com/zgosalvez/github-actions-ensure-sha-pinned-actions/pull/239
    Change(
        "zgosalvez/github-actions-ensure-sha-pinned-actions",
        (4,),
        Ask(
            "are actions pinned in composite ones, too, at which `zgosalvez/github-actions-ensure-sha-pinned-actions` looks since version 4"
        ),
    ),
)
"""By action; of one action in the order in which they are told."""
