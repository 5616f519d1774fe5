"""The environment: what is read, what is refused in which words, what is never shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from app.settings import BadSetting, Settings, settings_from
from tests.github.access import key_pair

KEY = key_pair()[0]
MODERN = (
    load_pem_private_key(KEY.encode(), None)
    .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    .decode()
)
ELLIPTIC = (
    ec.generate_private_key(ec.SECP256R1())
    .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    .decode()
)
LOOKS_LIKE_ONE = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKC/+x=\nAQEA\n-----END RSA PRIVATE KEY-----\n"
APP = {
    "HOME": "/home/bob",
    "TIDEWAITER_APP_ID": "123",
    "TIDEWAITER_PRIVATE_KEY": KEY,
    "TIDEWAITER_WEBHOOK_SECRET": "hush",
}


def error(environment: dict[str, str]) -> str:
    with pytest.raises(BadSetting) as raised:
        settings_from(environment)
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_defaults() -> None:
    assert settings_from({"HOME": "/home/bob"}) == Settings(
        credentials=None,
        state_dir=Path("/home/bob/.local/state/tidewaiter"),
        github_url="https://api.github.com",
        public_url=None,
        database_url=None,
        host="127.0.0.1",
        port=8080,
        metrics_port=9090,
    )


def test_everything_set() -> None:
    settings = settings_from(
        {
            **APP,
            "TIDEWAITER_WEBHOOK_SECRET": "new, old",
            "TIDEWAITER_GITHUB_URL": "https://git.acme.example/api/v3/",
            "TIDEWAITER_PUBLIC_URL": "https://tidewaiter.acme.example",
            "TIDEWAITER_DATABASE_URL": "postgresql://u:p@db/tidewaiter",
            "TIDEWAITER_STATE_DIR": "/var/lib/tidewaiter",
            "TIDEWAITER_HOST": "::",
            "TIDEWAITER_PORT": "80",
            "TIDEWAITER_METRICS_PORT": "81",
        }
    )
    assert settings.credentials
    assert settings.credentials.app_id == 123
    assert settings.credentials.private_key == KEY
    assert settings.credentials.webhook_secrets == ("new", "old")
    assert settings.github_url == "https://git.acme.example/api/v3"
    assert settings.public_url == "https://tidewaiter.acme.example"
    assert settings.database_url == "postgresql://u:p@db/tidewaiter"
    assert settings.state_dir == Path("/var/lib/tidewaiter")
    assert (settings.host, settings.port, settings.metrics_port) == ("::", 80, 81)


def test_no_secret_is_shown() -> None:
    settings = settings_from({**APP, "TIDEWAITER_DATABASE_URL": "postgresql://u:letmein@db/t"})
    for secret in ("hush", KEY[40:60], "letmein"):
        assert secret not in repr(settings)
        assert secret not in repr(settings.credentials)


def test_a_key_on_one_line_is_understood() -> None:
    settings = settings_from({**APP, "TIDEWAITER_PRIVATE_KEY": KEY.replace("\n", "\\n")})
    assert settings.credentials
    assert settings.credentials.private_key == KEY


def with_key_file(path: Path) -> dict[str, str]:
    return {**APP, "TIDEWAITER_PRIVATE_KEY": "", "TIDEWAITER_PRIVATE_KEY_FILE": str(path)}


@pytest.mark.parametrize("content", [KEY, KEY.replace("\n", "\r\n"), MODERN.strip()])
def test_a_key_in_a_file(tmp_path: Path, content: str) -> None:
    (tmp_path / "key.pem").write_text(content, newline="")
    credentials = settings_from(with_key_file(tmp_path / "key.pem")).credentials
    assert credentials
    assert credentials.private_key.startswith("-----BEGIN")
    assert "\r" not in credentials.private_key


@pytest.mark.parametrize(
    "content",
    [
        "",
        "hello",
        KEY.replace("PRIVATE", "PUBLIC"),
        KEY[:-20],
        KEY.replace("RSA PRIVATE", "ENCRYPTED PRIVATE"),
        "é" + KEY,
        KEY + KEY,
        LOOKS_LIKE_ONE,
        ELLIPTIC,
    ],
)
def test_a_file_without_a_key(tmp_path: Path, content: str) -> None:
    path = tmp_path / "key.pem"
    path.write_text(content)
    assert error(with_key_file(path)) == (
        f"TIDEWAITER_PRIVATE_KEY_FILE: {path}: not a PEM private key (expected -----BEGIN … PRIVATE KEY-----)"
    )


def test_no_key_file(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    expected = f"TIDEWAITER_PRIVATE_KEY_FILE: {path}: No such file or directory (expected a readable file)"
    assert error(with_key_file(path)) == expected


def test_a_path_where_the_key_belongs_is_not_echoed() -> None:
    said = error({**APP, "TIDEWAITER_PRIVATE_KEY": "/etc/key.pem"})
    assert said.startswith("TIDEWAITER_PRIVATE_KEY: not a PEM private key")
    assert said.endswith("a path belongs in TIDEWAITER_PRIVATE_KEY_FILE")
    assert "/etc/key.pem" not in said


def test_both_keys() -> None:
    assert error({**APP, "TIDEWAITER_PRIVATE_KEY_FILE": "/etc/key.pem"}) == (
        "TIDEWAITER_PRIVATE_KEY: set together with TIDEWAITER_PRIVATE_KEY_FILE (expected one of them)"
    )


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        (("TIDEWAITER_APP_ID",),
         "TIDEWAITER_PRIVATE_KEY or TIDEWAITER_PRIVATE_KEY_FILE, TIDEWAITER_WEBHOOK_SECRET"),
        (("TIDEWAITER_PRIVATE_KEY", "TIDEWAITER_WEBHOOK_SECRET"), "TIDEWAITER_APP_ID"),
        (("TIDEWAITER_APP_ID", "TIDEWAITER_PRIVATE_KEY"), "TIDEWAITER_WEBHOOK_SECRET"),
    ],
)  # fmt: skip
def test_some_credentials_but_not_all(given: tuple[str, ...], missing: str) -> None:
    environment = {"HOME": "/root"} | {name: APP[name] for name in given}
    assert error(environment) == f"{missing}: not set (expected all of the App's credentials, or none)"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("TIDEWAITER_APP_ID", "Iv1.a", "TIDEWAITER_APP_ID: Iv1.a: not an App's id (expected a positive integer)"),
        ("TIDEWAITER_WEBHOOK_SECRET", "a,,b",
         "TIDEWAITER_WEBHOOK_SECRET: an empty secret between commas (expected secrets separated by commas)"),
        ("TIDEWAITER_PORT", "http", "TIDEWAITER_PORT: http: not a port (expected 0 to 65535)"),
        ("TIDEWAITER_PORT", "65536", "TIDEWAITER_PORT: 65536: not a port (expected 0 to 65535)"),
        ("TIDEWAITER_METRICS_PORT", "-1", "TIDEWAITER_METRICS_PORT: -1: not a port (expected 0 to 65535)"),
        ("TIDEWAITER_METRICS_PORT", "8080",
         "TIDEWAITER_METRICS_PORT: 8080: the same as TIDEWAITER_PORT (expected another)"),
        ("TIDEWAITER_GITHUB_URL", "api.github.com",
         "TIDEWAITER_GITHUB_URL: expected https://host or http://host, with neither user, query nor fragment"),
        ("TIDEWAITER_PUBLIC_URL", "https://u:pw@host",
         "TIDEWAITER_PUBLIC_URL: expected https://host or http://host, with neither user, query nor fragment"),
        ("TIDEWAITER_PUBLIC_URL", "https://host:port",
         "TIDEWAITER_PUBLIC_URL: expected https://host or http://host, with neither user, query nor fragment"),
        ("TIDEWAITER_DATABASE_URL", "mysql://u:pw@h/d",
         "TIDEWAITER_DATABASE_URL: expected postgresql://user:password@host/database"),
        ("TIDEWAITER_DATABASE_URL", "postgresql://u:pw@h",
         "TIDEWAITER_DATABASE_URL: expected postgresql://user:password@host/database"),
        ("TIDEWAITER_APPID", "7", "TIDEWAITER_APPID: not a setting; did you mean TIDEWAITER_APP_ID?"),
        ("TIDEWAITER_DATABASE_URI", "postgresql://u:pw@h/d",
         "TIDEWAITER_DATABASE_URI: not a setting; did you mean TIDEWAITER_DATABASE_URL?"),
        ("SSL_CERT_FILE", "/nowhere/ca.pem",
         "SSL_CERT_FILE: /nowhere/ca.pem: No such file or directory (expected certificates in PEM)"),
        ("SSL_CERT_FILE", __file__,
         f"SSL_CERT_FILE: {__file__}: no certificate in it (expected certificates in PEM)"),
        ("HTTPS_PROXY", "socks5://u:pw@proxy:1080", "HTTPS_PROXY: expected http://host:port or https://host:port"),
        ("https_proxy", "http://proxy:port", "https_proxy: expected http://host:port or https://host:port"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_a_line(name: str, value: str, said: str) -> None:
    assert error({**APP, name: value}) == said


def test_state_directory_by_xdg() -> None:
    assert settings_from({"XDG_STATE_HOME": "/s"}).state_dir == Path("/s/tidewaiter")
    assert error({}).startswith("TIDEWAITER_STATE_DIR: not set")


def test_what_the_http_client_can_use() -> None:
    for value in ("http://proxy.acme.example:3128", "proxy.acme.example:3128", "https://u:pw@proxy"):
        assert settings_from({**APP, "HTTPS_PROXY": value}).credentials


LINKS = {
    "TIDEWAITER_PORT": "tcp://10.0.0.1:8080",
    "TIDEWAITER_PORT_80_TCP_PROTO": "tcp",
    "TIDEWAITER_SERVICE_PORT": "80",
    "TIDEWAITER_SERVICE_PORT_HTTP": "80",
    "TIDEWAITER_METRIC_PORT": "tcp://10.0.0.1:9090",
}
"""What Kubernetes sets in every pod where services are called `tidewaiter` and `tidewaiter-metric`."""


def test_kubernetes_service_links_are_no_settings() -> None:
    assert settings_from({**APP, **LINKS}).port == 8080


def test_a_variable_of_somebody_else_is_no_matter() -> None:
    assert settings_from({**APP, "TIDEWAITER_BUILT_AT": "noon", "TIDEWATER_APP_ID": "3"}).port == 8080
