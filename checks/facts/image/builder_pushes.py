"""What builders other than Docker's push, as their own documentation has it: `pack`, Jib, ko, Kaniko and their like.

https://buildpacks.io/docs/for-platform-operators/how-to/integrate-ci/pack/cli/pack_build/
https://github.com/google/go-containerregistry/blob/main/cmd/crane/doc/crane_push.md
https://github.com/GoogleContainerTools/kaniko#pushing-to-different-registries
https://github.com/GoogleContainerTools/jib/tree/master/jib-maven-plugin#build-your-image
https://docs.spring.io/spring-boot/maven-plugin/build-image.html
https://docs.spring.io/spring-boot/gradle-plugin/packaging-oci-image.html
https://quarkus.io/guides/container-image#pushing
https://ko.build/reference/ko_build/
https://learn.microsoft.com/en-us/cli/azure/acr#az-acr-build
https://learn.microsoft.com/en-us/dotnet/core/containers/publish-configuration#containerregistry
https://docs.cloud.google.com/sdk/gcloud/reference/builds/submit
https://skaffold.dev/docs/references/cli/#skaffold-build
https://www.scala-sbt.org/sbt-native-packager/formats/docker.html#tasks
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple

from checks.facts.mention import speaks_of
from checks.facts.script.invocations import Invocation
from checks.regex import regex
from checks.source.command_line import Syntax
from checks.source.word import Variable, Word


class Sent(NamedTuple):
    """An image that a command pushes."""

    name: Word | None
    """None where the command does not show it."""
    certain: bool = True
    """Whether it certainly does so when it runs."""


_PACK = Syntax.of(
    "publish path/p= builder/B= buildpack/b= buildpack-registry/r= cache= cache-image= clear-cache creation-time= "
    "default-process/D= descriptor/d= disable-system-buildpacks docker-host= env/e= env-file= exec-env= extension= gid= "
    "insecure-registry= interactive lifecycle-image= mac-address= network= no-pull platform= post-buildpack= "
    "pre-buildpack= previous-image= pull-policy= report-output-dir= run-image= sbom-output-dir= sparse tag/t= "
    "trust-builder trust-extra-buildpacks uid= volume= workspace= no-color quiet/q timestamps verbose/v config/c= format/f= label/l= "
    "append-image-name-suffix flatten= flatten-exclude= target="
)
_CRANE = Syntax.of(
    "index image-refs= platform= insecure verbose/v allow-nondistributable-artifacts annotation/a="
)
_KANIKO = Syntax.of(
    "destination/d= context/c= context-sub-path= dockerfile/f= no-push no-push-cache cache cache-repo= cache-dir= "
    "build-arg= target= tar-path/tarPath= digest-file= insecure skip-tls-verify registry-mirror= label= log-format= "
    "verbosity/v= push-retry= reproducible single-snapshot snapshot-mode/snapshotMode= use-new-run git= cleanup force "
    "custom-platform/customPlatform= compressed-caching"
)
_ACR = Syntax.of(
    "registry/r= image/t= file/f= no-push build-arg= secret-build-arg= platform= target= auth-mode= agent-pool= timeout= "
    "no-logs no-format no-wait resource-group/g= subscription= output/o= query= verbose debug only-show-errors"
)
_CLOUD_BUILD = Syntax.of(
    "tag/t= config= pack= project= region= timeout= substitutions= machine-type= disk-size= worker-pool= service-account= "
    "gcs-source-staging-dir= gcs-log-dir= default-buckets-behavior= ignore-file= async no-cache no-source suppress-logs "
    "account= billing-project= configuration= flags-file= format= impersonate-service-account= log-http quiet/q verbosity="
)
_KO = Syntax.of("push local/L base-import-paths/B preserve-import-paths/P")
_KO_PUSHES = frozenset(("apply", "build", "create", "publish", "resolve"))
_PACK_MAKES = (("builder", "create"), ("buildpack", "package"))
"""What else of `pack` makes an image that it may publish."""
_CLOUD_BUILDS = (("builds", "submit"), ("beta", "builds", "submit"), ("alpha", "builds", "submit"))
_FOR_THIS_MACHINE = regex(
    r"\blocalhost\b|\b127\.\d|\b(?:kind|ko)\.local\b|\bregistry:\d|\bkind\b|\bk3[ds]\b|\bminikube\b"
)
"""In a file in which a registry may be one of the machine, or of a cluster that is started there."""
_NAMES_REPOSITORY = regex(r"\bKO_DOCKER_REPO\b|\bsetup-ko\b")
"""ko stops without."""
_JIB_OF_MAVEN = regex(r"(?:[\w.-]+:)?jib(?:-maven-plugin(?::[\w.-]+)?)?:build")
_IMAGE_OF_SPRING = regex(r"(?:[\w.-]+:)?spring-boot(?:-maven-plugin(?::[\w.-]+)?)?:build-image(?:-no-fork)?")
_JIB_OF_GRADLE = regex(r"(?:[\w:.-]*:)?jib")
_IMAGE_OF_GRADLE = regex(r"(?:[\w:.-]*:)?bootBuildImage")
_LEFT_OUT = frozenset(("-x", "--exclude-task"))
_NOTHING_DONE = frozenset(("-m", "-Djib.skip", "-Djib.skip=true"))
"""What has Maven or Gradle push nothing."""
_ONLY_TOLD = frozenset(("--dry-run", "--help", "-h"))
"""What has any of these programs say what it would do, or what it can do."""
_OF_SBT = regex(r"(?:^|[\s/+])(?:docker:publish|Docker\s*/\s*publish)(?=$|\s)(?!\s*/)", re.IGNORECASE)
_ASKS_SBT = regex(r"\s*(?:alias|eval|help|inspect|set)\b")
"""A command of sbt that has the name of a task, and does not run it: https://www.scala-sbt.org/1.x/docs/Command-Line-Reference.html"""
_CONTAINER_OF_NET = regex(
    r"[-/]-?(?:t|target):PublishContainer|[-/]-?(?:p|property)[: ]PublishProfile=DefaultContainer",
    re.IGNORECASE,
)
_PROPERTIES_OF_NET = frozenset(("-p", "--property"))
_REGISTRY_OF_NET = regex(r"[-/]-?(?:p|property)[: ]ContainerRegistry=[^=]+", re.IGNORECASE)
_ARCHIVE_OF_NET = regex(r"[-/]-?(?:p|property)[: ]ContainerArchiveOutputPath=.+", re.IGNORECASE)
"""Where the image goes instead."""


