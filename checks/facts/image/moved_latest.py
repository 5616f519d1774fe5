"""Where files beside the workflows move, run, or go by the `latest` of an ECR repository: Makefiles, bake files, Terraform."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from checks.facts.ecr.repositories import EcrRepository
from checks.facts.terraform.modules import Module
from checks.facts.value import Hole
from checks.regex import regex
from checks.source.text import Location, Span, Text

_CONTAINERS = regex(r"\b(?:docker|podman|nerdctl|buildx)\b")
_NAMED = regex(r"(?:\bpush|\s-t|\s--tag)[ \t=]+[\"']?([^\s\"'-][^\s\"']*)")
_TAGS = regex(r"\btags[ \t]*=[^\[\n]{0,80}\[([^\]]{0,2000})\]")
_PUSHES = regex(r"\bpush\b")
_PUSHES_SOMETHING = regex(
    r"\b(?:docker|podman|nerdctl|image|crane|manifest|compose)[ \t]+push\b|--push\b|\bpush:[ \t]*[\"']?(?:true|\$)"
)
_TAG_OF_BUILD = regex(r"(?:\s|^)(?:-t|--tag)[ \t=]+[\"']?[^\s\"']*$")
_BY_URL = regex(
    r"^[^\n#]{0,200}\bimage(?:_uri)?\"?[ \t]*[:=][ \t]*\"?(?:\$\{)?[ \t]*"
    r"(?P<url>[a-z][\w.\[\]\"*-]{0,200}repository_url)[ \t]*\}?(?::latest)?\"?[ \t]*,?[ \t]*\r?$",
    re.MULTILINE,
)
"""An image that is given by the URL of a repository, which is that of its `latest`."""
_MOVING = ("", "latest")
_LATEST = "latest"


def last_part(one: EcrRepository) -> str:
    """The last part of a repository's name, where that is written; else nothing."""
    name = one.resource.value("name")
    end = name.parts[-1] if name and name.parts else ""
    if isinstance(end, Hole) or name is None:
        return ""
    _, slash, last = end.rpartition("/")
    return last if slash or len(name.parts) == 1 else ""


def places_of_latest(
    one: EcrRepository,
    others: Iterable[EcrRepository],
    modules: Iterable[Module],
    makefiles: Iterable[Text],
    bake_files: Iterable[Text],
) -> Iterator[Location]:
    """The places where `latest` of what may be a repository is pushed, is run, or is looked up by an `aws_ecr_image`.

    `others` are all that are declared: a lookup that speaks of another one by its name means that. What runs is an image that is
    given by the repository's URL, without a tag.
    """
    last = last_part(one)
    if last:
        mentioned = re.compile(rf"(?<![\w-]){re.escape(last)}(?![\w-])")
        for text in makefiles:
            if mentioned.search(text.content):
                yield from _pushed(text, last)
        tagged = re.compile(rf"/{re.escape(last)}(?::latest)?\"")
        for text in bake_files:
            yield from _at(text, tagged)
    names = {other.resource.name for other in others}
    handed_out = _handed_out(one)
    for module in modules:
        yield from _looked_up(one, module, names)
        yield from _run(one, module, handed_out)


def uses_of_latest(text: Text, name: str) -> str:
    """What a file whose words alone are read does with the `latest` of a repository; nothing where it does not need one.

    A build that gives its image that name, in a file that pushes nothing, does not.
    """
    words, found = f"/{name}:latest", ""
    is_pushing = _PUSHES_SOMETHING.search(text.content) is not None
    for line in text.content.splitlines() if words in text.content else ():
        before, named, _ = line.partition(words)
        if named and _PUSHES.search(before):
            return "pushes its `latest`"
        if named and (is_pushing or not _TAG_OF_BUILD.search(before)):
            found = "names its `latest`, which somebody moves"
    return found


def _pushed(makefile: Text, last: str) -> Iterator[Location]:
    """The lines of a Makefile that push a name which ends so, or whose end a variable holds, without a tag of its own."""
    at = 0
    joined = makefile.content.replace("\\\r\n", "   ").replace("\\\n", "  ")  # as long as it was
    for line in joined.splitlines(keepends=True):
        if "push" in line and _CONTAINERS.search(line) and not line.lstrip().startswith("#"):
            for found in _NAMED.finditer(line):
                if _moves(found[1], last):
                    yield Location(
                        makefile, Span(at + found.start(1), at + found.end(1)), "moves its `latest`"
                    )
        at += len(line)


def _moves(written: str, last: str) -> bool:
    name, colon, tag = written.rpartition(":")
    if not colon or "/" in tag:
        name, tag = written, ""
    end = name.rpartition("/")[2]
    return tag in _MOVING and (end == last or "$" in end)


def _at(bake_file: Text, tagged: re.Pattern[str]) -> Iterator[Location]:
    for found in _TAGS.finditer(bake_file.content):
        one = tagged.search(bake_file.content, found.start(1), found.end(1))
        if one is not None:
            yield Location(bake_file, Span(one.start() + 1, one.end() - 1), "moves its `latest`")


def _looked_up(one: EcrRepository, module: Module, names: set[str]) -> Iterator[Location]:
    for body in module.bodies:
        for block in body.of_type("data", "aws_ecr_image"):
            name, tag = block.body.get("repository_name"), block.body.get("image_tag")
            if name is None or tag is None or module.value(tag).literal != _LATEST:
                continue
            known = module.value(name).literal
            written = name.text[name.span]
            said = {other for other in names if re.search(rf"(?<![a-z]){re.escape(other)}(?![a-z])", written)}
            may_be = one.resource.name in said or not said if known is None else known == one.name
            if may_be:
                yield Location(body.text, block.header, "goes by its `latest`")


def _run(one: EcrRepository, module: Module, handed_out: frozenset[str]) -> Iterator[Location]:
    """Where a module gives the repository's URL as an image: by the resource itself, or as what its own module hands out."""
    home, named = one.resource.module, _url_of(one)
    called = {block.names[0] for caller, block in home.calls.get(home.folder, ()) if caller is module}
    for body in module.bodies:
        for found in _BY_URL.finditer(body.text.content):
            kind, *names = found["url"].split(".")
            is_handed = names[-1:] != [] and names[-1] in handed_out
            is_called = kind == "module" and names[0] in called
            is_own = module is home and named.fullmatch(found["url"]) is not None
            if is_own or (is_handed and (is_called or kind == "var")):
                yield Location(body.text, Span(found.start("url"), found.end("url")), "runs its `latest`")


def _handed_out(one: EcrRepository) -> frozenset[str]:
    """The names under which its module gives the URL of a repository to others: outputs, keys of them, variables of modules."""
    named = re.compile(rf"(?:\b([\w-]{{1,100}})\"?[ \t]*[=:][ \t]*)?{_url_of(one).pattern}")
    found = set()
    for body in one.resource.module.bodies:
        for block in (*body.of_type("output"), *body.of_type("module")):
            keys = {it[1] for it in named.finditer(body.text[block.span]) if it[1]}
            found |= {block.names[0] if key == "value" and block.type == "output" else key for key in keys}
    return frozenset(found)


def _url_of(one: EcrRepository) -> re.Pattern[str]:
    return re.compile(
        rf"aws_ecr_repository\.{re.escape(one.resource.name)}(?:\[[^\]\n]{{0,100}}\])?\.repository_url"
    )
