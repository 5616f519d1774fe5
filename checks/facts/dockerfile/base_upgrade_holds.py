"""Why stages can't move to a newer release of their base yet, as is said to whoever would move them."""

from __future__ import annotations

import datetime
import posixpath
import re
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from checks.facts.code_span import code, listed
from checks.facts.dockerfile.base_arguments import argument_of_base, is_used_elsewhere
from checks.facts.dockerfile.base_edits import is_literal, stages_by_default, tag_after_registry
from checks.facts.dockerfile.base_images import image_name, tag_of
from checks.facts.dockerfile.base_upgrades import BaseUpgrade
from checks.facts.dockerfile.c_libraries import lacks_library, suggested_instead
from checks.facts.dockerfile.dockerfiles import Dockerfile, Stage
from checks.facts.dockerfile.end_of_life import (
    line_that_goes_on,
    names_version,
    on_newer_distribution,
    release_of,
    undated,
)
from checks.facts.dockerfile.ended_bases import (
    EndedBase,
    Project,
    lines_of,
    maintained_tags,
    refusing,
    version_of,
)
from checks.facts.dockerfile.kept_versions import kept_at
from checks.facts.dockerfile.left_stages import staying, taken_along
from checks.facts.dockerfile.node_images import misses_corepack, misses_yarn, platform_left_out
from checks.facts.dockerfile.release_bound import (
    DISTRIBUTIONS,
    bound_to,
    fails_with_nsswitch,
    got_by_go,
    misses_adduser,
    refused_pip,
)  # fmt: skip
from checks.facts.numbers import numbers
from checks.facts.project.go_bound_modules import bound_before
from checks.facts.project.python_pins import is_compiled
from checks.facts.project.python_projects import PythonProject
from checks.regex import regex
from checks.source.text import Location

_NODE_SASS = "node-sass"
_SAME_PYTHON = {"22.10": "22.04", "24.10": "24.04"}
"""Releases of Ubuntu, with those of long-term support whose Python is the same.

https://packages.ubuntu.com/search?keywords=python3&searchon=names&exact=1&suite=all&section=all
"""
_NO_DIGEST = "the digest of the newer image can't be known here"
_MOST_NAMED = 3
"""Packages, places and projects that a reason names; it counts the others."""


def why_held(upgrade: BaseUpgrade) -> str:
    """The first reason why the stages can't move; empty where they can."""
    return next(filter(None, _reasons(upgrade)), "")


def ranges(upgrade: BaseUpgrade, projects: Sequence[Project]) -> str:
    """Which releases of the language some projects allow."""
    shown = [f"{code(one.path)} allows {upgrade.release.product} {code(_range(one))}" for one in projects]
    return listed(shown, _MOST_NAMED, "more say so")


def _range(project: Project) -> str:
    return project.written if isinstance(project, PythonProject) else project.node or ""


def _reasons(upgrade: BaseUpgrade) -> Iterator[str]:
    yield _kept(upgrade)
    yield _refused_by_bundler(upgrade)
    for alike in upgrade.by_image:
        yield from _reasons_of_image(upgrade, alike)
        yield from (_held_where_written(upgrade, one) for one in alike)
        yield _lacks_platform(upgrade, alike[0])
    yield _taken_from_what_stays(upgrade)
    yield _taken_to_older_library(upgrade)
    yield _not_allowed(upgrade)
    yield _pinned(upgrade)
    yield _held_by_bundler(upgrade)
    yield _held_by_node_sass(upgrade)
    yield _held_by_webpack(upgrade)
    yield _held_by_go_modules(upgrade)
    yield _held_without_module(upgrade)


def _kept(upgrade: BaseUpgrade) -> str:
    """What a comment says of why the release stays."""
    kept = kept_at(upgrade.dockerfile, upgrade.release)
    return f"the comment at line {kept.line} says why it stays: {code(kept.words)}" if kept else ""


