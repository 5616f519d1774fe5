"""Keeps a review for its page, and makes the link that the check run leads there by."""

from __future__ import annotations

import datetime
import hashlib
import time
from collections.abc import Sequence

from app.examine import Examined
from app.github.pull import PullRequest
from app.jobs import Job
from app.memory import Memory
from app.report.whole import About, whole
from app.signed_links import SignedLinks
from checks.record import Record

KEPT = datetime.timedelta(days=14)
"""How long a review is kept, and the link to it holds."""


class Shelf(Record):
    """Where the review of a job goes."""

    id: str
    address: str
    """The link to its page."""
    until: int
    """Seconds since 1970: from then on the link leads nowhere, and the review is deleted."""

    async def keep(
        self,
        memory: Memory,
        job: Job,
        pull: PullRequest,
        examined: Examined,
        title: str,
        notes: Sequence[str],
    ) -> None:
        """Keeps the review, in place of what an earlier try of the job kept."""
        result = examined.result
        about = About(pull.slug, pull.number, f"{pull.page}/pull/{pull.number}", title, tuple(notes))
        texts, links = examined.fetched.head.texts, examined.links
        document = whole(about, result.review, result.images, result.ignored, texts, links)
        await memory.keep_review(self.id, job.installation_id, pull.repository_id, document, self.until)


class Keeping(Record):
    """Makes room for reviews. One for the process."""

    links: SignedLinks

    def shelf(self, job: Job) -> Shelf:
        """The job's: of the same id when it is tried again."""
        name = hashlib.sha256(job.id.encode()).hexdigest()[:32]
        until = int(time.time() + KEPT.total_seconds())
        return Shelf(name, self.links.to(name, until), until)
