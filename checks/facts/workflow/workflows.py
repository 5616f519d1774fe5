"""GitHub Actions workflows and composite actions: jobs, steps, what they use and what they may do.

Syntax: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from functools import cached_property

from checks.record import Record
from checks.regex import regex
from checks.source.text import Location, Span, Text
from checks.source.yaml import Entry, Node, Scalar, Sequence
from checks.source.yaml import Mapping as YamlMapping
from checks.source.yaml import parse as parse_yaml

_REMOTE_USE = regex(r"(?P<owner>[\w.-]+)/(?P<name>[\w.-]+)(?P<path>(?:/[^@]*)?)@(?P<ref>\S+)")
_SHELLS = frozenset(("bash", "sh"))
_FRONTS = frozenset(("devbox", "direnv", "env", "mise", "nix", "pixi", "sudo"))
"""Programs that run another in an environment: `nix shell nixpkgs#gh -c bash -e {0}`."""
_ENDS = regex(r"-[A-Za-z]*e[A-Za-z]*|errexit")
"""What tells a shell to end where a command fails."""
_COMMIT = regex(r"[0-9a-f]{40}|[0-9a-f]{64}")


class ActionUse(Record, dict=True):
    """What `uses:` names."""

    scalar: Scalar
    owner: str = ""
    """Empty for a local path (`./…`) and an image (`docker://…`)."""
    name: str = ""
    path: str = ""
    """Path inside the repository, without slashes at its ends."""
    ref: str = ""

    @cached_property
    def repository(self) -> str:
        """`owner/name` in lower case, as GitHub compares it; empty for a local path and an image."""
        return f"{self.owner}/{self.name}".lower() if self.owner else ""

    @cached_property
    def action(self) -> str:
        """The repository, and the path inside it if there is one."""
        return f"{self.repository}/{self.path}" if self.path else self.repository

    @property
    def is_local(self) -> bool:
        return self.scalar.value.startswith("./")

    @property
    def folder(self) -> str:
        """Of a local action the folder from the root."""
        return self.scalar.value.removeprefix("./").strip("/")

    @property
    def is_commit(self) -> bool:
        return bool(_COMMIT.fullmatch(self.ref))

    @property
    def ref_span(self) -> Span | None:
        """Where the ref stands in the file."""
        end = len(self.scalar.value)
        return self.scalar.locate(end - len(self.ref), end) if self.ref else None


def action_use(scalar: Scalar) -> ActionUse:
    """Reads the value of `uses:`."""
    match = _REMOTE_USE.fullmatch(scalar.value)
    if match is None:
        return ActionUse(scalar)
    return ActionUse(scalar, match["owner"], match["name"], match["path"].strip("/"), match["ref"])


class Permissions(Record):
    """A `permissions:` key as it is written."""

    entry: Entry
    scopes: Mapping[str, str]
    """The access that is written for each scope; all others are `none`."""
    everything: str | None = None
    """`read-all` or `write-all`; then `scopes` is empty."""

    def access(self, scope: str) -> str:
        """`read`, `write` or `none`."""
        if self.everything:
            return {"read-all": "read", "write-all": "write"}.get(self.everything, "none")
        return self.scopes.get(scope, "none")

    def entry_of(self, scope: str) -> Entry | None:
        """Where a scope is named; None where it isn't."""
        block = self.entry.value
        return block.entry(scope) if isinstance(block, YamlMapping) else None


def _permissions(node: YamlMapping) -> Permissions | None:
    entry = node.entry("permissions")
    if entry is None:
        return None
    if isinstance(entry.value, YamlMapping):
        return Permissions(entry, strings(entry.value))
    if isinstance(entry.value, Scalar) and entry.value.value in ("read-all", "write-all"):
        return Permissions(entry, {}, entry.value.value)
    return Permissions(entry, {})


def strings(node: Node | None) -> dict[str, str]:
    """The entries of a mapping whose keys and values are both scalars."""
    if not isinstance(node, YamlMapping):
        return {}
    return {
        entry.key.value: entry.value.value
        for entry in node.entries
        if isinstance(entry.key, Scalar) and isinstance(entry.value, Scalar)
    }