def _reasons_of_image(upgrade: BaseUpgrade, alike: Sequence[EndedBase]) -> Iterator[str]:
    """What the newer image lacks, or is not known to have, for stages on one image."""
    dockerfile, one, stages = upgrade.dockerfile, alike[0], [base.stage for base in alike]
    image, release = one.image, one.release
    if not one.moved:
        others = _of_suggested(upgrade, image)
        yield f"{_not_offered(dockerfile, one, upgrade.today)}{f'; besides, {others}' if others else ''}"
        return
    yield from _lacking(upgrade, alike)
    prisma = upgrade.prisma(alike)
    if prisma is not None and prisma.is_older:
        yield (
            f"Prisma before 6.1 looks for OpenSSL in `/lib`, where newer images have none, and {code(prisma.path)} asks for "
            f"{code(prisma.package)} {code(prisma.written)}: move Prisma first, or install `openssl` "
            f"{_in_stages(dockerfile, upgrade.losing_openssl(alike))}"
        )
    bound = bound_to(dockerfile, stages, image, release, one.moved)
    if bound:
        yield f"the newer image may not have what is named here: {_with_lines(dockerfile, bound)}"
    pip = refused_pip(dockerfile, stages, image, release, one.moved)
    if pip:
        yield f"the newer image's pip installs nothing outside of a virtual environment, as line {pip.line} does: `externally-managed-environment`"
    if "@" in image:
        yield _NO_DIGEST


def _lacking(upgrade: BaseUpgrade, alike: Sequence[EndedBase]) -> Iterator[str]:
    """What commands here call, or go by, that is another thing in the newer image, or is not in it."""
    dockerfile, stages = upgrade.dockerfile, [base.stage for base in alike]
    image, release = alike[0].image, alike[0].release
    missed = misses_adduser(dockerfile, stages, image, release)
    if missed:
        yield f"the newer image has no {' and no '.join(map(code, missed))}, which {'are' if len(missed) > 1 else 'is'} called here"
    if fails_with_nsswitch(dockerfile, stages, release):
        yield "a command here fails where there is an `/etc/nsswitch.conf`, which newer images bring"
    if misses_corepack(dockerfile, stages, release):
        yield "the newer image has no `corepack`, which is called here: install it with npm"
    if misses_yarn(dockerfile, stages, release):
        yield "the newer image has no `yarn`, which is called here"
    got = got_by_go(dockerfile, stages, release)
    if got:
        taken = (
            "the same name and version"
            if "@" in got.fragment
            else "the name with a version behind it: `@latest` is what `go get` takes without one"
        )
        yield (
            f"from Go 1.18 on `go get` installs no program, as line {got.line} has it do: `go install` does, which takes {taken}"
        )


def _of_suggested(upgrade: BaseUpgrade, image: str) -> str:
    """What would hold a move to the image of another variant that is suggested in the place of one: what comes first, and pins."""
    nearest = on_newer_distribution(image) if names_version(image) and undated(image) is None else None
    if nearest is None:
        return ""
    bases = [
        replace(one, release=replace(one.release, successor=nearest)) if one.image == image else one
        for one in upgrade.bases
    ]
    suggested = replace(upgrade, bases=bases)
    first = next((one for one in _reasons(suggested) if one and one != _NO_DIGEST), "")
    return "; and ".join(filter(None, dict.fromkeys((first, _pinned(suggested)))))


def _not_offered(dockerfile: Dockerfile, one: EndedBase, today: datetime.date) -> str:
    """Why our table names no image to move to."""
    image = one.image
    tag, other_day = code(tag_of(image)), undated(image)
    if not names_version(image):
        return f"{tag} names no version, and our table knows newer images by their versions alone: name one"
    if other_day is not None:
        return f"{tag} is the image of one day, and our table does not have the days of {code(other_day)}"
    found = on_newer_distribution(image)
    nearest = suggested_instead(dockerfile, one, found) if found else None
    is_old = bool(nearest and line_that_goes_on(f"{image_name(image)}:{nearest}", today))
    later = ", or a later one of its line," if is_old else ""
    instead = f": see whether {code(nearest)}{later} will do" if nearest else ""
    return f"our table has no newer image of the variant of {tag}{instead}"