def sent_by(one: Invocation) -> Iterator[Sent]:
    """What a command pushes; without a name only where a step does, and nothing in the file speaks of a registry of its machine."""
    read = _READERS.get(one.program or "")
    if read is None or one.command.uncertain or not _ONLY_TOLD.isdisjoint(one.command.literals):
        return
    for sent in read(one):
        is_elsewhere = one.step is not None and not speaks_of(one.text, _FOR_THIS_MACHINE)
        if sent.name is not None or is_elsewhere:
            yield sent


def _pack(one: Invocation) -> Iterator[Sent]:
    build = one.arguments(_PACK, "build")
    read = build or next(filter(None, (one.arguments(_PACK, *names) for names in _PACK_MAKES)), None)
    if read is None:
        return
    given = {
        word: certain
        for word in one.command.arguments
        if (certain := _holds(one, word, "--publish")) is not None
    }
    if read.has("publish") or given:
        certain = read.has("publish") is True or True in given.values()
        named = [word for word in read.operands if word not in given][:1]
        tags = build.all("tag") if build else ()
        yield from (Sent(word, certain) for word in (*named, *tags) or (None,))


def _holds(one: Invocation, word: Word, flag: str) -> bool | None:
    """Whether a variable hands on a flag: True where it certainly does, False where it may, None where nothing says so."""
    variables = [piece for piece in word.pieces if isinstance(piece, Variable)]
    if not variables or (word.quoted and not word.plural):
        return None
    found = [flag in str(value).split() for value in one.values(word)]
    if all(found):
        return True
    names = {variable.name for variable in variables}
    others = [variable.argument for variable in variables if variable.argument is not None]
    assigned = [*others, *(value for name in names for value in _assigned(one, name))]
    return False if any(found) or any(flag in _text(value).split() for value in assigned) else None


def _assigned(one: Invocation, name: str) -> Iterator[Word]:
    """What the script gives a variable, under whatever conditions, ahead of a command."""
    for command in one.script.commands:
        if command.sets_variables and command.span.start < one.command.span.start:
            for assignment in command.assignments:
                if assignment.name == name:
                    yield from assignment.elements
                    yield from () if assignment.value is None else (assignment.value,)


def _text(word: Word) -> str:
    """What is known of a word, with a gap for what is not."""
    return "".join(part if isinstance(part, str) else "…" for part in word.parts)


