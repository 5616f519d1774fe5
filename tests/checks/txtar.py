"""Several files in one readable string: each starts with a line `-- path --`."""

import re

_MARK = re.compile(r"^-- (?P<path>\S+) --\n", re.MULTILINE)


def files_of(archive: str) -> dict[str, str]:
    """The files of an archive, path to content."""
    marks = list(_MARK.finditer(archive))
    ends = [*(mark.start() for mark in marks[1:]), len(archive)]
    return {mark["path"]: archive[mark.end() : end] for mark, end in zip(marks, ends, strict=True)}