def _in_stages(dockerfile: Dockerfile, stages: Sequence[Stage]) -> str:
    """Where some stages are, as the end of a sentence, by the lines of their `FROM`; "here" for the only one of a file."""
    if len(dockerfile.stages) == 1:
        return "here"
    lines = [str(dockerfile.text.line_of(one.instruction.span.start)) for one in stages]
    return (
        f"in the stage at line {lines[0]}" if len(lines) == 1 else f"in the stages at lines {listed(lines)}"
    )


def _with_lines(dockerfile: Dockerfile, places: Sequence[Location]) -> str:
    """What stands in some places, with their lines."""
    shown = [f"{code(dockerfile.text[at.span])} (line {at.line})" for at in places]
    return listed(shown, _MOST_NAMED)


def _held_where_written(upgrade: BaseUpgrade, one: EndedBase) -> str:
    """Why what a `FROM` names can't be moved where it is written, with all that are to move."""
    dockerfile, stage = upgrade.dockerfile, one.stage
    if is_literal(stage) or tag_after_registry(dockerfile, stage, one.image):
        return ""
    if one.image != dockerfile.expanded_base(stage) and upgrade.passing:
        places = [code(f"{at.path}:{at.line}") for at in upgrade.passing]
        return f"the image is named where a build passes it: change it at {listed(places, _MOST_NAMED)}"
    argument = argument_of_base(dockerfile, stage)
    default = argument.default_for(one.moved) if argument is not None else None
    if argument is None or default is None:
        return f"{code(stage.base.value)} does not depend on the default of one argument alone"
    if argument.name in upgrade.passed or any(build.build_args is None for build in upgrade.builds):
        return f"builds may pass another {code(argument.name)}"
    moved = {base.stage: base.moved for base in upgrade.bases}
    moving = stages_by_default(dockerfile, argument, one.image, default, moved)
    if is_used_elsewhere(dockerfile, argument.name, moving):
        return f"{code(argument.name)} is used elsewhere in the file too"
    return ""


def _taken_from_what_stays(upgrade: BaseUpgrade) -> str:
    """What stages that move copy from one that stays on the same release of a distribution, with which that goes."""
    dockerfile, release = upgrade.dockerfile, upgrade.release
    if release.product not in DISTRIBUTIONS:
        return ""
    roots = staying(dockerfile, release, upgrade.stages)
    taken = next(taken_along(dockerfile, roots, upgrade.stages), None)
    if taken is None:
        return ""
    line = dockerfile.location(taken.root.base.span).line
    return (
        f"{code(taken.word.value)} (line {dockerfile.location(taken.word.span).line}) is made on {release.product} {release.version}, "
        f"where line {line} stays, and goes with the {taken.goes_with} of that: "
        f"move both to one release"
    )


def _taken_to_older_library(upgrade: BaseUpgrade) -> str:
    """What is built on an image of Go with a C library that is newer than where it goes."""
    dockerfile = upgrade.dockerfile
    taker = next(filter(None, (lacks_library(dockerfile, one) for one in upgrade.bases)), None)
    if taker is None:
        return ""
    line = dockerfile.location(taker.stage.base.span).line
    return (
        f"what is built here goes to {taker.named} at line {line}, whose C library is older than that of each newer image: "
        "move that first, or build with `CGO_ENABLED=0`"
    )


def _lacks_platform(upgrade: BaseUpgrade, one: EndedBase) -> str:
    """A platform of a build that no newer image to move to is made for, and who refuses one that is."""
    dropped = platform_left_out(one.moved, upgrade.platforms)
    if not dropped:
        return ""
    name, tags = image_name(one.image), maintained_tags(one.image, upgrade.today)
    made = [tag for tag in tags if not platform_left_out(f"{name}:{tag}", upgrade.platforms)]
    without = refusing(made[0], upgrade.projects) if made else []
    left_out = [code(tag) for tag in tags if tag not in made] or [code(tag_of(one.moved))]
    why = f"{listed(left_out)} {'are' if len(left_out) > 1 else 'is'} not made for {code(dropped)}, for which a build here is"
    return f"{why}; {code(made[0])} is, but {ranges(upgrade, without)}" if without else why


