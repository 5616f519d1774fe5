"""What the repository tells of a use of an action that is to move to a newer release."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

from checks.facts.action.go_runs import Loaded, loaded_behind
from checks.facts.action.node_of_runners import needs_node24
from checks.facts.action.yarn_runs import NODE, WITH_TOKEN, lacks_token, may_lack_token
from checks.facts.answers import fact
from checks.facts.asides import is_vendored
from checks.facts.build.argument_places import is_in_page, reached_stages
from checks.facts.project.maven_projects import plugin_versions
from checks.facts.project.node_projects import NodeProject
from checks.facts.repository.dockerfiles import Dockerfiles
from checks.facts.repository.jobs import Jobs
from checks.facts.script.go_programs import newest_of_recipes
from checks.facts.script.makefiles import make_runs, recipe_lines
from checks.facts.secret_names import secret_in
from checks.facts.token.goreleaser import gone_in_version_2
from checks.facts.upgrade.checkout_changes import leaves_token_to_agent
from checks.facts.upgrade.header_files import may_come_to, names_header, with_their_starters
from checks.facts.upgrade.upgrades import GPG_PLUGIN, RELEASE_DRAFTER, Upgrade
from checks.facts.workflow.artifacts import (
    DOWNLOAD,
    UPLOAD,
    ahead_of_calls,
    keeps_artifacts,
    may_share_artifacts,
)
from checks.facts.workflow.uses import ActionUse
from checks.facts.workflow.workflows import Step
from checks.regex import regex
from checks.source.kind import MAVEN_PROJECT, Kind, kind_by_path
from checks.source.text import Location, Text

_CHANGESETS, _WITH_OLD_CLI = "changesets/action", 1
"""The action, and its last version for the Changesets CLI before 3.

