"""Builds that stop for packages that have moved to an archive."""

from __future__ import annotations

import pytest

from checks.check import Repository
from checks.facts.dockerfile.lost_packages import lost_packages
from checks.source.snapshot import Snapshot


@pytest.mark.parametrize(
    ("base", "rest", "archive"),
    [
        ("debian:10", "RUN apt-get update && apt-get install -y git", "archive.debian.org"),
        ("python:3.10-slim-buster", "RUN apt update \\\n && apt install -y git", "archive.debian.org"),
        ("node:8-stretch", "RUN set -e; apt-get update; apt-get install -y git", "archive.debian.org"),
        ("ubuntu:24.10", "RUN apt-get update", "old-releases.ubuntu.com"),
        (
            "ubuntu:24.10",
            (
                "RUN sed -i 's|http://archive.ubuntu.com/ubuntu/|https://mirror.acme.example/ubuntu/|g' /etc/apt/sources.list.d/ubuntu.sources\n"
                "RUN echo 'Acquire::Retries 3;' > /etc/apt/apt.conf.d/80-retries && apt-get update"
            ),
            "old-releases.ubuntu.com",
        ),
        (
            "ubuntu:24.10",
            "RUN sed -i 's|archive.ubuntu.com|old-releases.ubuntu.com|g' /etc/apt/sources.list.d/ubuntu.sources && apt-get update",
            "",
        ),
        (
            "ubuntu:24.10",
            (
                "RUN sed -i 's|archive.ubuntu.com|mirror.acme.example|g;s|security.ubuntu.com|mirror.acme.example|g' "
                "/etc/apt/sources.list.d/ubuntu.sources && apt-get update"
            ),
            "",
        ),
        (
            "ubuntu:24.10",
            "RUN echo 'Acquire::http::Proxy \"http://10.0.0.1\";' > /etc/apt/apt.conf.d/80 && apt-get update",
            "",
        ),
        ("ubuntu:24.10", 'RUN echo "$SETTINGS" > /etc/apt/apt.conf.d/80-proxy && apt-get update', ""),
        ("ubuntu:oracular", "RUN apt-get update", "old-releases.ubuntu.com"),
        ("debian:10", "RUN a=b && apt-get update && apt-get install -y git", "archive.debian.org"),
        (
            "debian:10",
            "RUN apt-get update && echo deb >> /etc/apt/sources.list.d/acme.list",
            "archive.debian.org",
        ),
        ("debian:10", "RUN test -e /a && apt-get update && apt-get install -y git", ""),
        ("debian:11", "RUN apt-get update && apt-get install -y git", ""),
        ("ubuntu:20.04", "RUN apt-get update", ""),
        ("debian:10", "RUN apt-get update; apt-get clean", ""),
        ("debian:10", "RUN apt-get update || true", ""),
        ("debian:10", "RUN apt-get install -y git", ""),
        ("debian/eol:buster", "RUN apt-get update", ""),
        ("registry.acme.example/debian:10", "RUN apt-get update", ""),
        ("debian:10", "COPY rootfs /\nRUN apt-get update", ""),
        ("debian:10", "COPY rootfs ./\nRUN apt-get update", ""),
        ("debian:10", "WORKDIR /srv\nCOPY rootfs ./\nRUN apt-get update", "archive.debian.org"),
        ("debian:10", "COPY sources.list /etc/apt/\nRUN apt-get update", ""),
        ("debian:10", "COPY use.sh /\nRUN /use.sh\nRUN apt-get update", ""),
        ("debian:10", "ARG http_proxy\nRUN apt-get update", ""),
        ("debian:10", "RUN apt-get -o Acquire::http::Proxy=http://10.0.0.1:3142 update", ""),
        ("debian:10", "RUN http_proxy=http://10.0.0.1:3142 apt-get update && apt-get install -y git", ""),
    ],
)
def test_lists_that_no_server_of_the_image_has(base: str, rest: str, archive: str) -> None:
    repo = Repository(Snapshot.of({"Dockerfile": f"FROM {base}\n{rest}\nUSER 1000\n"}))
    (dockerfile,) = repo.dockerfiles
    found = lost_packages(dockerfile, dockerfile.final)
    assert (found.archive if found else "") == archive
