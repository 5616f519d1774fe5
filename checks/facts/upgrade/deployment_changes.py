"""What newer releases of actions change for steps that deploy to pages, clouds and clusters, start a cluster, or load secrets."""

from __future__ import annotations

import posixpath

from checks.facts.upgrade.change import Ask, Change, Hold, Write
from checks.facts.upgrade.hidden_files import may_have_hidden_files
from checks.facts.upgrade.input_changes import input_taken_out
from checks.facts.upgrade.nodes_ahead import nodes_ahead
from checks.facts.upgrade.upgrades import Upgrade
from checks.facts.workflow.handed_values import unset_variable
from checks.facts.workflow.step_edits import with_input
from checks.regex import regex
from checks.source.snapshot import Edit

_BARE_HOST = regex(r"\b(?:OP_CONNECT_HOST|connect-host)\s{0,9}[:=](?!\s{0,9}[\"']?https?://)")
_NODE_BEFORE_22 = regex(r"v?(1?\d|2[01])(?:[.x*]|$)")
_LOCKS = {
    "package-lock.json": "npm",
    "yarn.lock": "yarn",
    "pnpm-lock.yaml": "pnpm",
    "bun.lockb": "bun",
    "bun.lock": "bun",
}
"""In the order in which `cloudflare/wrangler-action` looks for them."""
_BLIND_FOR_NODE = ("yarn", "pnpm", "bun")


def _secrets_exported(upgrade: Upgrade) -> Edit | None:
    """Tells `1Password/load-secrets-action` to make variables of the secrets, as it does before version 3 unless told otherwise.

    None where the step says itself what it does, and where that can't be written.
    """
    step = upgrade.step
    if step is None or upgrade.action.path or upgrade.has("export-env"):
        return None
    return with_input(step, "export-env: true")


def _names_no_kind(upgrade: Upgrade) -> bool:
    """Whether `helm/kind-action` is told no version of kind: none at all, or by a variable that nothing in the file sets."""
    written = upgrade.written("version")
    return not written or bool(unset_variable(written, upgrade.action.scalar.text))


def _session_kept(upgrade: Upgrade) -> Edit | None:
    """Tells `redhat-actions/oc-login` not to log out at the end of the job, as it does from version 2 on unless told otherwise.

    That takes a token back which the next run may log in with, too. None where the step says itself, and where that can't be written.
    """
    step = upgrade.step
    return None if step is None or upgrade.has("logout") else with_input(step, "logout: false")


def _takes_from_mirror(upgrade: Upgrade) -> bool:
    """Whether `redhat-actions/openshift-tools-installer` takes its tools from Red Hat's mirror, and not from GitHub."""
    return upgrade.written("source") in ("", "mirror")


def _old_node_for_wrangler(upgrade: Upgrade) -> str:
    """What to do first where Wrangler 4 is installed and a step ahead sets up a Node.js that it refuses.

    npm takes an older one that runs there: it goes by what a package asks of Node.js, and the others don't.
    https://github.com/cloudflare/wrangler-action/blob/v4.0.0/src/packageManagers.ts
    """
    is_own = upgrade.may_have_wrangler or any(
        step.run is not None and "wrangler" in step.run.value for step in upgrade.earlier
    )
    if is_own or upgrade.has("wranglerversion") or _package_manager(upgrade) not in _BLIND_FOR_NODE:
        return ""
    old = next(filter(None, map(_NODE_BEFORE_22.match, nodes_ahead(upgrade, upgrade.scopes))), None)
    return (
        "since version 4 `cloudflare/wrangler-action` installs Wrangler 4 where none is named or installed, which refuses the "
        f"Node.js {old[1]} that the job sets up ahead: raise that first, or name a `wranglerVersion`"
        if old
        else ""
    )


def _package_manager(upgrade: Upgrade) -> str:
    """The one that `cloudflare/wrangler-action` takes: what the step names, else by the lock file in its folder."""
    named, folder = upgrade.written("packagemanager"), upgrade.written("workingdirectory") or "."
    paths = {posixpath.normpath(posixpath.join(folder, name)): manager for name, manager in _LOCKS.items()}
    return named or next((manager for path, manager in paths.items() if path in upgrade.paths), "")