def _not_allowed(upgrade: BaseUpgrade) -> str:
    """Which projects do without each newer release of their language; empty if they allow the one to move to.

    Those that do without all of them and the one that is left, too, are not gone by already, and hold nothing.
    """
    newer = upgrade.release.newer
    lines = [upgrade.line(tag) for tag in upgrade.maintained or (newer,)]
    tags = (tag_of(upgrade.first.image), *lines)
    heeded = [one for one in upgrade.projects if not all(refusing(tag, [one]) for tag in tags)]
    if not newer or not refusing(newer, heeded):
        return ""
    without = dict.fromkeys(one for line in lines for one in refusing(line, heeded))
    return f"{ranges(upgrade, list(without))}, and our table has {listed(lines)}"


def _pinned(upgrade: BaseUpgrade) -> str:
    """What holds packages to versions that the newer Python may do without: those that are compiled for each, where there are some."""
    held = upgrade.pins.held
    if held is None:
        return ""
    release = upgrade.release
    is_own = release.product == "Python"
    python = f"Python {release.newer}" if is_own else f"the Python of {release.product} {release.newer}"
    if not held.pins:
        return f"{code(held.path)} holds what is installed to versions that may not install on {python}: it has to be written anew for that"
    compiled = tuple(filter(is_compiled, held.pins))
    named = compiled or held.pins
    several = len(named) > 1
    tested = _tested_line(upgrade) if is_own else ""
    if tested and not compiled:
        return f"nothing here tells whether all that {code(held.path)} holds to one version runs on {python}; {tested}"
    holds = f"{code(held.path)} holds {code(named[0])}{f' and {len(named) - 1} more' if several else ''} to"
    versions, them = ("versions", "them") if several else ("a version", "it")
    if compiled:
        nearer = tested or (_nearest_line(upgrade) if is_own else _with_same_python(upgrade))
        return f"{holds} {versions} that may not install on {python}: move {them} along{f'; {nearer}' if nearer else ''}"
    return f"{holds} {versions} of which nothing here tells whether {'they run' if several else 'it runs'} on {python}: see, or move {them} along"


def _tested_line(upgrade: BaseUpgrade) -> str:
    """The newest maintained line before the one to move to that workflows set up; empty where there is none."""
    image, release = upgrade.first.image, upgrade.release
    lines = lines_of(image, upgrade.tested)
    tags = [tag for tag in upgrade.maintained if lines_of(image, [tag]) <= lines]
    tag = next((one for one in tags if not refusing(one, upgrade.projects)), "")
    found = release_of(f"{image_name(image)}:{tag}") if tag else None
    if found is None or upgrade.line(tag) == upgrade.line(release.newer):
        return ""
    return (
        f"workflows set up {release.product} {upgrade.line(tag)}, which is maintained until {found.end.day} {found.end:%B %Y}: "
        f"see whether {code(tag)} will do"
    )


def _nearest_line(upgrade: BaseUpgrade) -> str:
    """The maintained line next to the one that is left, for which pins of its time are the likeliest to be made; empty where that is the one to move to."""
    image, release = upgrade.first.image, upgrade.release
    left = numbers(release.version)
    lines = {
        numbers(upgrade.line(tag)): tag for tag in upgrade.maintained if not refusing(tag, upgrade.projects)
    }
    nearest = min((line for line in lines if line > left), default=())
    tag = lines.get(nearest, "")
    found = release_of(f"{image_name(image)}:{tag}") if tag else None
    if found is None or nearest == numbers(upgrade.line(release.newer)):
        return ""
    return (
        f"{release.product} {upgrade.line(tag)}, the next that is maintained, is so until {found.end.day} {found.end:%B %Y}: "
        f"see whether {code(tag)} will do"
    )


def _with_same_python(upgrade: BaseUpgrade) -> str:
    """The release of Ubuntu before the one that is left, for whose Python the pins are made as well; empty where it has ended."""
    image, release = upgrade.first.image, upgrade.release
    tag = _SAME_PYTHON.get(release.version, "") if release.product == "Ubuntu" else ""
    found = release_of(f"{image_name(image)}:{tag}") if tag else None
    if found is None or found.end < upgrade.today:
        return ""
    return (
        f"Ubuntu {tag}, which has the Python of {release.version}, is supported until {found.end.day} {found.end:%B %Y}: "
        f"see whether {code(tag)} will do"
    )


