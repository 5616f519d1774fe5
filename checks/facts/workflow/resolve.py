"""What a text with `${{ … }}`, or a word of a script, comes to in a step."""

from __future__ import annotations

import re

from msgspec import field

from checks.facts import value
from checks.facts.value import UNKNOWN, Hole, Value, Varies, combined
from checks.facts.workflow.context_paths import is_no_property
from checks.facts.workflow.events import Event, RefKind
from checks.facts.workflow.handed_in import HandedIn
from checks.facts.workflow.job_events import of_step
from checks.facts.workflow.matrix import Leg, keys_of_legs, legs
from checks.facts.workflow.values import scalars
from checks.facts.workflow.workflows import Step
from checks.facts.workflow.written_outputs import variable_set
from checks.record import Record
from checks.source import evaluation, expression
from checks.source.evaluation import Value as Known
from checks.source.expression import Binary, Expr, Operator
from checks.source.expression_places import find
from checks.source.word import Expression, Variable, Word
from checks.source.yaml import Mapping, Node, Scalar

_MAX_FOLLOWED = 8
"""Variables that one value may lead over."""

_GITHUB: dict[tuple[str, ...], Varies] = {
    ("sha",): Varies.COMMIT,
    ("event", "pull_request", "head", "sha"): Varies.COMMIT,
    ("event", "after"): Varies.COMMIT,
    ("run_id",): Varies.RUN,
    ("run_number",): Varies.RUN,
    ("run_attempt",): Varies.RUN,
    ("head_ref",): Varies.BRANCH,
    ("base_ref",): Varies.BRANCH,
    ("event", "pull_request", "head", "ref"): Varies.BRANCH,
    ("event", "pull_request", "number"): Varies.PULL_REQUEST,
    ("event", "number"): Varies.PULL_REQUEST,
    ("event", "release", "tag_name"): Varies.TAG,
}
"""Paths under `github` whose value changes with what is named here."""

_GITHUB_VARIABLES = {
    "GITHUB_SHA": ("github", "sha"),
    "GITHUB_RUN_ID": ("github", "run_id"),
    "GITHUB_RUN_NUMBER": ("github", "run_number"),
    "GITHUB_REF_NAME": ("github", "ref_name"),
    "GITHUB_HEAD_REF": ("github", "head_ref"),
    "GITHUB_REPOSITORY": ("github", "repository"),
    "GITHUB_REPOSITORY_OWNER": ("github", "repository_owner"),
    "GITHUB_WORKSPACE": ("github", "workspace"),
}
"""Variables that the runner sets, with the context that says the same."""


