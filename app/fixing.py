"""`/fix` and *Apply fixes*: the safe fixes, as one commit on the branch of the pull request."""

from __future__ import annotations

from app import answers
from app.analysis import AnalysisFailed
from app.answers import Told
from app.examine import Examiner
from app.github.client import Access, App, Client
from app.github.commit import Refused, Tip, Written, commit, tip
from app.github.errors import Superseded
from app.github.installations import Grants, allows
from app.github.pull import PullRequest, pull_request
from app.jobs import Asked, Job
from app.manifest import TO_COMMIT
from app.memory import Memory

_READ = {"checks": "read", "pull_requests": "read", "metadata": "read"}
_WORKFLOWS = ".github/workflows/"
_MOVED = "the head moved meanwhile"


class Fixer:
    """One for the process."""

    def __init__(self, app: App, examiner: Examiner, grants: Grants) -> None:
        self._app = app
        self._examiner = examiner
        self._grants = grants

    async def fix(self, job: Job, asked: Asked, pull: PullRequest, memory: Memory) -> Told:
        """Commits what can be committed, and tells what was done. Doing it again commits nothing twice."""
        if pull.from_fork:
            return answers.not_fixed(job, "the branch is in a fork, where the App may not write")
        # Asked anew: somebody may have accepted it a moment ago, to try this.
        now = await self._grants.of(job.installation_id)
        granted = {name: level for name, level in TO_COMMIT.items() if allows(now, name, level)}
        if "contents" not in granted:
            return answers.not_fixed(job, "the installation does not grant `contents: write`")
        access = Access(
            job.installation_id, repository_ids=(job.repository_id,), permissions={**_READ, **granted}
        )
        closed = () if "workflows" in granted else (_WORKFLOWS,)
        async with self._app.client(access) as client:
            there = await pull_request(client, job.slug, job.pull_number)
            at = await tip(client, there)
            if answers.trailer(job) in at.message.splitlines():
                return answers.committed(job, there, there.head_sha, None)
            if asked.seen and asked.seen != there.head_sha:
                return answers.not_fixed(job, _MOVED)
            try:
                return await self._fix(client, job, asked, there, at, memory, closed)
            except Superseded:
                return answers.not_fixed(job, _MOVED)
            except (Refused, AnalysisFailed) as failure:
                return answers.not_fixed(job, str(failure))

    async def _fix(
        self, client: Client, job: Job, asked: Asked, pull: PullRequest, at: Tip, memory: Memory,
        closed: tuple[str, ...],
    ) -> Told:  # fmt: skip
        """Found, tried and applied on the head as it is now, whatever a check run says of it."""
        ignores = await memory.ignores(pull.repository_id, pull.number)
        fetched, fixed = await self._examiner.fix(client, job, pull, memory, ignores, closed)
        if not fixed.files:
            why = "the base can't be read" if fetched.base is None else "there is no safe fix"
            return answers.not_fixed(job, answers.left_alone(fixed).rstrip(".") or why)
        modes = self._examiner.modes(pull)
        files = [Written(path, modes.get(path, "100644"), text) for path, text in sorted(fixed.files.items())]
        sha = await commit(client, pull, at, files, answers.message(job, asked, fixed))
        return answers.committed(job, pull, sha, fixed)
