"""Where people find what the API tells of."""

from __future__ import annotations

from urllib.parse import urlsplit


def site_of(api: str) -> str:
    """The address of the site whose API is at `api`, without a slash at the end.

    github.com and a subdomain of ghe.com have the API on a host of its own, GitHub Enterprise Server below a
    path: https://docs.github.com/en/enterprise-server/rest/using-the-rest-api/getting-started-with-the-rest-api
    """
    parts = urlsplit(api)
    is_server = parts.path.rstrip("/").endswith("/api/v3")
    host = parts.netloc if is_server else parts.netloc.removeprefix("api.")
    return f"{parts.scheme}://{host}"