CHANGES = (
    # https://github.com/1Password/load-secrets-action/pull/66
    Change(
        "1password/load-secrets-action",
        (2,),
        Ask(
            "does the address of the Connect server begin with `http://` or `https://`, which `1Password/load-secrets-action` does not add since version 2"
        ),
        lambda use: _BARE_HOST.search(use.action.scalar.text.content) is not None,
    ),
    # https://github.com/1Password/load-secrets-action/pull/114
    Change("1password/load-secrets-action", (3,), Write(_secrets_exported)),
    Change(
        "1password/load-secrets-action",
        (3,),
        Ask(
            "does no later step read a secret as a variable: since version 3 `1Password/load-secrets-action` makes none unless told `export-env: true`"
        ),
        lambda use: not use.action.path and use.lacks("export-env") and _secrets_exported(use) is None,
    ),
    # https://github.com/actions/deploy-pages/releases/tag/v4.0.0
    Change(
        "actions/deploy-pages",
        (4,),
        Ask("does whatever uploads the site use version 3 or newer of `actions/upload-pages-artifact`, too"),
        lambda use: not use.is_beside("actions/upload-pages-artifact"),
    ),
    # https://github.com/actions/upload-pages-artifact/releases/tag/v2.0.0
    Change(
        "actions/upload-pages-artifact",
        (2,),
        Ask(
            "may all read the files of the site: since version 2 `actions/upload-pages-artifact` leaves their permissions as they are"
        ),
    ),
    # https://github.com/actions/upload-pages-artifact/releases/tag/v3.0.0
    Change(
        "actions/upload-pages-artifact",
        (3,),
        Ask("does whatever deploys the site use version 4 or newer of `actions/deploy-pages`, too"),
        lambda use: not use.is_beside("actions/deploy-pages"),
    ),
    # https://github.com/actions/upload-pages-artifact/releases/tag/v4.0.0
    Change(
        "actions/upload-pages-artifact",
        (4,),
        Ask(
            "does the site do without files whose names begin with a dot, such as `.well-known`: since version 4 "
            "`actions/upload-pages-artifact` leaves them out (else say `include-hidden-files: true`)"
        ),
        lambda use: use.lacks("include-hidden-files") and may_have_hidden_files(use),
    ),
    # https://github.com/cloudflare/wrangler-action/releases/tag/v4.0.0
    # https://github.com/cloudflare/workers-sdk/pull/13726
    Change(
        "cloudflare/wrangler-action",
        (4,),
        Ask(
            "is Node.js 22 or newer at this step, and does the project hold for Wrangler 4, which needs that, and which `cloudflare/wrangler-action` installs since version 4 where none is named or installed"
        ),
        lambda use: use.lacks("wranglerversion") and not _old_node_for_wrangler(use),
    ),
    # https://github.com/Azure/aks-set-context/blob/v2.0/README.md
    Change(
        "azure/aks-set-context",
        (2,),
        Hold(
            "since version 2 `azure/aks-set-context` does not log in with `creds`: do that by `azure/login` in a step ahead of it, along with the move"
        ),
        lambda use: bool(use.written("creds")),
    ),
    # https://github.com/google-github-actions/deploy-cloudrun/pull/406
    *(
        Change(
            action,
            (1,),
            Hold(
                f"since version 1 `{action}` does not log in with `credentials`: do that by "
                "`google-github-actions/auth` in a step ahead of it, along with the move"
            ),
            lambda use: bool(use.written("credentials")),
        )
        for action in (
            "google-github-actions/deploy-appengine",
            "google-github-actions/deploy-cloudrun",
            "google-github-actions/get-secretmanager-secrets",
            "google-github-actions/upload-cloud-storage",
        )
    ),
    Change("cloudflare/wrangler-action", (4,), Hold(_old_node_for_wrangler)),
    # https://github.com/google-github-actions/setup-gcloud/releases/tag/v1.0.0
    Change(
        "google-github-actions/setup-gcloud",
        (1,),
        Hold(
            "since version 1 `google-github-actions/setup-gcloud` does not log in with `service_account_key`: do that by "
            "`google-github-actions/auth` in a step ahead of it, along with the move"
        ),
        lambda use: bool(use.written("service_account_key")),
    ),
    # https://github.com/google-github-actions/setup-gcloud/releases/tag/v3.0.0
    Change("google-github-actions/setup-gcloud", (3,), Write(input_taken_out)),
    Change(
        "google-github-actions/setup-gcloud",
        (3,),
        Ask(
            "may each run load `gcloud` anew: since version 3 `google-github-actions/setup-gcloud` keeps it on a runner of your own only where it is told `cache: true`"
        ),
        lambda use: use.written("skip_tool_cache") not in ("", "true"),
    ),
    # https://github.com/helm/kind-action/releases
    Change(
        "helm/kind-action",
        (1, 14),
        Ask("do the tests hold on the newer Kubernetes that `helm/kind-action` starts where none is named"),
        lambda use: _names_no_kind(use) and use.lacks("node_image") and use.lacks("config"),
    ),
    # https://github.com/helm/kind-action/blob/main/kind.sh
    # https://github.com/kubernetes-sigs/kind/releases
    Change(
        "helm/kind-action",
        (1, 14),
        Ask(
            "does the image of the nodes start with kind 0.31, and fit kubectl 1.35, which `helm/kind-action` brings where it is told no others"
        ),
        lambda use: _names_no_kind(use) and not (use.lacks("node_image") and use.lacks("config")),
    ),
    # https://github.com/pulumi/actions/pull/1118
    Change(
        "pulumi/actions",
        (6,),
        Ask(
            "may the command refresh as it runs, by `--refresh`, as `pulumi/actions` has it do since version 6 where `refresh` is given, and not ahead of it"
        ),
        lambda use: use.written("refresh") not in ("", "false"),
    ),
    # https://github.com/redhat-actions/oc-login/blob/v2.0.1/CHANGELOG.md
    Change("redhat-actions/oc-login", (2,), Write(_session_kept)),
    Change(
        "redhat-actions/oc-login",
        (2,),
        Ask(
            "may the token be taken back at the end of the job, where `redhat-actions/oc-login` logs out since version 2 unless told `logout: false`"
        ),
        lambda use: use.lacks("logout") and _session_kept(use) is None,
    ),
    # https://github.com/redhat-actions/openshift-tools-installer/blob/v3.0/CHANGELOG.md
    Change(
        "redhat-actions/openshift-tools-installer",
        (3,),
        Hold(
            "since version 3 `redhat-actions/openshift-tools-installer` takes `kamel` and `operator-sdk` from GitHub alone: "
            "name them in a step with `source: github` along with the move"
        ),
        lambda use: _takes_from_mirror(use) and any(map(use.written, ("kamel", "operator-sdk"))),
    ),
    Change(
        "redhat-actions/openshift-tools-installer",
        (3,),
        Ask(
            "is `tkn` 1.15.4 or newer: since version 3 `redhat-actions/openshift-tools-installer` takes it from another mirror, which has no older ones"
        ),
        lambda use: _takes_from_mirror(use) and use.written("tkn") not in ("", "latest"),
    ),
)
"""By action; of one action in the order in which they are told."""