def _held_by_node_sass(upgrade: BaseUpgrade) -> str:
    """Which project asks for what is compiled for each Node.js up to 20, and for no newer one.

    https://github.com/sass/node-sass/releases/tag/v9.0.0
    """
    if upgrade.release.product != "Node.js":
        return ""
    asking = (one for one in upgrade.own_node_projects if _NODE_SASS in dict(one.asked or ()))
    found = next(asking, None)
    return (
        f"{code(found.path)} asks for {code(_NODE_SASS)}, which no Node.js newer than 20 has: move to {code('sass')} first"
        if found
        else ""
    )


_WITHOUT_MD4 = (17,)
"""Since which Node.js OpenSSL 3 has no MD4: https://nodejs.org/en/blog/release/v17.0.0#openssl-30"""
_REACT_SCRIPTS = "react-scripts"
_OLD_REACT_SCRIPTS = regex(r"[\^~]?[1-4]\.\d{1,4}\.\d{1,4}")
_OLD_WEBPACK = regex(r"(?:[1-3]\.\d{1,4}|4\.(?:[0-3]?\d|4[0-6])|5\.(?:[0-5]?\d|60))\.\d{1,4}")
"""One version alone: newer ones of these lines hash without OpenSSL. https://github.com/webpack/webpack/pull/14584"""
_BUNDLES = regex(
    r"\b(?:npm|pnpm|yarn)\s{1,9}(?:run(?:-script)?\s{1,9}[\w:-]|start\b|build\b|bundle\b|dist\b|prod(?:uction)?\b)"
    r"|\bnpx\s|\bnode_modules/\.bin/|\bmake\b|\bwebpack\b|\breact-scripts\b"
)
"""What runs it, most likely, when the image is built or started."""
_LEGACY = "openssl-legacy-provider"


def _held_by_webpack(upgrade: BaseUpgrade) -> str:
    """Which project builds with a webpack that asks for a hash which newer Node.js don't have.

    Those of `react-scripts` each ask for one webpack alone: https://www.npmjs.com/package/react-scripts/v/4.0.3?activeTab=dependencies
    """
    if upgrade.release.product != "Node.js" or numbers(upgrade.release.version) >= _WITHOUT_MD4:
        return ""
    if not _BUNDLES.search(upgrade.dockerfile.text.content):
        return ""
    for project in upgrade.own_node_projects:
        scripts, asked = " ".join(one for _, one in project.scripts), dict(project.asked or ())
        if _LEGACY in scripts or _LEGACY in upgrade.dockerfile.text.content:
            continue
        found = _OLD_REACT_SCRIPTS.fullmatch(asked.get(_REACT_SCRIPTS, ""))
        if found or _OLD_WEBPACK.fullmatch(asked.get("webpack", "")):
            package = _REACT_SCRIPTS if found else "webpack"
            return (
                f"{code(project.path)} asks for {code(f'{package} {asked[package]}')}, which stops at `ERR_OSSL_EVP_UNSUPPORTED` "
                f"on Node.js 17 and newer: move it to {'5' if found else '5.61 or newer'} first"
            )
    return ""


def _held_by_go_modules(upgrade: BaseUpgrade) -> str:
    """Which module is asked for in a release that the Go to move to doesn't compile."""
    if upgrade.release.product != "Go":
        return ""
    bound = bound_before(upgrade.release.newer, upgrade.modules)
    return (
        f"{code(bound.path)} asks for {code(f'{bound.module} {bound.version}')}, which doesn't compile with Go {bound.since} or newer: "
        f"move it to {code(f'v{bound.first}')} or newer first"
        if bound
        else ""
    )