def scalars(node: Node | None) -> tuple[Scalar, ...]:
    """A scalar, or the scalars of a sequence."""
    if isinstance(node, Scalar):
        return (node,)
    if isinstance(node, Sequence):
        return tuple(item for item in node.items if isinstance(item, Scalar))
    return ()


def _scalar(node: YamlMapping, key: str) -> Scalar | None:
    value = node.get(key)
    return value if isinstance(value, Scalar) else None


def _defaults(node: YamlMapping) -> YamlMapping:
    """`defaults.run` of a workflow or a job; itself empty where there is none."""
    defaults = node.get("defaults")
    run = defaults.get("run") if isinstance(defaults, YamlMapping) else None
    return run if isinstance(run, YamlMapping) else YamlMapping(node.text, node.span, (), flow=False)


class Step(Record, eq=False, dict=True):
    """One step of a job or of a composite action."""

    text: Text
    node: YamlMapping
    index: int
    job: Job | None
    """None in a composite action."""

    @cached_property
    def id(self) -> str:
        scalar = _scalar(self.node, "id")
        return scalar.value if scalar else ""

    @cached_property
    def condition(self) -> Scalar | None:
        """The value of `if:`."""
        return _scalar(self.node, "if")

    @cached_property
    def uses(self) -> ActionUse | None:
        scalar = _scalar(self.node, "uses")
        return action_use(scalar) if scalar else None

    @cached_property
    def run(self) -> Scalar | None:
        """The script."""
        return _scalar(self.node, "run")

    @property
    def is_shell_script(self) -> bool:
        """Whether `run:` is for a POSIX shell: by its `shell:`, by the defaults, else by the runner's system."""
        shell = self._shell()
        if shell is None:
            return self.job is None or not any("windows" in label.lower() for label in self.job.runs_on)
        words = shell.split()
        return words[:1] != [] and (
            words[0] in _SHELLS or (words[0] in _FRONTS and bool(_SHELLS & set(words)))
        )

    @property
    def ends_where_one_fails(self) -> bool:
        """Whether a POSIX shell ends where a command fails: unless `shell:` writes a call of its own without `-e`.

        https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#exit-codes-and-error-action-preference
        """
        words = (self._shell() or "").split()
        return len(words) < 2 or any(map(_ENDS.fullmatch, words[1:]))

    def _shell(self) -> str | None:
        nodes = [self.node]
        if self.job is not None:
            nodes += (_defaults(node) for node in (self.job.node, self.job.workflow.node))
        return next((found.value for node in nodes if (found := _scalar(node, "shell"))), None)

    @property
    def working_directory(self) -> Scalar | None:
        """The folder that `run:` runs in, where one is written."""
        nodes = [self.node]
        if self.job is not None:
            nodes += (_defaults(node) for node in (self.job.node, self.job.workflow.node))
        return next((found for node in nodes if (found := _scalar(node, "working-directory"))), None)

    @property
    def is_lenient(self) -> bool:
        """Whether the run goes on where the step or its job fails, or may do: `continue-on-error` of either."""
        own = self.node.get("continue-on-error") is not None
        return own or (self.job is not None and self.job.is_lenient)

    @property
    def always_counts(self) -> bool:
        """Whether it runs whenever a run comes to it, and ends the run where it fails."""
        return self.condition is None and not self.is_lenient

    @cached_property
    def env(self) -> YamlMapping | None:
        value = self.node.get("env")
        return value if isinstance(value, YamlMapping) else None

    @cached_property
    def inputs(self) -> YamlMapping | None:
        """The value of `with:`."""
        value = self.node.get("with")
        return value if isinstance(value, YamlMapping) else None

    def input(self, name: str) -> Scalar | None:
        """An input of the action; names are compared without case, as the runner does."""
        entry = self._inputs_by_name.get(name)
        return entry.value if entry is not None and isinstance(entry.value, Scalar) else None

    def input_entry(self, name: str) -> Entry | None:
        """The key and value of an input."""
        return self._inputs_by_name.get(name)

    @cached_property
    def _inputs_by_name(self) -> dict[str, Entry]:
        """By name in lower case, of a repeated one the first."""
        found: dict[str, Entry] = {}
        for entry in self.inputs.entries if self.inputs else ():
            if isinstance(entry.key, Scalar):
                found.setdefault(entry.key.value.lower(), entry)
        return found

    @property
    def location(self) -> Location:
        return Location(self.text, self.node.span)

    def uses_action(self, *names: str) -> bool:
        """Whether it uses one of these actions, whatever the ref."""
        return self.uses is not None and self.uses.action in names


