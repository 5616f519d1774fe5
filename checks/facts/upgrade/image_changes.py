"""What newer releases of actions change for steps that build images and log in to registries."""

from __future__ import annotations

from collections.abc import Callable

from checks.facts.code_span import code, listed
from checks.facts.script.scripts import Command, parse_script
from checks.facts.token.programs import is_harmless
from checks.facts.upgrade.change import Ask, Change, Hold, Write
from checks.facts.upgrade.input_changes import gone_inputs, input_taken_out, renames
from checks.facts.upgrade.upgrades import Upgrade
from checks.facts.workflow.artifacts import DOWNLOAD
from checks.facts.workflow.job_order import comes_before
from checks.facts.workflow.step_edits import with_input
from checks.facts.workflow.workflows import Step
from checks.regex import regex
from checks.source.snapshot import Edit
from checks.source.text import Location
from checks.source.yaml import Scalar
from checks.source.yaml_edit import replace_value

_SHOWN = 2
"""The secrets that a reason names."""
_BY_BUILDERS = ("buildx", "compose")
"""Commands of `docker` that build with the builder that is chosen, whatever `docker build` does."""
_PUSHED = regex(r"\bpush=true\b|\btype=registry\b")
"""In `outputs` of a build."""
_NO_ATTESTATIONS = "BUILDX_NO_DEFAULT_ATTESTATIONS"
"""The variable that keeps builds from adding any: https://docs.docker.com/build/building/variables/"""
_SAYS_OF_RECORDS = regex(r"\bDOCKER_BUILD_(?:RECORD_UPLOAD|SUMMARY)\b")
_CHOOSES_ARTIFACTS = frozenset(("artifact-ids", "name", "pattern", "run-id"))
"""Inputs by which a download takes some artifacts of the run, or those of another one."""
_RULES = {
    "tag-custom": "`type=raw,value=…`",
    "tag-edge": "`type=edge`",
    "tag-match": "`type=match,pattern=…`",
    "tag-schedule": "`type=schedule,pattern=…`",
    "tag-semver": "`type=semver,pattern=…`",
    "tag-sha": "`type=sha`",
}
"""By inputs of `docker/metadata-action` 1 the rules in `tags` that say the same since version 2."""
_LISTS = ("annotations", "flavor", "images", "labels", "tags")
"""Inputs of `docker/metadata-action` with an entry a line: https://github.com/docker/metadata-action#list-inputs"""
_AHEAD_OF_COMMENT = regex(r'[^"#]*(?:"[^"]*"[^"#]*)*')
"""What stands ahead of a comment, for what reads lists as CSV: no quotes that are left open."""
_FILLED_IN = regex(r"\$\{\{(?:[^}]|\}(?!\}))*(?:\}\})?")
_BESIDE_RULES = {"tag-latest": "`latest=…` in `flavor`", "label-custom": "`labels`"}
"""By others what says the same."""


def downloads_with_record(upgrade: Upgrade) -> tuple[Step, ...]:
    """The steps of the workflow that download all artifacts, and may come behind the build.

    Empty where the file says itself whether the build uploads its record.
    https://github.com/docker/build-push-action#environment-variables
    """
    step = upgrade.step
    if step is None or _SAYS_OF_RECORDS.search(step.text.content):
        return ()
    at = Location(step.text, step.node.span)
    return tuple(
        one
        for one in upgrade.steps_of_workflow
        if one.uses_action(DOWNLOAD)
        and not any(map(one.input_entry, _CHOOSES_ARTIFACTS))
        and not comes_before(one, Location(one.text, one.node.span), step, at)
    )


def _record_downloaded(upgrade: Upgrade) -> str:
    """The question after the record of a build among all artifacts that a step downloads.

    https://github.com/docker/build-push-action/issues/1167
    """
    downloads = downloads_with_record(upgrade)
    if not downloads:
        return ""
    places = [Location(one.text, one.uses.scalar.span if one.uses else one.node.span) for one in downloads]
    lines = " and ".join(str(place.line) for place in places)
    return (
        f"may the download of all artifacts at line {lines} take the record of the build, too, which newer releases of "
        f"{code(upgrade.action.repository)} upload (else say `DOCKER_BUILD_RECORD_UPLOAD: false` in `env`, or give the download a "
        "`pattern`)"
    )


