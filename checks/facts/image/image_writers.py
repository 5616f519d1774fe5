"""What decides on images beside the files: tools that write tags into manifests, and pushes that are not read here."""

from __future__ import annotations

import re

from checks.facts.image.references import Reference, reference
from checks.facts.image.tag_shapes import may_match
from checks.facts.mention import Mention
from checks.facts.value import Hole, Value, Varies
from checks.regex import regex
from checks.source.text import Text

_WRITERS = Mention(
    r"set[ -]image|edit set|\byq\b|\bsed\b|--set\b|argocd|argo cd|image-?updater|imagepolicy|image-automation|\bflux\b"
    r"|git push|git-auto-commit|add-and-commit|create-pull-request|envsubst|renovate|skaffold|release-please|keel\.sh"
    r"|watchtower|\bko (?:apply|resolve)\b|kustomize|render-task-definition|register-task-definition|-target-image"
    r"|update-function-code|kubectl patch|azure/k8s-deploy|k8s-bake|\bnewTag\b|\bperl\b|\bawk\b|TF_VAR_|-var\b"
    r"|repository[_-]dispatch|semantic-release|bump|kpt fn|kapp|kbld|\btilt\b|helmfile|ansible",
)
_MARKERS = Mention(
    r"\$imagepolicy|image-updater|renovate|x-release-please|keel\.sh|updatebot|bumpversion|kpt-set|\{\{",
)
_OTHER_PUSHES = Mention(
    r"docker-compose push|compose push|buildx bake|bake-action|kaniko|goreleaser|\bko (?:build|publish|apply|resolve)\b"
    r"|\bko-build\b|setup-ko|\bjib\b|jib:|buildah|regctl|\boras\b|gcrane|manifest (?:create|push)|push-to-registry"
    r"|skaffold|\bearthly?\b|\bdepot\b|build-image\b|\bpack build|werf|nix |bazel|jq -cr|imagetools create [^\n]*\$\("
    r"|make [\w./-]*(?:push|release|publish|image|docker|deploy)|nx |turbo |dagger|docker-publish|publish-docker"
    r"|docker-push|dockerhub|retag|add-?tag|crane-|copy-image|semantic-release|copacetic|replicate|(?:^|[^/]|[^/]/)mirror",
)
"""A mirror behind `//` is one of packages: no image has that in its name."""
_FOLDER = regex(r"te?mp|dir|path|home|workspace|root|pwd|folder", re.IGNORECASE)
_REGISTRY = regex(r"image|regist|repo|owner|org|namespace|docker|ecr|ghcr|gcr|acr", re.IGNORECASE)
"""In the name of a variable: what it holds."""
_HOST = regex(r"[\w-]+\.[a-z]{2,}(?::\d+)?/[\w./-]*$")
_NEAR = 200
"""Characters in which a variable's name and a registry stand before the rest of an image's name."""
_MAKEFILE_PUSHES = Mention(r"\bpush\b|--push|imagetools")


def writes_images(automation: Text) -> bool:
    """Whether a workflow, a script or a Makefile may put an image into a manifest.

    Kustomize's `images:` in the repository are read by themselves; here a command that sets one counts.
    """
    return _WRITERS.is_in(automation.content)


def is_marked(manifest: Text) -> bool:
    """Whether a manifest says that a controller or a tool puts images into it."""
    return _MARKERS.is_in(manifest.content)


def pushes_otherwise(automation: Text) -> bool:
    """Whether a workflow or a script may push images in a way, or by names, that `Push` does not know: by other builders."""
    return _OTHER_PUSHES.is_in(automation.content)


def makefile_pushes(makefile: Text) -> bool:
    """Whether a Makefile may push images."""
    return _MAKEFILE_PUSHES.is_in(makefile.content)


def is_same_repository(one: Reference, other: Reference) -> bool:
    """Whether two names certainly mean one repository, as far as ECR's account and region may differ."""
    path = one.path.literal
    if path is None or path != other.path.literal or not (one.host.parts or "/" in path):
        return False
    return one.host == other.host or (one.is_ecr and other.is_ecr and _hosts_may_be_equal(one, other))


def may_be_same_image(deployed: Reference, tag: str, pushed: Reference) -> bool:
    """Whether a push may make the image that is deployed under a tag; False is certain."""
    if pushed.path.literal is not None and pushed.path.literal != deployed.path.literal:
        return False
    if pushed.path.literal is None or pushed.tag is None:
        return pushed.path.literal is None or tag == "latest"
    return _hosts_may_be_equal(deployed, pushed) and may_match(tag, pushed.tag)


def may_be_pushed_to(image: Reference, name: Value) -> bool:
    """Whether a push under a name may go to the repository of an image whose path is known; False is certain."""
    if name.parts and isinstance(name.parts[0], Hole) and name.parts[0].varies is Varies.UNKNOWN:
        return True  # its registry is not known
    path, pushed = image.path.literal, reference(name)
    return path is not None and _hosts_may_be_equal(image, pushed) and may_match(path, pushed.path)


def puts_name_together(workflow: Text, image: Reference) -> bool:
    """Whether a text ends a name that it puts together as the image's does: `${REGISTRY}/web`, `${{ env.OWNER }}/web`.

    What is in a folder that a variable names, `${RUNNER_TEMP}/web`, is no image.
    """
    path, content = image.path.literal or "", workflow.content
    name = path.rpartition("/")[2]
    pattern = rf"(?:\}}|\$\w+)/{re.escape(name)}(?:[^\w./-]|$)"
    if not name or not Mention(pattern).is_in(content):
        return False
    found = re.finditer(pattern, content, re.IGNORECASE)
    return any(_may_be_of_registry(content, one.start(), one.end()) for one in found)


def _may_be_of_registry(content: str, start: int, end: int) -> bool:
    """Whether the variable that ends at a place, or begins there as `$NAME/`, may hold the first part of an image's name."""
    is_plain = content[start] == "$"
    opened = start if is_plain else content.rfind("$", max(0, start - _NEAR), start)
    if opened < 0:
        return True
    variable = content[opened:end].rpartition("/")[0]
    is_folder = _FOLDER.search(variable) is not None and _REGISTRY.search(variable) is None
    return not is_folder or _HOST.search(content, max(0, opened - _NEAR), opened) is not None


def _hosts_may_be_equal(one: Reference, other: Reference) -> bool:
    mine, theirs = one.host.literal, other.host.literal
    if mine is not None:
        return may_match(mine, other.host)
    return theirs is None or may_match(theirs, one.host)
