"""What asks to leave findings out: comments, configs of other linters, and files that a generator writes."""

from __future__ import annotations

from collections.abc import Mapping

from checks.facts.answers import fact
from checks.facts.project.generated_files import Generated, generated_by
from checks.facts.repository.files import Files
from checks.facts.suppression.ignores import Ignore, UnusedIgnore, ignores
from checks.facts.suppression.peer_configs import PeerConfig
from checks.facts.suppression.peer_ignores import PeerIgnore, peer_ignores
from checks.source.kind import Kind
from checks.source.text import CannotRead, Location, Text
from checks.source.yaml import Scalar, parse, walk


class Suppressions(Files):
    _unused: Mapping[tuple[str, str, str], str]
    """By path, text and id of an ignore comment, why it leaves nothing out; empty until the checks have spoken."""

    @fact
    def ignores(self) -> tuple[Ignore, ...]:
        """The comments that ask to leave a finding out, by path and place."""
        today = self.outside.today
        texts = self.snapshot.texts
        return tuple(
            one for path, kind in self.kinds.items() for one in self.memo(ignores, texts[path], kind, today)
        )

    @fact
    def unused_ignores(self) -> tuple[UnusedIgnore, ...]:
        """The ids of ignore comments that leave nothing out; none before the other checks have spoken."""
        found = (
            (ignore, name, self._unused.get((ignore.location.path, ignore.location.fragment, name)))
            for ignore in (self.ignores if self._unused else ())
            for name in ignore.ids
        )
        return tuple(UnusedIgnore(ignore, name, why) for ignore, name, why in found if why)

    def anchor_line(self, location: Location) -> int:
        """The line whose ignore comment also speaks of a location: that on which its block scalar begins."""
        if self.kinds.get(location.path) not in _YAML_KINDS:
            return location.line
        for start, end in self.memo(_block_scalars, location.text):
            if start <= location.span.start < end:
                return location.text.line_of(start)
        return location.line

    @fact
    def peer_configs(self) -> tuple[PeerConfig, ...]:
        """The configs of other linters."""
        return self._all(Kind.LINTER_CONFIG, PeerConfig)

    def peer_ignores(self, path: str) -> tuple[PeerIgnore, ...]:
        """What asks other linters to leave something of a file out: its comments, then their configs."""
        text, kind = self.snapshot.texts[path], self.kinds[path]
        return (
            *self.memo(peer_ignores, text, kind, self._parsed(text, kind)),
            *(one for config in self.peer_configs for one in config.ignores_in(text, kind)),
        )

    @fact
    def generated_files(self) -> Mapping[str, Generated]:
        """The files that recipes and scripts write whole with a generator, by path."""
        texts = self.snapshot.texts
        found = (one for text in texts.values() for one in self.memo(generated_by, text))
        return {one.path: one for one in found if one.path in texts}


def _block_scalars(text: Text) -> tuple[tuple[int, int], ...]:
    """Start and end of each block scalar of a YAML file; of none if it can't be read."""
    try:
        roots = parse(text)
    except CannotRead:
        return ()
    blocks = (node for root in roots for node in walk(root) if isinstance(node, Scalar))
    return tuple((node.span.start, node.span.end) for node in blocks if node.style in ("literal", "folded"))


_YAML_KINDS = frozenset(
    {Kind.WORKFLOW, Kind.ACTION, Kind.KUBERNETES, Kind.COMPOSE, Kind.HELM_VALUES, Kind.DEPENDABOT}
)