def _crane(one: Invocation) -> Iterator[Sent]:
    read = one.arguments(_CRANE, "push")
    if read is not None and len(read.operands) == 2:
        yield Sent(read.operands[1])


def _kaniko(one: Invocation) -> Iterator[Sent]:
    read = one.arguments(_KANIKO)
    is_its_own = any(word.literal == "/kaniko/executor" for word in one.command.words)
    if read is not None and is_its_own and read.has("no-push") is False:
        yield from map(Sent, read.all("destination"))


def _acr(one: Invocation) -> Iterator[Sent]:
    """The name is that of the registry, with what Azure puts behind it, and the image's."""
    read = one.arguments(_ACR, "acr", "build")
    if read is not None and read.all("image") and read.has("no-push") is False:
        yield Sent(None)


def _cloud_build(one: Invocation) -> Iterator[Sent]:
    read = next(filter(None, (one.arguments(_CLOUD_BUILD, *names) for names in _CLOUD_BUILDS)), None)
    if read is not None:
        yield from map(Sent, read.all("tag")[-1:])


def _ko(one: Invocation) -> Iterator[Sent]:
    words = one.command.arguments
    read = one.arguments(_KO, words[0].literal or "") if words else None
    if (
        words
        and words[0].literal in _KO_PUSHES
        and read is not None
        and speaks_of(one.text, _NAMES_REPOSITORY)
    ):
        is_pushed = read.span_of("push") is None or read.has("push") is True
        if is_pushed and read.has("local") is False:
            yield Sent(None)


def _maven(one: Invocation) -> Iterator[Sent]:
    words = one.command.literals
    is_pushed = any(map(_JIB_OF_MAVEN.fullmatch, words)) or (
        any(map(_IMAGE_OF_SPRING.fullmatch, words)) and _is_set(words, "-Dspring-boot.build-image.publish")
    )
    if (is_pushed or _is_set(words, "-Dquarkus.container-image.push")) and _NOTHING_DONE.isdisjoint(words):
        yield Sent(None)


def _gradle(one: Invocation) -> Iterator[Sent]:
    words = one.command.literals
    tasks = [word for before, word in zip(("", *words), words, strict=False) if before not in _LEFT_OUT]
    is_pushed = any(map(_JIB_OF_GRADLE.fullmatch, tasks)) or (
        any(map(_IMAGE_OF_GRADLE.fullmatch, tasks)) and "--publishImage" in words
    )
    if (is_pushed or _is_set(words, "-Dquarkus.container-image.push")) and _NOTHING_DONE.isdisjoint(words):
        yield Sent(None)


def _quarkus(one: Invocation) -> Iterator[Sent]:
    words = one.command.literals
    if words[:2] == ["image", "push"] or _is_set(words, "-Dquarkus.container-image.push"):
        yield Sent(None)


def _sbt(one: Invocation) -> Iterator[Sent]:
    asked = (part for word in one.command.literals for part in word.split(";"))
    if any(_OF_SBT.search(part) and not _ASKS_SBT.match(part) for part in asked):
        yield Sent(None)


def _dotnet(one: Invocation) -> Iterator[Sent]:
    words = [word.literal or f"{word.prefix}…" for word in one.command.arguments]
    words += [f"{option} {word}" for option, word in pairwise(words) if option in _PROPERTIES_OF_NET]
    is_container, is_archive, has_registry = (
        any(map(pattern.fullmatch, words))
        for pattern in (_CONTAINER_OF_NET, _ARCHIVE_OF_NET, _REGISTRY_OF_NET)
    )
    if is_container and has_registry and not is_archive:
        yield Sent(None)


def _skaffold(one: Invocation) -> Iterator[Sent]:
    words = one.command.literals
    if words[:1] == ["build"] and _is_set(words, "--push"):
        yield Sent(None)


def _is_set(words: Iterable[str], name: str) -> bool:
    return any(word in (name, f"{name}=true") for word in words)


_READERS: Mapping[str, Callable[[Invocation], Iterator[Sent]]] = {
    "az": _acr,
    "crane": _crane,
    "dotnet": _dotnet,
    "executor": _kaniko,
    "gcloud": _cloud_build,
    "gradle": _gradle,
    "gradlew": _gradle,
    "ko": _ko,
    "mvn": _maven,
    "mvnd": _maven,
    "mvnw": _maven,
    "pack": _pack,
    "quarkus": _quarkus,
    "sbt": _sbt,
    "skaffold": _skaffold,
}
"""By program."""