https://github.com/changesets/action/releases/tag/v2.0.0
"""
_BUILD, _CHECKOUT, _GO = "docker/build-push-action", "actions/checkout", "actions/setup-go"
_CYPRESS = "cypress-io/github-action"
_WRANGLER = "cloudflare/wrangler-action"
_BRINGS_WRANGLER = regex(r"cloudflare|wrangler")
"""In the name of a package."""
_OTHER_LOCKS = ("bun.lock", "bun.lockb", "npm-shrinkwrap.json", "package-lock.json", "pnpm-lock.yaml")
"""What keeps versions for a package manager that is not Yarn."""
_NEW_CLIENT = regex(r"yarn@|npm@(?:[7-9]|\d\d)|pnpm@(?:[89]|\d\d)")
_WITH_TOKEN_IN_CONFIG = 5
"""The last version of `actions/checkout` that keeps its token in `.git/config`."""


class Upgrades(Jobs, Dockerfiles):
    def upgrade_of(self, use: ActionUse, step: Step | None) -> Upgrade:
        """A use as one that moves; `step` is what uses it, None where that is a job."""
        of_root = [one for one in self.node_projects if "/" not in one.path]
        return Upgrade(
            use,
            step,
            self.go_modules,
            self.events_of(step) if step else (),
            self.actions_by_folder,
            loaded=self._loaded(use, step),
            joins_images=self._joins_images(use, step),
            secrets_to_record=self._secrets_to_record(use, step),
            installed=self._installed(use, step),
            may_lack_token=use.repository != NODE or self._may_lack_token(step),
            may_run_yarn_1=not any(map(_stops_old_clients, of_root)),
            names_npm=any(one.names_npm for one in of_root),
            package_managers={one.path: one.package_manager for one in self.node_projects},
            paths=self.snapshot.paths if self.snapshot.complete else (),
            cypress=self._cypress(step) if use.repository == _CYPRESS and step is not None else "",
            may_have_wrangler=use.repository != _WRANGLER or step is None or self._may_have_wrangler(step),
            keeps_artifacts=use.repository in (UPLOAD, DOWNLOAD)
            and step is not None
            and step.job is not None
            and keeps_artifacts(step.job.workflow)
            and not self._may_share_artifacts,
            ahead_of_calls=ahead_of_calls(step.job.workflow, self.calls_around(step.job))
            if use.repository == DOWNLOAD and step is not None and step.job is not None
            else (),
            gpg_plugins=self._gpg_plugins,
            has_mise_lock=bool(self.paths_named("mise.lock")),
            drafts=self._drafts(use, step),
            gone_in_goreleaser_2=gone_in_version_2(step, self.snapshot) if step is not None else "",
            ways=self.ways_to(step) if step and step.job is None and use.repository == _CHECKOUT else (),
            major=self._major(use, step),
            today=self.outside.today,
            slug=self.outside.slug,
            dependabot=self.dependabot,
            handed=self.handed_in.get(step.text.path) if step else None,
        )

    def _cypress(self, step: Step) -> str:
        """The range of Cypress that the project asks for in whose folder a step runs it."""
        folder = step.input("working-directory")
        path = posixpath.normpath(posixpath.join(folder.value if folder else "", "package.json"))
        found = (dict(one.asked or ()) for one in self.node_projects if one.path == path)
        return next((asked.get("cypress", "") for asked in found), "")

    def _may_have_wrangler(self, step: Step) -> bool:
        """Whether the project in whose folder a step runs, or the root, may bring Wrangler, or another of a workspace."""
        folder = step.input("workingdirectory")
        path = posixpath.normpath(posixpath.join(folder.value if folder else "", "package.json"))
        there = {path, "package.json"} & self.snapshot.paths
        known = [one for one in self.node_projects if one.path in there]
        return (
            len(known) < len(there)
            or bool(self.paths_named("pnpm-workspace.yaml"))
            or any(one.has_workspaces or one.asked is None for one in known)
            or any(_BRINGS_WRANGLER.search(name) for one in known for name, _ in one.asked or ())
        )

    @fact
    def _gpg_plugins(self) -> tuple[str, ...]:
        """The versions of the plugin by which Maven signs, as the `pom.xml` at the root names them."""
        known = {**self.snapshot.texts, **self.snapshot.guides}
        text = known.get(MAVEN_PROJECT)
        return self.memo(plugin_versions, text, GPG_PLUGIN) if text is not None else ()

    def _drafts(self, use: ActionUse, step: Step | None) -> Text | None:
        """The file that a step of Release Drafter reads, unless it goes on in another repository's."""
        name = step.input("config-name") if step is not None else None
        if use.repository != RELEASE_DRAFTER:
            return None
        found = self.snapshot.texts.get(f".github/{name.value if name else 'release-drafter.yml'}")
        return None if found is None or "_extends" in found.content else found

    def certainly_has_node24(self, step: Step) -> bool:
        """Whether what runs a step has Node 24: a machine of GitHub's, or one that has to have it already."""
        ways = self.ways_to(step)
        return self.runs_on_hosted(step) or (
            bool(ways) and all(way.job and needs_node24(way.job) for way in ways)
        )

    def may_come_to_header(self, checkout: Step) -> bool:
        """Whether behind a checkout a file of the repository may run that names where older releases leave the token."""
        files = self._files_of_header
        return bool(files) and may_come_to(checkout, files, self.actions_by_folder, self.snapshot.texts)

    @fact
    def _files_of_header(self) -> tuple[Text, ...]:
        """Those files with the scripts that start them, but for workflows, which say themselves what their jobs do."""
        texts = self.snapshot.texts
        found = tuple(
            texts[path]
            for path in texts
            if kind_by_path(path) is not Kind.WORKFLOW and self.memo(names_header, texts[path])
        )
        return with_their_starters(found, self.all_scripts) if found else ()

    def _major(self, use: ActionUse, step: Step | None) -> int | None:
        """The version of an action whose newest release a step can take, where that is not the newest of all.

        With version 7 of `actions/setup-node` the first Yarn stops at the registry that it writes, where no token is
        there. Version 2 of `changesets/action` takes other inputs, and version 3 of the Changesets CLI alone. From version 6
        on `actions/checkout` keeps its token where `anthropics/claude-code-action` does not take it away, so that git pushes as
        the job: https://github.com/anthropics/claude-code-action/issues/1721
        """
        if use.repository == _CHANGESETS:
            return _WITH_OLD_CLI
        if use.repository == _CHECKOUT:
            return _WITH_TOKEN_IN_CONFIG if step and leaves_token_to_agent(step) else None
        if use.repository != NODE or step is None or step.input("registry-url") is None:
            return None
        takes_yarn_1 = any(one.takes_yarn_1 and _is_worked_on(one, step) for one in self.node_projects)
        is_first = takes_yarn_1 and not self.paths_named(".yarnrc.yml")
        is_stopped = is_first and lacks_token(step, self.ways_to(step), self.actions_by_folder)
        return WITH_TOKEN if is_stopped else None

    def _may_lack_token(self, step: Step | None) -> bool:
        """Whether a later step may run the first Yarn without a token: another package manager takes none."""
        if any(one.stops_yarn_1 for one in self.node_projects if "/" not in one.path):
            return False
        is_locked = not all(map(is_vendored, self.paths_named("yarn.lock")))
        return may_lack_token(
            step, self.actions_by_folder, is_locked=is_locked, is_of_others=self._is_of_other_managers
        )

    @fact
    def _is_of_other_managers(self) -> bool:
        """Whether each project lies at or below a lock file of another package manager, and no script, Makefile, action or project speaks of Yarn."""
        locks = (path for name in _OTHER_LOCKS for path in self.paths_named(name) if not is_vendored(path))
        over = tuple(posixpath.join(posixpath.dirname(path), "") for path in locks)
        projects = (path for path in self.paths_named("package.json") if not is_vendored(path))
        if not over or not all(path.startswith(over) for path in projects):
            return False
        said = (*self.all_scripts, *self.texts(Kind.ACTION), *self.texts(Kind.NODE_PROJECT))
        return not any("yarn" in text.content.lower() for text in said)

    def _installed(self, use: ActionUse, step: Step | None) -> Mapping[str, Location]:
        """What recipes that the job of a step runs install with Go at its newest, each with the line that names it."""
        if use.repository != _GO or step is None or step.job is None:
            return {}
        recipes = [recipe_lines(run, self.makefiles) for one in step.job.steps for run in make_runs(one)]
        return {name: place for lines in recipes for name, place in newest_of_recipes(lines).items()}

    @fact
    def _may_share_artifacts(self) -> bool:
        return may_share_artifacts(self.steps, self.workflows)

    def _joins_images(self, use: ActionUse, step: Step | None) -> bool:
        """Whether `docker manifest create` runs in the file of a step, or of one that comes to it, or in a script there."""
        if use.repository != _BUILD:
            return False
        texts = {use.scalar.text, *(way.text for way in (self.ways_to(step) if step else ()))}
        joining = self._files_that_join_images
        names = [posixpath.basename(text.path) for text in joining - texts]
        return not texts.isdisjoint(joining) or any(name in text.content for name in names for text in texts)

    def _secrets_to_record(self, use: ActionUse, step: Step | None) -> tuple[str, ...]:
        """The secrets that a build of a public repository is given as arguments, but for those that it puts into a page."""
        if use.repository != _BUILD or step is None or self.outside.visibility != "public":
            return ()
        files = {one.path: one for one in self.dockerfiles}
        found = dict[str, None]()
        for build in self.builds_in.get(step.text, ()):
            dockerfile = files.get(build.dockerfile or "")
            for one in build.build_args or () if build.step is step else ():
                secret = secret_in(one.written, one.name)
                if secret and not (
                    dockerfile and is_in_page(dockerfile, one.name, reached_stages(dockerfile, build))
                ):
                    found[secret] = None
        return tuple(found)

    @fact
    def _files_that_join_images(self) -> frozenset[Text]:
        runs = self.running("docker")
        return frozenset(one.text for one in runs if one.subcommand("manifest", "create") is not None)

    def _loaded(self, use: ActionUse, step: Step | None) -> Loaded:
        """The modules that steps behind one that sets Go up load."""
        if use.repository != _GO or step is None:
            return Loaded()
        return loaded_behind(
            step, self.go_modules, self.actions_by_folder, self.all_scripts, self.go_workspaces
        )


def _is_worked_on(project: NodeProject, step: Step) -> bool:
    """Whether a project lies at the root, or in a folder that the job of a step names."""
    folder = posixpath.dirname(project.path)
    if not folder or step.job is None:
        return not folder
    job, defaults = step.job.node, step.job.workflow.node.get("defaults")
    texts = (job.text[node.span] for node in (job, defaults) if node is not None)
    return any(re.search(rf"(?<![\w.-]){re.escape(folder)}(?![\w-])", text) for text in texts)


def _stops_old_clients(project: NodeProject) -> bool:
    """Whether a project names a package manager that logs in without being told, beside which Yarn 1 stops."""
    return project.stops_yarn_1 and _NEW_CLIENT.match(project.package_manager) is not None
