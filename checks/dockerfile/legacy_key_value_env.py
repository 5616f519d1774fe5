"""Name and value are parted by a blank

`ENV NAME value` and `LABEL name value` are the old form: one pair a line, the rest of the line is the value. BuildKit warns
of it on each build (`LegacyKeyValueFormat`), and its documentation says that it may go.

Write `NAME=value`.

The check is silent for the form with `=`. The fix is offered for values without blanks, quotes and variables.

References:

- https://docs.docker.com/reference/build-checks/legacy-key-value-format/
- https://docs.docker.com/reference/dockerfile/#env
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks.check import (
    Applicability,
    Check,
    Delivery,
    Edit,
    Example,
    Finding,
    Kind,
    Repository,
    Severity,
    Span,
    code,
    offer,
)  # fmt: skip

check = Check(
    id="legacy-key-value-env",
    doc=__doc__,
    severity=Severity.NOTE,
    kinds=(Kind.DOCKERFILE,),
    fix=Applicability.SAFE,
    delivery=Delivery.COMMENT_WITH_SUGGESTION,
    tags=("dockerfile",),
    examples=(
        Example(
            title="a variable and a label",
            files="""\
-- Dockerfile --
FROM scratch
ENV PORT 3000
LABEL title My image
USER 1000
""",
            at=("ENV PORT 3000", "LABEL title My image"),
            fixed="""\
-- Dockerfile --
FROM scratch
ENV PORT=3000
LABEL title My image
USER 1000
""",
        ),
        Example(
            title="with equal signs",
            files="""\
-- Dockerfile --
FROM scratch
ENV PORT=3000 \\
    NODE_ENV=production
LABEL title="My image"
USER 1000
""",
        ),
    ),
)

_PLAIN = re.compile(r"[\w./:@%+,-]+")


def run(repo: Repository) -> Iterator[Finding]:
    for dockerfile in repo.dockerfiles:
        for instruction in () if dockerfile.is_vendored else dockerfile.source.instructions:
            pair = instruction.pairs[0] if len(instruction.pairs) == 1 else None
            if (
                instruction.keyword not in ("ENV", "LABEL")
                or pair is None
                or pair.value is None
                or pair.separator == "="
            ):
                continue
            gap = Span(pair.name.span.end, pair.value.span.start)
            value = dockerfile.text[pair.value.span]
            yield Finding(
                message=f"{code(instruction.keyword + ' ' + pair.name.value)} has its value behind a blank.",
                consequence="BuildKit warns of the old form on each build: `LegacyKeyValueFormat`.",
                location=dockerfile.location(instruction.span),
                fixes=offer("write =", Applicability.SAFE, Edit(dockerfile.path, gap, "="))
                if _PLAIN.fullmatch(value) and not dockerfile.text[gap].strip()
                else (),
            )
