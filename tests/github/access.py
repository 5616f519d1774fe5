"""Who calls: the App by its JWT, or an installation by a token that the App was given."""

from __future__ import annotations

import secrets
from functools import cache

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.github.call import JsonObject, RefusedError
from tests.github.state import Installation, State, Token

MAX_JWT_SECONDS = 600
TOKEN_SECONDS = 3600
MAX_REPOSITORY_IDS = 500


@cache
def key_pair() -> tuple[str, str]:
    """An RSA key pair as PEM, private and public; one for the whole process, as making it takes time."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private_pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    public_pem = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private_pem.decode(), public_pem.decode()


def bearer(header: str) -> str:
    """The credential of an `Authorization` header. 401 where there is none."""
    scheme, _, value = header.partition(" ")
    if scheme.lower() not in {"bearer", "token"} or not value.strip():
        raise RefusedError(401, "Requires authentication")
    return value.strip()


def verify_app(state: State, header: str) -> None:
    """Accepts the App's JWT only: RS256, issued by it, not expired, at most ten minutes of life left."""
    given = bearer(header)
    try:
        claims = jwt.decode(
            given,
            key_pair()[1],
            algorithms=["RS256"],
            options={
                "require": ["iat", "exp", "iss"],
                "verify_iss": False,
                "verify_exp": False,
                "verify_iat": False,
            },
        )
    except jwt.InvalidTokenError:
        raise RefusedError(401, "A JSON web token could not be decoded") from None
    if str(claims["iss"]) not in {str(state.app_id), state.client_id}:
        raise RefusedError(404, "Integration not found")
    now = state.clock.now()
    if claims["exp"] <= now:
        raise RefusedError(401, _EXPIRED)
    if claims["iat"] > now:
        raise RefusedError(401, _ISSUED)
    if claims["exp"] > now + MAX_JWT_SECONDS:
        raise RefusedError(401, "'Expiration time' claim ('exp') is too far in the future")


_EXPIRED = (
    "'Expiration time' claim ('exp') must be a numeric value representing "
    "the future time at which the assertion expires"
)
_ISSUED = "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued"


def verify_token(state: State, header: str) -> Token:
    """The installation token of a header. 401 if it is unknown, revoked or expired."""
    token = state.tokens.get(bearer(header))
    if token is None or token.expires <= state.clock.now():
        raise RefusedError(401, "Bad credentials")
    if token.installation.suspended:
        raise RefusedError(403, "This installation has been suspended")
    return token


def mint(state: State, installation: Installation, body: JsonObject) -> Token:
    """A token of an installation, for the repositories and permissions that the body asks for."""
    if installation.suspended:
        raise RefusedError(403, "This installation has been suspended")
    asked = body.get("permissions") or dict(installation.permissions)
    for permission, level in asked.items():
        whole = Token("", installation, None, installation.permissions, 0)
        if not whole.allows(permission, level):
            raise RefusedError(422, "The permissions requested are not granted to this installation.")
    token = Token(
        value=_value(state),
        installation=installation,
        repository_ids=_repositories(state, installation, body),
        permissions={"metadata": "read", **asked},
        expires=state.clock.now() + TOKEN_SECONDS,
    )
    state.tokens[token.value] = token
    return token


def _value(state: State) -> str:
    """Of the format that GitHub moves to: far longer than 40 characters, with dots."""
    parts = (secrets.token_urlsafe(24), secrets.token_urlsafe(96), secrets.token_urlsafe(64))
    return f"ghs_{state.app_id}_{'.'.join(parts)}"


def _repositories(state: State, installation: Installation, body: JsonObject) -> frozenset[int] | None:
    ids = set(body.get("repository_ids", ()))
    if len(ids) > MAX_REPOSITORY_IDS:
        raise RefusedError(422, f"No more than {MAX_REPOSITORY_IDS} repositories are allowed.")
    for name in body.get("repositories", ()):
        found = state.repository(installation.account.login, name)
        ids.add(found.id if found else -1)
    if not ids <= installation.repository_ids:
        raise RefusedError(
            422,
            "There is at least one repository that does not exist or is not accessible "
            "to the parent installation.",
        )
    return frozenset(ids) or None


def require(needs: str, token: Token) -> None:
    """403 unless the token holds one of the permissions: `checks:write` or `a:write|b:write`."""
    wanted = [one.split(":") for one in needs.split("|")]
    if not any(token.allows(permission, level) for permission, level in wanted):
        accepted = "; ".join(f"{permission}={level}" for permission, level in wanted)
        raise RefusedError(
            403,
            "Resource not accessible by integration",
            headers={"X-Accepted-GitHub-Permissions": accepted},
        )