class Job(Record, eq=False, dict=True):
    """One job of a workflow."""

    workflow: Workflow
    key: Scalar
    node: YamlMapping

    @property
    def id(self) -> str:
        return self.key.value

    @property
    def span(self) -> Span:
        """All of it, its name included."""
        return self.key.span.to(self.node.span)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        return _steps(self.workflow.text, self.node, self)

    @cached_property
    def uses(self) -> ActionUse | None:
        """The reusable workflow that it calls."""
        scalar = _scalar(self.node, "uses")
        return action_use(scalar) if scalar else None

    @property
    def condition(self) -> Scalar | None:
        """The value of `if:`."""
        return _scalar(self.node, "if")

    @property
    def is_lenient(self) -> bool:
        """Whether the run goes on where the job fails, or may do: `continue-on-error`."""
        return self.node.get("continue-on-error") is not None

    @property
    def inherits_secrets(self) -> bool:
        """Whether the workflow that it calls gets all secrets: `secrets: inherit`."""
        handed_on = _scalar(self.node, "secrets")
        return handed_on is not None and handed_on.value == "inherit"

    @cached_property
    def own_permissions(self) -> Permissions | None:
        """The `permissions:` of the job itself."""
        return _permissions(self.node)

    @property
    def permissions(self) -> Permissions | None:
        """The `permissions:` that hold: the job's own replace the workflow's; None where neither has any."""
        return self.own_permissions or self.workflow.permissions

    @property
    def env(self) -> YamlMapping | None:
        value = self.node.get("env")
        return value if isinstance(value, YamlMapping) else None

    @property
    def runs_on(self) -> tuple[str, ...]:
        """The labels of the runner, unresolved; empty for a group, whose machines may be anyone's, with labels too."""
        runner = self.node.get("runs-on")
        if isinstance(runner, YamlMapping):
            runner = runner.get("labels") if runner.get("group") is None else None
        return tuple(scalar.value for scalar in scalars(runner))

    @property
    def environment(self) -> Scalar | None:
        """The name of the deployment environment."""
        value = self.node.get("environment")
        if isinstance(value, YamlMapping):
            value = value.get("name")
        return value if isinstance(value, Scalar) else None

    def before(self, step: Step) -> tuple[Step, ...]:
        """The steps ahead of one."""
        return self.steps[: step.index]

    def after(self, step: Step) -> tuple[Step, ...]:
        """The steps that follow one."""
        return self.steps[step.index + 1 :]

    def step(self, step_id: str) -> Step | None:
        """The step of that id; ids are compared without case."""
        return next((step for step in self.steps if step.id and step.id.lower() == step_id.lower()), None)


class Trigger(Record):
    """One event under `on:`."""

    name: str
    key: Scalar
    """Where the event is named."""
    node: YamlMapping | None
    """Its filters."""

    def filter(self, name: str) -> tuple[str, ...] | None:
        """The patterns of a filter such as `branches`; None where it is not written."""
        if self.node is None or self.node.get(name) is None:
            return None
        return tuple(scalar.value for scalar in scalars(self.node.get(name)))