_BY_MODULES = (1, 16)
"""Where Go began to build by modules alone: https://go.dev/doc/go1.16#modules"""
_OF_PACKAGES = frozenset(("build", "get", "install", "test"))
_GOPATH = r"[^\n]{0,500}[\s\"](?:/go|\$\{?GOPATH\}?)/src\b"
_COPIED_TO_GOPATH = regex(
    rf"^[ \t]*(?:ADD|COPY)\b(?![^\n]{{0,200}}--from){_GOPATH}", re.IGNORECASE | re.MULTILINE
)
_WORKS_IN_GOPATH = regex(rf"^[ \t]*WORKDIR\b{_GOPATH}", re.IGNORECASE | re.MULTILINE)
"""Where the sources of a package lie by its name: https://pkg.go.dev/cmd/go#hdr-GOPATH_environment_variable"""
_CLONES = regex(r"\bgit\s+clone\b|\btar\b")
_NAMES_MODULES = regex(r"\bgo\.mod\b|\bGO111MODULE\b|\bgo\s+mod\b")
"""What a file says that switches modules off, or makes one."""


def _held_without_module(upgrade: BaseUpgrade) -> str:
    """What the stages run on packages by their folder in `GOPATH`, where there is no module and Go doesn't do so by default any more."""
    dockerfile, release = upgrade.dockerfile, upgrade.release
    if release.product != "Go" or numbers(release.version) >= _BY_MODULES or upgrade.modules:
        return ""
    content = dockerfile.text.content
    is_copied = _COPIED_TO_GOPATH.search(content) is not None
    if _NAMES_MODULES.search(content) or not (is_copied or _WORKS_IN_GOPATH.search(content)):
        return ""
    if not is_copied and _CLONES.search(content):
        return ""
    ran = [one.command for one in dockerfile.commands() if one.stage in upgrade.stages]
    words = [one.literals for one in ran if one.program == "go"]
    first = next((one for one in words if one[:1] and one[0] in _OF_PACKAGES), None)
    return (
        f"it builds in `GOPATH`, and no `go.mod` is here, without which Go 1.16 and newer refuse {code(' '.join(('go', *first)))}: "
        "write one first"
        if first
        else ""
    )


def _refused_by_bundler(upgrade: BaseUpgrade) -> str:
    """Which Ruby is asked for that is of another line than the image's: that is the one to move to."""
    asked = upgrade.asked_ruby
    if upgrade.release.product != "Ruby" or asked is None or not _may_bring(upgrade.dockerfile, asked.path):
        return ""
    is_of_line = asked.version.startswith(f"{upgrade.release.version}.")
    return (
        ""
        if is_of_line
        else f"{code(asked.path)} asks for Ruby {asked.version}, so that Bundler refuses this image already: the one to move to has that"
    )


def _may_bring(dockerfile: Dockerfile, path: str) -> bool:
    """Whether the `Gemfile` beside a file may come into the image: by a copy, or, where there is none, as people mount it."""
    sources = [one.path for copy in dockerfile.copies for one in copy.sources]
    is_named = "Gemfile" in dockerfile.text.content
    return (
        is_named or not sources or any(not one or "*" in one or f"/{one}/" in f"/{path}" for one in sources)
    )


def _held_by_bundler(upgrade: BaseUpgrade) -> str:
    """Which files hold Bundler to the old Ruby: what the `Gemfile` names as the only one, or, as a rule, both; empty unless there are such.

    https://bundler.io/man/gemfile.5.html#RUBY
    """
    one, asked = upgrade.first, upgrade.asked_ruby
    product, version = one.along or (one.release.product, version_of(tag_of(one.image)))
    if product != "Ruby":
        return ""
    if asked is not None and f"{asked.version}.".startswith(f"{version}."):
        if not _may_bring(upgrade.dockerfile, asked.path):
            return ""
        others = [code(path) for path in upgrade.version_files if path != asked.path]
        along = f", and {listed(others)}" if others else ""
        return f"{code(asked.path)} holds Bundler to Ruby {asked.version}: move it along{along}"
    names = {posixpath.basename(path) for path in upgrade.version_files}
    if not names >= {".ruby-version", "Gemfile"}:
        return ""
    return f"{listed(list(map(code, upgrade.version_files)))} may hold Bundler to Ruby {version}: move them along"