def _before_rules(upgrade: Upgrade) -> str:
    """What is to be written before a step moves that says by inputs of version 1 which tags and labels an image gets.

    https://github.com/docker/metadata-action/blob/master/UPGRADE.md#v1-to-v2
    """
    gone = [name for name in gone_inputs(upgrade) if name == "tag-latest" or upgrade.written(name) != "false"]
    rules = [_RULES[name] for name in gone if name in _RULES]
    others = [_BESIDE_RULES[name] for name in gone if name in _BESIDE_RULES]
    if not rules and not others:
        return ""
    names = " and ".join(code(name) for name in gone if name in _RULES or name in _BESIDE_RULES)
    written = " and ".join([*([f"{' and '.join(rules)} in `tags`"] if rules else []), *others])
    is_alone = not rules or upgrade.written("tag-custom-only") == "true"
    beside = (
        ""
        if is_alone
        else ", beside the rules for branches, pull requests and tags, which these replace there"
    )
    return f"since version 2 {code(upgrade.action.repository)} takes no {names}: write {written} along with the move{beside}"


def _comments_above(name: str) -> Callable[[Upgrade], Edit | None]:
    """Puts comments that end the entries of a list on lines of their own, above these.

    Up to version 5 `docker/metadata-action` passes over both, later only over those that begin a line.
    https://github.com/docker/metadata-action/pull/607
    """

    def edit(upgrade: Upgrade) -> Edit | None:
        written = upgrade.step.input(name) if upgrade.step else None
        if written is None or written.style != "literal" or not _has_comment_in_entry(written):
            return None
        if any(_may_be_of_entry(line) for line in written.value.splitlines()):
            return None
        lines = (part for line in written.value.splitlines() for part in _parted(line))
        ending = "\n" if written.value.endswith("\n") else ""
        return replace_value(written, "\n".join(lines) + ending)

    return edit


def _parted(line: str) -> tuple[str, ...]:
    """A line of a list without the comment that ends it, below that."""
    at = _comment_in(line)
    return tuple(filter(None, (line[at:], line[:at].rstrip()))) if at > 0 else (line,)


def _comment_in(line: str) -> int:
    """Where the comment of a line begins: not in quotes. -1 where there is none."""
    shown = _FILLED_IN.sub(lambda match: "_" * len(match[0]), line)
    ahead = _AHEAD_OF_COMMENT.match(shown)
    at = ahead.end() if ahead is not None else 0
    return at if shown.startswith("#", at) else -1


def _may_be_of_entry(line: str) -> bool:
    """Whether what was read as a comment adjoins its entry, as the fragment of a URL does: `…/web#readme`."""
    at = _comment_in(line)
    return at > 0 and not line[at - 1].isspace()


def _has_comment_in_entry(written: Scalar) -> bool:
    return any(_comment_in(line) > 0 for line in written.value.splitlines())


def _comment_left(upgrade: Upgrade) -> str:
    """The question after comments that end the entries of a list, and can't be put above these."""
    given = ((name, upgrade.step.input(name)) for name in _LISTS) if upgrade.step else ()
    held = [name for name, one in given if one is not None and _has_comment_in_entry(one)]
    left = [code(name) for name in held if _comments_above(name)(upgrade) is None]
    return (
        f"is what follows `#` in {' and '.join(left)} a part of its entry: since version 6 `docker/metadata-action` takes it for one, and "
        "for a comment only at the start of a line"
        if left
        else ""
    )


def _source_kept(upgrade: Upgrade) -> Edit | None:
    """Tells a build of `docker/bake-action` to read the workspace, as it does before version 6 unless told otherwise.

    None for what does so anyway, for what names its folder in `workdir`, which is renamed, and where that can't be written.
    """
    step = upgrade.step
    if upgrade.action.path or step is None or any(map(step.input_entry, ("source", "workdir"))):
        return None
    return with_input(step, "source: .")


def _may_push_plain_image(upgrade: Upgrade) -> bool:
    """Whether the step may push the image of one platform, and leaves it open whether that gets a provenance."""
    return _may_get_provenance(upgrade) and "," not in upgrade.written("platforms")


def _may_get_provenance(upgrade: Upgrade) -> bool:
    """Whether the step may push an image, and leaves it open whether that gets a provenance."""
    is_open = upgrade.lacks("provenance") and _NO_ATTESTATIONS not in upgrade.action.scalar.text.content
    is_pushed = upgrade.written("push") not in ("", "false") or _PUSHED.search(upgrade.written("outputs"))
    return is_open and bool(is_pushed)


def _may_build_by_alias(upgrade: Upgrade) -> bool:
    """Whether a later step may run `docker build`, for which the step makes its builder the one that is taken."""
    return upgrade.written("install") not in ("", "false") and upgrade.may_do_later(_may_build_by_docker)


def _may_build_by_docker(step: Step) -> bool:
    """Whether a script runs `docker build`, or something that may."""
    if step.run is None:
        return False
    script = parse_script(step.run.value)
    return not step.is_shell_script or not script.complete or any(map(_is_build, script.commands))


