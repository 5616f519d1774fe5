"""Commands that put an image into a Kubernetes cluster, and name it.

https://kubernetes.io/docs/reference/kubectl/generated/kubectl_set/kubectl_set_image/,
https://helm.sh/docs/helm/helm_upgrade/, https://kubectl.docs.kubernetes.io/references/kustomize/cmd/edit/set/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from checks.facts.image.references import Reference, reference
from checks.facts.script.invocations import Invocation
from checks.facts.value import Value, joined
from checks.facts.workflow.resolve import Scope
from checks.facts.workflow.workflows import Step
from checks.record import Record
from checks.regex import regex
from checks.source.command_line import Syntax, read_arguments
from checks.source.text import Location
from checks.source.word import Word

_IMAGE_OPTION = Syntax.of("image= namespace/n= context= kubeconfig= filename/f= output/o=")
_IMAGE, _REPOSITORY = regex(r"(?:.*\.)?image"), regex(r"(?:.*\.)?image\.repository")


class Rollout(Record, eq=False):
    """One image that a command of a step deploys, in one leg of its job's matrix."""

    step: Step
    scope: Scope
    location: Location
    """The command."""
    image: Value
    """With its tag or digest, as far as they are known."""

    @property
    def reference(self) -> Reference:
        return reference(self.image)


def rollouts_of(invocations: Iterable[Invocation]) -> tuple[Rollout, ...]:
    """The images that certain commands of steps deploy, in file order."""
    return tuple(
        Rollout(one.step, scope, one.location, image)
        for one in invocations
        if one.step is not None and not one.command.uncertain
        for scope in one.scopes
        for image in _images(one, scope)
    )


def _images(one: Invocation, scope: Scope) -> Iterator[Value]:
    if one.program == "helm":
        yield from _of_helm(_texts(one, _set_by_helm(one), scope))
    elif one.program == "kubectl":
        changed = one.subcommand("set", "image") or ()
        for text in _texts(one, changed, scope):
            container, equals, image = text.partition("=")
            if equals and container.parts:
                yield image
        yield from _texts(one, _created(one), scope)


def _texts(one: Invocation, words: Iterable[Word], scope: Scope) -> Iterator[Value]:
    """What words come to, those left out that may come to several texts."""
    for word in words:
        found = one.values_in(word, scope)
        if len(found) == 1 and not word.prefix.startswith("-"):
            yield found[0]


def _created(one: Invocation) -> tuple[Word, ...]:
    """The values of `--image` of the commands that make a workload."""
    for names in (("run",), ("create", "deployment"), ("create", "job"), ("create", "cronjob")):
        words = one.subcommand(*names)
        if words is not None:
            return read_arguments(words, _IMAGE_OPTION).all("image")
    return ()


def _set_by_helm(one: Invocation) -> tuple[Word, ...]:
    """The values of `--set`."""
    words = one.command.arguments
    if not any(word.literal in ("upgrade", "install") for word in words[:2]):
        return ()
    options = ("--set", "--set-string")
    return tuple(word for option, word in pairwise(words) if option.literal in options)


def _of_helm(texts: Iterable[Value]) -> Iterator[Value]:
    """The images among `KEY=VALUE,…`: `image=NAME:TAG`, or `image.repository` with `image.tag`."""
    given: dict[str, Value] = {}
    for text in texts:
        rest = text
        while rest.parts:
            pair, _, rest = rest.partition(",")
            key, _, value = pair.partition("=")
            given[key.literal or ""] = value
    for name, value in given.items():
        tag = given.get(f"{name.removesuffix('.repository')}.tag")
        if _IMAGE.fullmatch(name):
            yield value
        elif _REPOSITORY.fullmatch(name) and tag is not None:
            yield joined((*value.parts, ":", *tag.parts))
