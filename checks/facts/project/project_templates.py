"""Templates of whole projects: what lies in them is nobody's until a program fills it in.

https://cargo-generate.github.io/cargo-generate/, https://copier.readthedocs.io/en/stable/configuring/,
https://backstage.io/docs/features/software-templates/writing-templates, https://cookiecutter.readthedocs.io/
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection

from checks.regex import regex

_OF_FOLDER = ("cargo-generate.toml", "copier.yml", "copier.yaml")
"""Files that make a template of the folder in which they lie."""
_BESIDE = {
    "skeleton": ("template.yaml", "template.yml"),
    "template": ("copier.yml", "copier.yaml"),
}
"""By the usual names of folders that are templates, the files beside them that say so: Backstage's and Copier's."""
_PLACEHOLDER = regex(r"\{\{[-~]?\s{0,4}\.?[A-Za-z_][^{}\n]{0,100}\}\}")


def is_in_template(path: str, paths: Collection[str]) -> bool:
    """Whether a file lies in a folder that is a template of projects. The root is none: it is a project as well."""
    folder = posixpath.dirname(path)
    while folder:
        above, name = posixpath.split(folder)
        signs = [f"{folder}/{sign}" for sign in _OF_FOLDER]
        signs += [posixpath.join(above, sign) for sign in _BESIDE.get(name, ())]
        if any(sign in paths for sign in signs):
            return True
        folder = above
    return False


def has_placeholder(text: str) -> bool:
    """Whether a name is left for a program to fill in: `{{ name }}`, `{{cookiecutter.name}}`."""
    return _PLACEHOLDER.search(text) is not None