def _is_build(command: Command) -> bool:
    words = [word.literal for word in command.arguments if not word.prefix.startswith("-")]
    if command.program != "docker" or command.uncertain:
        return not is_harmless(command)
    return None in words[:1] or ("build" in words and words[0] not in _BY_BUILDERS)


CHANGES = (
    # https://github.com/aws-actions/amazon-ecr-login/releases/tag/v2.0.0
    Change(
        "aws-actions/amazon-ecr-login",
        (2,),
        Ask("does nothing hand on the password, which `aws-actions/amazon-ecr-login` masks since version 2"),
        lambda use: "docker_password" in use.action.scalar.text.content and use.lacks("mask-password"),
    ),
    # https://github.com/dataaxiom/ghcr-cleanup-action/issues/99
    Change(
        "dataaxiom/ghcr-cleanup-action",
        (1, 1),
        Ask(
            "is `keep-n-tagged` a number of images: since version 1.1 `dataaxiom/ghcr-cleanup-action` no longer counts the tags that `delete-tags` describes there"
        ),
        lambda use: use.has("keep-n-tagged") and use.has("delete-tags"),
    ),
    # https://github.com/docker/bake-action/releases/tag/v6.0.0
    Change("docker/bake-action", (6,), Write(_source_kept)),
    # https://github.com/docker/bake-action/pull/208
    Change("docker/bake-action", (5,), Ask(_record_downloaded)),
    Change(
        "docker/bake-action",
        (6,),
        Ask(
            "is what the step builds in the repository at the commit of the event: since version 6 `docker/bake-action` fetches it from there, and not from the workspace, unless told `source: .`"
        ),
        lambda use: (
            not use.action.path
            and use.lacks("source")
            and _source_kept(use) is None
            and "workdir" not in renames(use)
        ),
    ),
    # https://github.com/docker/build-push-action/releases/tag/v4.0.0
    Change(
        "docker/build-push-action",
        (4,),
        Ask(
            "does `docker manifest create` name what the step pushes: since version 4 `docker/build-push-action` adds a provenance, which makes an index of an image, and the command takes none (give `provenance: false`, or use `docker buildx imagetools create`)"
        ),
        lambda use: use.joins_images and _may_push_plain_image(use),
    ),
    # https://docs.docker.com/build/metadata/attestations/slsa-provenance/#max
    Change(
        "docker/build-push-action",
        (4,),
        Hold(
            lambda use: (
                f"since version 4 `docker/build-push-action` adds a provenance, which in a public repository holds "
                f"{listed([code(one) for one in use.secrets_to_record], _SHOWN)} of `build-args`, for all who can pull the image: "
                "keep that out first, or give `provenance: false`"
            )
        ),
        lambda use: bool(use.secrets_to_record) and _may_get_provenance(use),
    ),
    Change(
        "docker/build-push-action",
        (4,),
        Ask(
            "may all see the secrets in `build-args`: since version 4 `docker/build-push-action` adds a provenance, which in public repositories holds them (keep them out, or give `provenance: false`)"
        ),
        lambda use: (
            "secrets." in use.written("build-args") and not use.secrets_to_record and _may_get_provenance(use)
        ),
    ),
    # https://github.com/docker/build-push-action/pull/1120
    Change("docker/build-push-action", (6,), Ask(_record_downloaded)),
    Change("docker/metadata-action", (2,), Hold(_before_rules)),
    # https://github.com/docker/metadata-action/pull/607
    *(Change("docker/metadata-action", (6,), Write(_comments_above(name))) for name in _LISTS),
    Change("docker/metadata-action", (6,), Ask(_comment_left)),
    # https://github.com/docker/setup-buildx-action/pull/455
    Change("docker/setup-buildx-action", (4,), Write(input_taken_out)),
    Change(
        "docker/setup-buildx-action",
        (4,),
        Ask(
            "does no later step count on `install`, by which `docker build` takes the builder: `docker/setup-buildx-action` has it no more since version 4 (run `docker buildx build`, or name the builder in `BUILDX_BUILDER`)"
        ),
        lambda use: _may_build_by_alias(use) and input_taken_out(use) is not None,
    ),
    # https://github.com/int128/docker-manifest-create-action#migration-from-v1-to-v2
    Change(
        "int128/docker-manifest-create-action",
        (2,),
        Hold(
            "since version 2 `int128/docker-manifest-create-action` takes whole names of images as `sources`: write them along with the move"
        ),
    ),
    # https://github.com/redhat-actions/push-to-registry/pull/121
    Change(
        "redhat-actions/push-to-registry",
        (3,),
        Ask(
            "is each tag written as it is to be pushed: since version 3 `redhat-actions/push-to-registry` leaves its capitals"
        ),
        lambda use: any(tag is None or tag != tag.lower() for tag in use.values("tags")),
    ),
)
"""By action; of one action in the order in which they are told."""
