"""What the lines of a Dockerfile have to do with each variable that they name, looked up by its name.

A search of the whole file for each of the arguments that a build passes would take quadratic time.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property

from checks.facts.dockerfile.dockerfiles import Dockerfile, Instruction
from checks.record import Record, kept_with
from checks.regex import regex

_READ = regex(r"\$(?:(\w+)|\{(\w+)[}:\-+])")
_OWN = regex(r"\$\{?(\w+)")
_ASSIGNED = regex(r"\b(\w+)=")
_SET_BY_SHELL = regex(r"\b(?:read|export|local|for)(?= (\w+))")
_COMMENTED_OUT = regex(r"\s{0,20}ARG\s{1,20}(\w+)")

_MEANS = {
    **dict.fromkeys(("CREATED", "DATE", "TIME", "TIMESTAMP"), "date"),
    **dict.fromkeys(("COMMIT", "HASH", "REF", "REV", "REVISION", "SHA"), "commit"),
    **dict.fromkeys(("RELEASE", "TAG", "VERSION"), "version"),
}
"""What words of the names of arguments say of a build, those that say the same alike."""
_FOR_PAGES = regex(
    r"^(?:EXPO_PUBLIC|GATSBY|MIX|NEXT_PUBLIC|NG_APP|NUXT_PUBLIC|PUBLIC|REACT_APP|VITE|VUE_APP)_"
)
"""What frameworks want in front of the variables that they write into pages."""
_OF_ANY = frozenset(("APP", "BUILD", "GIT", "IMAGE", "SOURCE", "VCS"))
"""Words that may stand beside them."""


class Variables(Record, eq=False, dict=True):
    """The variables of a Dockerfile, by name; instructions are in file order."""

    dockerfile: Dockerfile

    def readers(self, name: str) -> Collection[Instruction]:
        """The instructions that read a variable."""
        return self._readers.get(name, ())

    def set_by(self, name: str) -> Collection[Instruction]:
        """Each `ENV` that gives a variable another value than its own."""
        return self._set_by.get(name, ())

    def declaring(self, name: str) -> Collection[Instruction]:
        """Each `ARG` of a name, one for the images that build on this one too."""
        return self.declared.get(name, ())

    def spelled(self, name: str) -> str:
        """What is declared first under a name in other letters; empty for nothing."""
        return self._spelled.get(_letters(name), "")

    def alike(self, name: str) -> list[str]:
        """What is declared under a name that says the same as another, or as the pages read that one, in file order."""
        says = _says(name)
        found = {*self._by_page.get(name, ()), *(self._saying.get(says, ()) if says else ())}
        return sorted(found, key=self._places.__getitem__)

    @cached_property
    def declared(self) -> Mapping[str, list[Instruction]]:
        """The names that are declared, in file order."""
        found: dict[str, list[Instruction]] = {}
        for it in self.dockerfile.source.instructions:
            trigger = it.trigger or it
            names = (pair.name.value for pair in trigger.pairs) if trigger.keyword == "ARG" else ()
            for name in dict.fromkeys(names):
                found.setdefault(name, []).append(it)
        return found

    @cached_property
    def assigned(self) -> frozenset[str]:
        """The names that any line gives a value: with an equals sign, or by a command of the shell that does so."""
        content = self.dockerfile.text.content
        return frozenset((*_ASSIGNED.findall(content), *_SET_BY_SHELL.findall(content)))

    @cached_property
    def commented_out(self) -> frozenset[str]:
        """The names of which a comment holds the `ARG`, put away for now."""
        matches = (_COMMENTED_OUT.match(one.text) for one in self.dockerfile.source.comments)
        return frozenset(match[1] for match in matches if match is not None)

    @cached_property
    def mounted(self) -> frozenset[str]:
        """The ids of the secrets that are mounted, in small letters.

        https://docs.docker.com/build/building/secrets/#secret-mounts
        """
        its = (it for stage in self.dockerfile.stages for it in stage.instructions)
        mounts = (one for it in its for one in it.flags if one.name == "mount")
        ids = (one.field("id") for one in mounts if one.value and "type=secret" in one.value)
        return frozenset((one.value or "").lower() for one in ids if one is not None)

    @cached_property
    def _readers(self) -> Mapping[str, list[Instruction]]:
        found: dict[str, list[Instruction]] = {}
        for it in self.dockerfile.source.instructions:
            pairs = _READ.findall(self.dockerfile.text[it.span])
            for name in dict.fromkeys(plain or braced for plain, braced in pairs):
                found.setdefault(name, []).append(it)
        return found

    @cached_property
    def _set_by(self) -> Mapping[str, list[Instruction]]:
        found: dict[str, list[Instruction]] = {}
        for it in self.dockerfile.source.instructions:
            for pair in it.pairs if it.keyword == "ENV" else ():
                name = pair.name.value
                if pair.value and name not in _OWN.findall(pair.value.value):
                    found.setdefault(name, []).append(it)
        return found

    @cached_property
    def _spelled(self) -> Mapping[str, str]:
        return {_letters(name): name for name in reversed(tuple(self.declared))}

    @cached_property
    def _places(self) -> Mapping[str, int]:
        return {name: at for at, name in enumerate(self.declared)}

    @cached_property
    def _saying(self) -> Mapping[frozenset[str], list[str]]:
        found: dict[frozenset[str], list[str]] = {}
        for name in self.declared:
            found.setdefault(_says(name), []).append(name)
        return found

    @cached_property
    def _by_page(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name in self.declared:
            found.setdefault(_FOR_PAGES.sub("", name), []).append(name)
        return found


@kept_with
def variables_of(dockerfile: Dockerfile) -> Variables:
    """The variables of a Dockerfile, read once."""
    return Variables(dockerfile)


def _letters(name: str) -> str:
    """A name without what is easily mistaken in it: capital letters, and a dash for a line below."""
    return name.lower().replace("-", "_")


def _says(name: str) -> frozenset[str]:
    """What the name of an argument says of a build; empty where a word of it is another."""
    words = set(name.upper().split("_")) - _OF_ANY
    return frozenset(_MEANS[one] for one in words) if words <= _MEANS.keys() else frozenset()
