"""Files that hold credentials, by their names. What is in them we don't read; a name that may mean something else is not here."""

from __future__ import annotations

import re

from checks.regex import regex

_KEY = regex(r"(?:^|/)id_(?:rsa|dsa|ecdsa|ed25519)$")
_LOGIN = regex(
    r"(?:^|/)(?:\.npmrc|\.netrc|_netrc|\.pypirc|\.git-credentials|\.aws/credentials|\.docker/config\.json|\.kube/config|kubeconfig"
    r"|privkey\.pem|private[-_]?key\.pem|private\.key|[\w-]*service[-_]account[-_]key\.json|gcp[-_]key\.json)$"
)
_ENVIRONMENT = regex(r"(?:^|/)(?:[\w-]+)?\.env(?:\.(?:local|production|prod|staging|development))?$")
_STATE = regex(r"(?:^|/)(?:[^/]*\.)?terraform\.tfstate(?:\.backup)?$|\.tfstate$")
_SAMPLE = regex(
    r"(?:^|/)(?:tests?|testdata|fixtures?|__tests__|__fixtures__|spec|specs|examples?|samples?|mocks?|e2e|docs?|demo|vendor"
    r"|third_party|node_modules|integration[^/]*)/",
    re.IGNORECASE,
)


def is_private_key(path: str) -> bool:
    """Whether it is named as OpenSSH names private keys."""
    return bool(_KEY.search(path))


def holds_login(path: str) -> bool:
    """Whether it is a private key, or a file in which a tool keeps its logins beside other settings.

    A committed one may hold settings only; one that is not committed is written for its logins.
    """
    return is_private_key(path) or bool(_LOGIN.search(path))


def is_environment(path: str) -> bool:
    """Whether it is a file of variables, which may be secret or not."""
    return bool(_ENVIRONMENT.search(path))


def is_state(path: str) -> bool:
    """Whether it is a state of Terraform, which has every attribute of every resource in plain text.

    https://developer.hashicorp.com/terraform/language/state/sensitive-data
    """
    return bool(_STATE.search(path))


def is_sample(path: str) -> bool:
    """Whether its folder says that it is for tests or examples, or somebody else's."""
    return bool(_SAMPLE.search(path))
