"""Which programs end at SIGTERM as the first process of a container too, since they have a handler for it.

The kernel takes no default action for process 1: what has no handler passes over the signal.
https://man7.org/linux/man-pages/man7/pid_namespaces.7.html
"""

from __future__ import annotations

import posixpath

from checks.facts.dockerfile.base_images import image_name
from checks.facts.dockerfile.dockerfiles import Dockerfile
from checks.regex import regex
from checks.source.shell import Command, parse

_HANDLING = frozenset(
    (
        # By their runtime, whatever they run: https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/lang/Runtime.html#shutdown
        # https://learn.microsoft.com/en-us/dotnet/core/extensions/generic-host#hosted-process-shutdown
        # https://docs.ruby-lang.org/en/master/Signal.html https://www.erlang.org/doc/apps/kernel/kernel_app.html#os-signal-event-handler
        "catalina.sh", "dotnet", "elixir", "erl", "iex", "java", "jruby", "mix", "puma", "rackup", "rails", "ruby", "sidekiq", "thin", "unicorn",
        # https://docs.gunicorn.org/en/stable/signals.html https://uvicorn.dev/server-behavior/ https://docs.celeryq.dev/en/stable/userguide/workers.html#stopping-the-worker
        "celery", "fastapi", "gunicorn", "hypercorn", "uvicorn",
        # https://nginx.org/en/docs/control.html https://httpd.apache.org/docs/2.4/stopping.html https://www.php.net/manual/en/install.fpm.php
        "apache2", "apache2-foreground", "envoy", "haproxy", "httpd", "httpd-foreground", "lighttpd", "nginx", "openresty", "php-fpm", "varnishd",
        # https://www.postgresql.org/docs/current/server-shutdown.html https://redis.io/docs/latest/operate/oss_and_stack/reference/signals/
        # https://dev.mysql.com/doc/refman/8.4/en/unix-signal-response.html https://www.mongodb.com/docs/manual/reference/program/mongod/
        "mariadbd", "memcached", "mongod", "mysqld", "postgres", "redis-server", "valkey-server",
        # Made with Go, whose runtime has one: https://pkg.go.dev/os/signal#hdr-Default_behavior_of_signals_in_Go_programs
        "caddy", "consul", "etcd", "grafana-server", "hugo", "minio", "prometheus", "traefik", "vault",
    )
)  # fmt: skip
_STARTERS = {
    "bundle": "exec",
    "pipenv": "run",
    "poetry": "run",
    "uv": "run",
}
"""Those that start another program in their place, or pass the signal on to it: `bundle exec puma`."""
_PYTHON = regex(r"python(?:\d{1,2}(?:\.\d{1,3})?)?")
_OF_GO = frozenset(("golang", "mcr.microsoft.com/oss/go/microsoft/golang"))


def handles_sigterm(dockerfile: Dockerfile, command: Command) -> bool:
    """Whether it is known of the program that a command starts, by its name or as one made with Go, that it handles SIGTERM.

    What is a program of its own is taken for one made with Go where the image stands on, or copies from, the image of Go.
    """
    name, words = command.program or "", command.literals
    if name in _STARTERS and words[:1] == [_STARTERS[name]]:
        name, words = posixpath.basename(words[1]) if len(words) > 1 else "", words[2:]
    if _PYTHON.fullmatch(name) and words[:1] == ["-m"] and len(words) > 1:
        name = words[1]
    written = (command.unwrapped.name.literal or "") if command.unwrapped.name is not None else ""
    is_own = "/" in written and "." not in name
    return name in _HANDLING or (is_own and _is_of_go(dockerfile))


def _is_of_go(dockerfile: Dockerfile) -> bool:
    line = dockerfile.ancestry(dockerfile.shipped)
    sources = [source for stage in line for it in stage.instructions for source in dockerfile.sources_of(it)]
    compilers = [stage for source in (*line[:1], *sources) for stage in dockerfile.ancestry(source)]
    return any(image_name(dockerfile.base_image(stage) or "") in _OF_GO for stage in compilers)


def script_handles_sigterm(dockerfile: Dockerfile, content: str) -> bool:
    """Whether a script sets a trap, or brings such a program in its place."""
    script = parse(content)
    first = [(command.words[0].literal, command) for command in script.commands if command.words]
    return not script.errors and any(
        word == "trap" or (word == "exec" and handles_sigterm(dockerfile, command)) for word, command in first
    )
