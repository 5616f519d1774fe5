"""Images that nothing gives any more: their registry was shut down, or their tags were taken away."""

from __future__ import annotations

import re

from checks.regex import regex

_CLOSED = regex(r"(?:registry\.svc\.ci\.openshift\.org|(?:[\w-]{1,100}\.)?bintray\.io)/", re.IGNORECASE)
"""Registries that were shut down.

https://docs.ci.openshift.org/docs/how-tos/use-registries-in-build-farm/#summary-of-available-registries
https://jfrog.com/blog/into-the-sunset-bintray-jcenter-gocenter-and-chartcenter/
"""
_MOVED = regex(
    r"(?:(?:index\.)?docker\.io/)?bitnami/(?:apache|cassandra|consul|elasticsearch|etcd|git|golang|grafana|java|kafka|keycloak|kubectl|laravel"
    r"|mariadb|memcached|minio|mongodb|mysql|nginx|node|oauth2-proxy|openldap|php-fpm|postgresql|postgresql-repmgr|prometheus|python|rabbitmq"
    r"|redis|redis-cluster|redis-sentinel|ruby|spark|wordpress|zookeeper):\d[\w.-]*"
)
"""Versions that Bitnami moved to `bitnamilegacy` in September 2025, by name and tag; digests stayed.

https://github.com/bitnami/containers/issues/83267
"""
_OF_HASHICORP = regex(
    r"(?:(?:index\.)?docker\.io/)?(?:library/)?(?:(?:consul|vault)(?::latest)?"
    r"|consul:1\.(?:1[6-9]|[2-9]\d)(?:\.[\w.-]*)?|vault:(?:1\.(?:1[4-9]|[2-9]\d)|2)(?:\.[\w.-]*)?)"
)
"""Official images that HashiCorp gave up in June 2023, for `hashicorp/consul` and `hashicorp/vault`: their `latest` was taken away,
and newer versions were never there; older ones stayed.

https://github.com/docker-library/official-images/pull/14940
https://github.com/docker-library/official-images/pull/14949
"""


def is_gone(reference: str) -> bool:
    """Whether an image, as it is written, can't be pulled from anywhere."""
    return _CLOSED.match(reference) is not None or any(
        one.fullmatch(reference) for one in (_MOVED, _OF_HASHICORP)
    )
