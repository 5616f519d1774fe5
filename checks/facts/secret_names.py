"""Names and values of credentials, as build arguments, variables and settings have them.

The words are those of BuildKit's own check, each between underscores, less those that name other things as often:
https://docs.docker.com/reference/build-checks/secrets-used-in-arg-or-env/
"""

from __future__ import annotations

import base64
import re

from checks.regex import regex

_CREDENTIAL = regex(
    r"(?:^|_)(?:TOKEN|PASSWORD|PASSWD|PASS|SECRET|SECRETS|CREDENTIALS?|PAT|APIKEY|KEY|PRIVATE|AUTH|LICENSE)(?:_|$)"
)
_PUBLIC = regex(
    r"(?:^|_)(?:PUBLIC|PUB|VITE|REACT_APP|EXPO_PUBLIC|GATSBY|NUXT_PUBLIC|VUE_APP|PUBLISHABLE|ANON|CLIENT_ID|KEY_ID|DSN|URL|URI|HOST|NAME|FILE|PATH|VERSION"
    r"|RECAPTCHA|SITE_KEY|ANALYTICS|MEASUREMENT|POSTHOG|SEGMENT|SEGMENTIO|SEGMENT_IO|AMPLITUDE|MIXPANEL|TELEMETRY|WRITE_KEY|SENTRY(?!_AUTH_TOKEN)|MAPS|FIREBASE|MAPBOX|ALGOLIA_SEARCH)(?:_|$)"
)
_CERTAIN = regex(
    r"(?:^|_)(?:(?:AUTH|ACCESS|API|NPM|GITHUB|GITLAB|GH|CI|JOB|BOT|DEPLOY|REFRESH|PYPI|NUGET|HF|BUNDLE|REGISTRY|READ|WRITE|PACKAGES?"
    r"|PERSONAL|JFROG|ARTIFACTORY|SONAR|VAULT|SLACK|CODECOV|DOPPLER|TURBO)_TOKEN|(?:[A-Z0-9]+_)*(?:PASSWORD|PASSWD|PASSWORT|SECRET|CREDENTIALS?|APIKEY)"
    r"|(?:API|ACCESS|SECRET|SSH|DEPLOY|AUTH|ENCRYPTION|SIGNING|LICENSE|MASTER|PRIVATE|SECRET_ACCESS|PRIV)_KEY|(?:GH|GITHUB|GITLAB)_PAT)$"
    r"|^(?:TOKEN|SSH_PRIVATE_KEY|AWS_ACCESS_KEY_ID|AWS_SESSION_TOKEN|SSH_PRV_KEY)$|_SECRET_KEY$"
)
_NOT_ONE = regex(
    r"(?:^|_)(?:PUBLIC|PUB|KEYRING|FINGERPRINT|KEYSERVER|CACHE|ALLOW|ENABLE[D]?|DISABLE[D]?|USE|REQUIRE|HAS|NO|SKIP|WITH|IS|MIN|MAX|LENGTH|TTL"
    r"|EXPIRY|TIMEOUT|ID_RSA_PUB|TEST|FAKE|DUMMY|DEV|EXAMPLE|EMPTY|NEXT_PUBLIC)(?:_|$)"
)
_PREFIX = regex(
    r"gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{40,}|glpat-[\w-]{20}|npm_[A-Za-z0-9]{36}|A[KS]IA[0-9A-Z]{16}|xox[bapr]-[\w-]{20,}"
    r"|sk_live_\w{20,}|pypi-[\w-]{40,}|hf_[A-Za-z]{34}"
)
_SAMPLE = regex(
    r"example|change|dummy|test|placeholder|sample|fake|mock|secret|password|passw|admin|default|postgres|root|xxx|123|your|insecure|unsafe"
    r"|dev|local|build|none|null|todo|replace|demo|temp|foo|not[-_]?|key|token|user|guest|aaaa|0000|ignore|unused|random|generate|<|\$",
    re.IGNORECASE,
)

_WORDS = regex(r"[A-Za-z]+(?:[ _.-][A-Za-z]+)*[!.]?")


def is_secret(name: str, context: str = "") -> bool:
    """Whether what a workflow keeps as a secret under this name is a credential, and no address or public key.

    `context` is the name that it is handed on under.
    """
    both = f"{context}_{name}".upper()
    return bool(_CREDENTIAL.search(name.upper())) and not _PUBLIC.search(both)


def is_credential(name: str) -> bool:
    """Whether an argument or a variable of this name certainly holds a credential, when it holds anything."""
    upper = name.upper()
    public = upper != "AWS_ACCESS_KEY_ID" and _PUBLIC.search(upper)
    return bool(_CERTAIN.search(upper)) and not public and not _NOT_ONE.search(upper)


def is_literal_secret(value: str) -> bool:
    """Whether a value is written as generated credentials are: of a known form, or long, mixed and no word of a sample.

    Nor is one whose base64 says so in words.
    """
    if _PREFIX.search(value):
        return not re.search("example|EXAMPLE|x{6}|X{6}|0{8}", value)
    if len(value) < 16 or re.search(r"[\s/:\\{}]", value) or _SAMPLE.search(value):
        return False
    if _SAMPLE.search(_words_in_base64(value)):
        return False
    kinds = (re.search("[a-z]", value), re.search("[A-Z]", value), re.search("[0-9]", value))
    return all(kinds) and len(set(value)) > 9


def _words_in_base64(value: str) -> str:
    """What a value is the base64 of, where that is one line of words and not a name with its password; else empty."""
    try:
        text = base64.b64decode(value, validate=True).decode("ascii").strip()
    except ValueError:
        return ""
    return text if _WORDS.fullmatch(text) else ""
