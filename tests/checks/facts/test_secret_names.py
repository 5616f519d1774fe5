"""What is taken for a credential by its name or its value, and what is not."""

from __future__ import annotations

import pytest

from checks.facts.secret_files import holds_login, is_environment, is_private_key, is_sample, is_state
from checks.facts.secret_names import (
    goes_into_page,
    is_credential,
    is_literal_secret,
    is_secret,
    secret_in,
)


@pytest.mark.parametrize(
    "name",
    [
        "NPM_TOKEN", "github_token", "DB_PASSWORD", "API_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "SENTRY_AUTH_TOKEN",
        "REMIX_API_KEY", "CHROMATIC_STORYBOOK_API_TOKEN", "MIXER_API_KEY",
    ],
)  # fmt: skip
def test_a_credential(name: str) -> None:
    assert is_credential(name)


@pytest.mark.parametrize(
    "name",
    [
        "PUBLIC_KEY", "GPG_KEY", "KEYCLOAK_VERSION", "TOKENIZERS_PARALLELISM", "DB_PASSWORD_FILE", "API_KEY_PATH", "VITE_API_KEY",
        "NEXT_PUBLIC_API_KEY", "REACT_APP_API_KEY", "EXPO_PUBLIC_API_KEY", "TOKEN_URL", "KMS_KEY_ID", "CACHE_KEY", "SECRET_KEY_BASE", "USE_AUTH_TOKEN",
        "ACCESS_TOKEN_TTL", "VERSION", "MIX_API_KEY", "STORYBOOK_API_TOKEN", "NG_APP_API_KEY",
    ],
)  # fmt: skip
def test_no_credential(name: str) -> None:
    assert not is_credential(name)


def test_a_secret_is_judged_with_the_name_it_is_handed_on_under() -> None:
    assert is_secret("STRIPE_KEY", "STRIPE_KEY")
    assert not is_secret("STRIPE_KEY", "NEXT_PUBLIC_STRIPE_KEY")
    assert not is_secret("MAP_KEY_STAGING", "MIX_MAP_KEY")
    assert not is_secret("MIX_MAP_KEY", "MAP_KEY")
    assert is_secret("MAP_KEY_STAGING", "REMIX_MAP_KEY")
    assert not is_secret("API_URL")
    assert not is_secret("ACCESS_TOKEN_EXPIRES_IN")
    assert not is_secret("BASIC_AUTH_USER", "BASIC_AUTH_USER")
    assert is_secret("GH_TOKEN", "GIT_USER")
    assert is_secret("USER_TOKEN", "USERNAME_PASSWORD")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ENV VITE_MAP_KEY=$MAP_KEY", True),
        ("ENV MIX_MAP_KEY ${MAP_KEY}", True),
        ('RUN NEXT_PUBLIC_KEY="$MAP_KEY" npm run build', True),
        ("RUN echo PUBLIC_KEY=${MAP_KEY} > .env", True),
        ("ENV VITE_MAP_KEY=$MAP_KEYS", False),
        ("ENV VITE_MAP=1 MAP_KEY=$MAP_KEY", False),
        ("ENV REMIX_KEY=$MAP_KEY", False),
        ("RUN echo VITE_MAP $MAP_KEY", False),
        ("ENV VITE_HAS_KEY=${MAP_KEY:+yes}", False),
        ("ENV VITE_MAP_KEY=${MAP_KEY:-none}", True),
        ("RUN npm ci && \\\n  # VITE_MAP_KEY=$MAP_KEY would give it away\n  npm run build", False),
    ],
)
def test_what_goes_into_a_page(text: str, expected: bool) -> None:
    assert goes_into_page("MAP_KEY", text) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("ghp_" + "aB3dE6gH9j" * 3 + "kL2mN4", True),
        ("8fK2mQ9xLw3Zr7Tc1VbY", True),
        ("", False),
        ("true", False),
        ("1234567890123456789", False),
        ("/run/creds/Abc123Def456Ghi", False),
        ("https://Example.org/A1b2C3d4E5", False),
        ("A035C8C19219BA821ECEA86B64E628F8D684696D", False),
        ("ChangeMe9InProduction7", False),
        ("AKIAIOSFODNN7EXAMPLE", False),
    ],
)
def test_a_literal(value: str, expected: bool) -> None:
    assert is_literal_secret(value) is expected


def test_files_by_their_names() -> None:
    assert is_private_key("deploy/id_ed25519")
    assert not is_private_key("deploy/id_ed25519.pub")
    assert holds_login("web/.npmrc")
    assert not holds_login("certs/ca.pem")
    assert is_environment(".env.production")
    assert not is_environment(".env.example")
    assert is_state("infra/terraform.tfstate.backup")
    assert not is_state("infra/main.tf")
    assert is_sample("tests/keys/id_rsa")
    assert not is_sample("deploy/id_rsa")


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("a-${{ secrets.NPM_TOKEN }}", "NPM_TOKEN"),
        ("${{ secrets.SITE_URL }}${{ secrets.NPM_TOKEN }}", "NPM_TOKEN"),
        ("${{ inputs.token || secrets.NPM_TOKEN }}", "NPM_TOKEN"),
        ("${{ inputs.token }} secrets.NPM_TOKEN", None),
        ("${{ secrets.NEWS_BEARER }}", "NEWS_BEARER"),
        ("${{ secrets.NPM_TOKEN", None),
        ("${{ secrets.NPM_TOKEN " * 20_000, None),
    ],
    ids=["one", "second", "either", "behind", "a bearer", "open", "many that are open, in no long time"],
)
def test_the_secret_in_a_value(written: str, found: str | None) -> None:
    assert secret_in(written, "") == found


@pytest.mark.parametrize("argument", ["NPM_TOKEN", "GITHUB_TOKEN", "DB_PASSWORD", "AWS_SECRET_ACCESS_KEY"])
def test_what_no_page_is_meant_to_have(argument: str) -> None:
    assert not goes_into_page(argument, f"ENV VITE_VALUE=${argument}")