class Scope(Record, eq=False):
    """Where an expression stands: a step, in one leg of its job's matrix."""

    step: Step
    leg: Leg
    slug: str | None
    handed: HandedIn | None = None
    """What the callers hand to the step's workflow or action; None where that is not known."""
    _variables: dict[tuple[str, int], tuple[Value, ...] | None] = field(default_factory=dict)
    """What variables come to, by how many others led there: a text may name one often."""

    @property
    def events(self) -> tuple[Event, ...] | None:
        """For which events the step runs, where inputs are handed over with those; None where that can't be known."""
        return of_step(self.step) if self.handed is None else self.handed.events_of(self.step)

    def values(self, text: str, followed: int = 0) -> tuple[Value, ...]:
        """Each value that a text may have once its `${{ … }}` are filled in."""
        pieces: list[tuple[Value, ...]] = []
        at = 0
        for found in find(text):
            pieces.append((value.literal(text[at : found.span.start]),))
            pieces.append(self._expression(found.source, followed))
            at = found.span.end
        pieces.append((value.literal(text[at:]),))
        return combined(pieces)

    def value(self, text: str) -> Value:
        """The one value of a text; unknown if it may have several."""
        alternatives = self.values(text)
        return alternatives[0] if len(alternatives) == 1 else UNKNOWN

    def word(self, word: Word) -> tuple[Value, ...]:
        """Each value that a word of the step's script may have; variables of the script are put in before."""
        pieces: list[tuple[Value, ...]] = []
        for part in word.parts:
            if isinstance(part, str):
                pieces.append((value.literal(part),))
            elif isinstance(part, Expression):
                pieces.append(self._expression(part.source, 0))
            elif isinstance(part, Variable) and part.plain:
                pieces.append(self._variable(part.name, 0))
            else:
                pieces.append((Value((Hole(source=word_source(part)),)),))
        return combined(pieces)

    def _expression(self, source: str, followed: int) -> tuple[Value, ...]:
        try:
            expr = expression.parse(source)
        except expression.ExpressionError:
            return (UNKNOWN,)
        return self._value_of(expr, source.strip(), followed)

    def _value_of(self, expr: Expr, source: str, followed: int) -> tuple[Value, ...]:
        path = expression.path_of(expr)
        if path is not None:
            return self._context(tuple(name.lower() for name in path), path, source, followed)
        texts = evaluation.evaluate(expr, lambda names: self._lookup(names, followed)).texts
        if texts is not None:
            return tuple(value.literal(text) for text in texts)
        if isinstance(expr, Binary) and expr.operator is Operator.OR:
            sides = (
                *self._chosen(expr.left, source, followed),
                *self._value_of(expr.right, source, followed),
            )
            return tuple(dict.fromkeys(sides))
        return (Value((Hole(source=source),)),)

    def _chosen(self, expr: Expr, source: str, followed: int) -> tuple[Value, ...]:
        """Each value that the left side of a `||` may give to it: what counts as false gives way to the right side."""
        found = evaluation.evaluate(expr, lambda names: self._lookup(names, followed))
        if found.texts is not None:
            return tuple(map(value.literal, found.if_true.texts or ()))
        if isinstance(expr, Binary) and expr.operator is Operator.OR:
            return self._chosen(expr.left, source, followed) + self._chosen(expr.right, source, followed)
        return self._value_of(expr, source, followed)

    def _lookup(self, path: tuple[str, ...], followed: int) -> Known:
        """For the evaluator: a context's value where it is a known text, or an input's."""
        if self.handed is not None and path in self.handed.given:
            return self.handed.given[path]
        values = self._context(path, self._as_written(path), ".".join(path), followed)
        texts = [found.literal for found in values]
        known = [text for text in texts if text is not None]
        return Known(tuple(known)) if known and len(known) == len(texts) else evaluation.UNKNOWN

    def _as_written(self, path: tuple[str, ...]) -> tuple[str, ...]:
        """A path, which the evaluator gives in lower case, with its variable or key as the file spells it."""
        if len(path) < 2 or path[0] not in ("env", "matrix"):
            return path
        names = (
            self.leg if path[0] == "matrix" else [key for env in self.step.environments for key in env.keys]
        )
        spelled = {name for name in names if name.lower() == path[1]}
        return (path[0], spelled.pop(), *path[2:]) if len(spelled) == 1 else path

    def _context(
        self, path: tuple[str, ...], written: tuple[str, ...], source: str, followed: int
    ) -> tuple[Value, ...]:
        unknown = (Value((Hole(source=source),)),)
        if followed > _MAX_FOLLOWED or len(path) < 2:
            return unknown
        if path[0] == "env":
            return self._env(written[1], source, followed)
        if path[0] == "matrix":
            return self._matrix(written[1:], followed) or unknown
        if path[0] == "inputs":
            handed = self.handed.value(path[1]) if self.handed and len(path) == 2 else None
            return unknown if handed is None else (handed,)
        if path[0] == "github":
            return (value.literal(""),) if is_no_property(path) else self._github(path[1:], source)
        if path[0] == "steps" and path[2:] == ("outputs", "registry"):
            login = self._ecr_login(path[1])
            return (self._ecr_host(login),) if login else unknown
        if path[0] == "steps" and path[2:] == ("outputs", "digest"):
            return (Value((Hole(Varies.DIGEST, source),)),)
        if path[0] == "needs" and len(path) == 4 and path[2] == "outputs":
            return self._of_needed_job(path[1], path[3], source, followed) or unknown
        return unknown

    def _of_needed_job(self, job_id: str, name: str, source: str, followed: int) -> tuple[Value, ...]:
        """An output of a job that this one needs, as that job's file says; nothing where a part of it is not known.

        https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idoutputs
        """
        mine = self.step.job
        names = (
            {one.value for one in scalars(mine.node.get("needs")) if one.value.lower() == job_id}
            if mine
            else ()
        )
        other = mine.workflow.job(names.pop()) if mine and len(names) == 1 else None
        found = legs(other) if other and other.steps else None
        if other is None or found is None or len(found) != 1:
            return ()
        outputs = other.node.get("outputs")
        written = (
            [one.value for one in outputs.entries if one.name.lower() == name]
            if isinstance(outputs, Mapping)
            else []
        )
        if len(written) != 1 or not isinstance(written[0], Scalar):
            return ()
        last = other.steps[-1]
        if "env." in written[0].value and (
            last.env is not None or (last.run and "GITHUB_ENV" in last.run.value)
        ):
            return ()
        values = Scope(last, found[0], self.slug, self.handed).values(written[0].value, followed + 1)
        return tuple(_handed_on(one, source) for one in values) if all(map(_is_known, values)) else ()

    def _github(self, path: tuple[str, ...], source: str) -> tuple[Value, ...]:
        if self.slug and path == ("repository",):
            return (value.literal(self.slug),)
        if self.slug and path == ("repository_owner",):
            return (value.literal(self.slug.partition("/")[0]),)
        if self.slug and path == ("event", "repository", "name"):
            return (value.literal(self.slug.partition("/")[2]),)
        varies = _GITHUB.get(path, Varies.UNKNOWN)
        if path in (("ref_name",), ("ref",)):
            varies = self._ref()
        return (Value((Hole(varies, source),)),)

    def _ref(self) -> Varies:
        """What the ref is of which the step runs, if it is of one kind."""
        kinds = {event.ref_kind for event in self.events or ()}
        by_kind = {RefKind.BRANCH: Varies.BRANCH, RefKind.TAG: Varies.TAG, RefKind.PULL: Varies.PULL_REQUEST}
        return by_kind[kinds.pop()] if len(kinds) == 1 else Varies.UNKNOWN

    def _ecr_login(self, step_id: str) -> Step | None:
        step = self.step.job.step(step_id) if self.step.job else None
        return step if step and step.uses_action("aws-actions/amazon-ecr-login") else None

    def _ecr_host(self, login: Step) -> Value:
        """The registry that a login answers with: of the account and region that the job's credentials are for.

        https://github.com/aws-actions/amazon-ecr-login#outputs
        """
        earlier = login.earlier
        configured = [one for one in earlier if one.uses_action("aws-actions/configure-aws-credentials")]
        credentials = configured[-1] if configured else None
        account = self._known_input(login, "registries") or self._account_of(credentials)
        region = self._known_input(login, "aws-region") or self._known_input(credentials, "aws-region")
        return value.joined(
            (
                account if re.fullmatch(r"\d{12}", account) else Hole(Varies.ACCOUNT, "account"),
                ".dkr.ecr.",
                region or Hole(Varies.REGION, "region"),
                ".amazonaws.com",
            )
        )

    def _known_input(self, step: Step | None, name: str) -> str:
        written = step.input(name) if step else None
        return (self.value(written.value).literal or "") if written else ""

    def _account_of(self, credentials: Step | None) -> str:
        """The account in the ARN of the role that is assumed."""
        match = re.match(
            r"arn:aws[\w-]*:iam::(\d{12}):role/", self._known_input(credentials, "role-to-assume")
        )
        return match[1] if match else ""

    def _matrix(self, path: tuple[str, ...], followed: int) -> tuple[Value, ...]:
        """The value of a key in the leg, empty where only others have the key; nothing where the legs are not known."""
        node: Node | None = self.leg.get(path[0])
        if node is None and self.leg and self._is_of_other_legs(path[0].lower()):
            return (value.literal(""),)
        for name in path[1:]:
            node = node.get(name) if isinstance(node, Mapping) else None
        if isinstance(node, Scalar):
            return self.values(node.value, followed + 1)
        return ()

    def _is_of_other_legs(self, name: str) -> bool:
        """Whether some legs of the job have a key, by its name in lower case, and this one has not."""
        every = keys_of_legs(self.step.job) if self.step.job else frozenset[str]()
        return name in every and all(key.lower() != name for key in self.leg)

    def _env(self, name: str, source: str, followed: int) -> tuple[Value, ...]:
        key = (name, followed)
        if key not in self._variables:
            self._variables[key] = self._declared(name, followed)
        return self._variables[key] or (Value((Hole(source=source),)),)

    def _declared(self, name: str, followed: int) -> tuple[Value, ...] | None:
        """What the nearest `env:` says of a variable, or a step before that certainly sets it; None where neither does, or a step may change it."""
        own = self.step.env is not None and self.step.env.get(name) is not None
        setting = self._last_to_set(name) if not own else None
        if setting is not None:
            text = variable_set(setting, name)
            return None if text is None else (value.literal(text),)
        written = self.step.variable(name)
        return None if written is None else self.values(written.value, followed + 1)

    def _variable(self, name: str, followed: int) -> tuple[Value, ...]:
        path = _GITHUB_VARIABLES.get(name)
        if path is not None:
            return self._github(path[1:], ".".join(path))
        return self._env(name, "$" + name, followed)

    def _last_to_set(self, name: str) -> Step | None:
        """The last step before this one that may set a variable for it through the file `GITHUB_ENV`."""
        earlier = self.step.earlier
        setting = [
            step for step in earlier if step.run and "GITHUB_ENV" in step.run.value and name in step.run.value
        ]
        return setting[-1] if setting else None


def _is_known(found: Value) -> bool:
    return all(hole.varies is not Varies.UNKNOWN for hole in found.holes)


def _handed_on(found: Value, source: str) -> Value:
    """A value of another job, whose steps have their ids there: a digest is told by the name that it has here."""
    parts = (
        Hole(Varies.DIGEST, source) if isinstance(part, Hole) and part.varies is Varies.DIGEST else part
        for part in found.parts
    )
    return value.joined(parts)


def word_source(part: object) -> str:
    """How a hole of a word is written, for messages."""
    return "$" + part.name if isinstance(part, Variable) else "…"
