"""Names and values of credentials, as build arguments, variables and settings have them.

The words are those of BuildKit's own check, each between underscores, less those that name other things as often:
https://docs.docker.com/reference/build-checks/secrets-used-in-arg-or-env/
"""

from __future__ import annotations

import base64
import re

from checks.regex import regex

_CREDENTIAL = regex(
    r"(?:^|_)(?:TOKEN|PASSWORD|PASSWD|PASS|SECRET|SECRETS|CREDENTIALS?|PAT|APIKEY|KEY|PRIVATE|AUTH|BEARER|LICENSE)(?:_|$)"
)
_PUBLIC = regex(
    r"(?:^|_)(?:PUBLIC|PUB|VITE|REACT_APP|EXPO_PUBLIC|GATSBY|NUXT_PUBLIC|VUE_APP|PUBLISHABLE|ANON|CLIENT_ID|KEY_ID|DSN|URL|URI|HOST|NAME|FILE|PATH|VERSION"
    r"|RECAPTCHA|SITE_KEY|ANALYTICS|MEASUREMENT|POSTHOG|SEGMENT|SEGMENTIO|SEGMENT_IO|AMPLITUDE|MIXPANEL|TELEMETRY|WRITE_KEY|SENTRY(?!_AUTH_TOKEN)|MAPS|FIREBASE|MAPBOX|ALGOLIA_SEARCH)(?:_|$)"
)
_ONLY_IN_FRONT = "MIX|NG_APP|NUXT_ENV|REDWOOD_ENV|SANITY_STUDIO|STORYBOOK"
_FOR_PAGES = regex(rf"^(?:{_ONLY_IN_FRONT})_")
"""How names begin that bundlers write into what browsers get, and that mean nothing of the kind further on in a name.

https://laravel.com/docs/8.x/mix#environment-variables
https://github.com/chihab/ngx-env#environment-variables
https://v2.nuxt.com/docs/configuration-glossary/configuration-env/#automatic-injection-of-environment-variables
https://docs.redwoodjs.com/docs/environment-variables/#web
https://www.sanity.io/docs/environment-variables
https://storybook.js.org/docs/configure/environment-variables
"""
_OF_PAGES = rf"(?:(?:NEXT_|NUXT_|EXPO_)?PUBLIC|VITE|REACT_APP|VUE_APP|GATSBY|{_ONLY_IN_FRONT})"
"""All the prefixes by which they do."""
_COMMENT = regex(r"^[ \t]*#.*", re.MULTILINE)
"""One between the lines of an instruction."""
_NEVER_IN_PAGES = regex(r"PASSW|PRIVATE_KEY|^(?:AWS_SECRET|GH|GITHUB|GITLAB|NPM)_")
_ABOUT_ONE = regex(
    r"_(?:ALG|ALGO|ALGORITHM|AUDIENCE|DURATION|EMAIL|ENABLED|ENDPOINT|EXPIRATION(?:_TIME)?|EXPIRES(?:_AT|_IN)?|EXPIRY|EXP|ISSUER|LENGTH|LIFETIME|MAX_AGE"
    r"|METHOD|PROVIDER|REGION|SCOPES?|TIMEOUT|TTL|TYPE|USER|USERNAME)$"
)
"""The end of a name of what is said of a credential, or belongs to one: how long a token holds, whose password it is."""
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

_NAMED = regex(r"\bsecrets\.(\w+)")
_WORDS = regex(r"[A-Za-z]+(?:[ _.-][A-Za-z]+)*[!.]?")
_OF_TEST_CHAINS = frozenset(
    (
        "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
        "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
        "5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a",
        "7c852118294e51e653712a81e05800f419141751be58f605c371e15141b007a6",
        "47e179ec197488593b187f80a00eb0da91f1b9d0b13f8733639f19c30a34926a",
        "8b3a350cf5c34c9194ca85829a2df0ec3153be0318b5e2d3348e872092edffba",
        "92db14e403b83dfe3df233f83dfa3a0d7096f21ca9b0d6d6b8d88b2b4ec1564e",
        "4bbbf85ce3377467afe5d46f804f221813b2bb87f24d81f60f1fcdbf7cbf4356",
        "dbda1821b80551c9d65939329250298aa3472ba22feea921c0cf5d620ea67b97",
        "2a871d0798f97d79848a013d4936a73bf4cc922c825d33c1cf7073dff6d409c6",
    )
)
"""The keys that local chains of Ethereum give to everybody, by the words `test … test junk`: https://hardhat.org/hardhat-network/docs/reference#accounts"""


def is_of_test_chain(value: str) -> bool:
    """Whether a value is a private key of a local chain, which everybody has."""
    return value.lower().removeprefix("0x") in _OF_TEST_CHAINS


def is_secret(name: str, context: str = "") -> bool:
    """Whether what a workflow keeps as a secret under this name is a credential, and no address, public key or setting.

    `context` is the name that it is handed on under.
    """
    both = f"{context}_{name}".upper()
    is_for_pages = any(_FOR_PAGES.match(one.upper()) for one in (context, name))
    is_one = _CREDENTIAL.search(name.upper()) is not None and _ABOUT_ONE.search(name.upper()) is None
    return is_one and not is_for_pages and not _PUBLIC.search(both)


def goes_into_page(argument: str, text: str) -> bool:
    """Whether a text hands an argument on under a name that such a tool takes into a page: `VITE_MAP_KEY=$MAP_KEY`.

    Not a password, nor a token of a registry or a forge: no page is meant to have it.
    """
    if _NEVER_IN_PAGES.search(argument.upper()):
        return False
    name, value = rf"{_OF_PAGES}_\w{{1,60}}", rf"[\"']?\$\{{?{re.escape(argument)}(?!\w|:?\+)"
    named = rf"(?:(?<!\w){name}=|^ENV\s+{name}\s+){value}"
    return re.search(named, _COMMENT.sub("", text)) is not None


def secret_in(written: str, context: str) -> str | None:
    """The credential among the secrets in the expressions of a value that is handed on under the name of `context`."""
    # A pattern for the whole of an expression takes cubic time where many begin and none ends.
    expressions = (part.partition("}}") for part in written.split("${{")[1:])
    names = (names[-1] for inner, end, _ in expressions if end and (names := _NAMED.findall(inner)))
    return next((name for name in names if is_secret(name, context)), None)


def is_credential(name: str) -> bool:
    """Whether an argument or a variable of this name certainly holds a credential, when it holds anything."""
    upper = name.upper()
    if not _CERTAIN.search(upper):
        return False
    public = upper != "AWS_ACCESS_KEY_ID" and (_PUBLIC.search(upper) or _FOR_PAGES.match(upper))
    return not public and not _NOT_ONE.search(upper)


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