class Workflow(Record, eq=False, dict=True):
    """A file under `.github/workflows`."""

    text: Text
    node: YamlMapping

    @property
    def path(self) -> str:
        return self.text.path

    @property
    def name(self) -> str:
        """The name by which other workflows mean it: its path where it has none."""
        name = _scalar(self.node, "name")
        return name.value if name else self.path

    @cached_property
    def triggers(self) -> Mapping[str, Trigger]:
        """The events of `on:` by name."""
        on = self.node.get("on")
        if isinstance(on, YamlMapping):
            return {
                entry.key.value: Trigger(
                    entry.key.value, entry.key, entry.value if isinstance(entry.value, YamlMapping) else None
                )
                for entry in on.entries
                if isinstance(entry.key, Scalar)
            }
        return {scalar.value: Trigger(scalar.value, scalar, None) for scalar in scalars(on)}

    @property
    def crons(self) -> tuple[str, ...]:
        """The times of `schedule:`, as they are written."""
        on = self.node.get("on")
        schedule = on.get("schedule") if isinstance(on, YamlMapping) else None
        entries = schedule.items if isinstance(schedule, Sequence) else ()
        found = (_scalar(entry, "cron") for entry in entries if isinstance(entry, YamlMapping))
        return tuple(cron.value for cron in found if cron is not None)

    @cached_property
    def permissions(self) -> Permissions | None:
        return _permissions(self.node)

    @property
    def env(self) -> YamlMapping | None:
        value = self.node.get("env")
        return value if isinstance(value, YamlMapping) else None

    @cached_property
    def jobs(self) -> tuple[Job, ...]:
        jobs = self.node.get("jobs")
        if not isinstance(jobs, YamlMapping):
            return ()
        return tuple(
            Job(self, entry.key, entry.value)
            for entry in jobs.entries
            if isinstance(entry.key, Scalar) and isinstance(entry.value, YamlMapping)
        )

    @property
    def steps(self) -> Iterator[Step]:
        """The steps of all jobs, in the order of the file."""
        for job in self.jobs:
            yield from job.steps

    @property
    def action_uses(self) -> Iterator[ActionUse]:
        """Everything that a step or a job uses, in file order."""
        for job in self.jobs:
            yield from (use for use in (job.uses, *(step.uses for step in job.steps)) if use)

    def job(self, job_id: str) -> Job | None:
        """The first one of that id."""
        return self._jobs_by_id.get(job_id)

    @cached_property
    def _jobs_by_id(self) -> Mapping[str, Job]:
        return {job.id: job for job in reversed(self.jobs)}


class CompositeAction(Record, eq=False, dict=True):
    """An `action.yml` of the repository."""

    text: Text
    node: YamlMapping

    @property
    def path(self) -> str:
        return self.text.path

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        runs = self.node.get("runs")
        return _steps(self.text, runs, None) if isinstance(runs, YamlMapping) else ()

    @property
    def action_uses(self) -> Iterator[ActionUse]:
        """Everything that a step uses, in file order."""
        return (step.uses for step in self.steps if step.uses)

    @cached_property
    def dockerfile(self) -> str | None:
        """The file that runners build to run the action; None for one that has none.

        https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax#runsimage
        """
        runs = self.node.get("runs")
        image = runs.get("image") if isinstance(runs, YamlMapping) else None
        if not isinstance(image, Scalar) or image.value.startswith("docker://"):
            return None
        return posixpath.normpath(posixpath.join(posixpath.dirname(self.path), image.value))


def _steps(text: Text, node: YamlMapping, job: Job | None) -> tuple[Step, ...]:
    steps = node.get("steps")
    if not isinstance(steps, Sequence):
        return ()
    mappings = [item for item in steps.items if isinstance(item, YamlMapping)]
    return tuple(Step(text, item, index, job) for index, item in enumerate(mappings))


def parse_workflow(text: Text) -> Workflow | None:
    """The workflow in a file; None where it holds none. `CannotRead` if it is not YAML."""
    root = _root(text)
    return Workflow(text, root) if root else None


def parse_action(text: Text) -> CompositeAction | None:
    """The action in a file; None where it holds none. `CannotRead` if it is not YAML."""
    root = _root(text)
    return CompositeAction(text, root) if root else None


def _root(text: Text) -> YamlMapping | None:
    documents = parse_yaml(text)
    return documents[0] if documents and isinstance(documents[0], YamlMapping) else None
