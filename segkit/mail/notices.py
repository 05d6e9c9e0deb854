"""Tell people of runs through the outbox: one message a run, channel and recipient, sent later.

What is published goes to the report's recipients, with what changed in it. What failed or is late
goes to its owner alone, in one sentence without values of the data.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from segkit.errors import ParameterError, RunError
from segkit.mail.attachments import attach_files
from segkit.mail.drain import drain_outbox
from segkit.mail.folders import compose_run, name_run
from segkit.mail.hooks import CHANNELS, drain_hooks, is_hooked
from segkit.mail.letter import Letter
from segkit.mail.occasion import find_spec_of, link_of, occasion_of
from segkit.mail.outbox import BUSY, OUTBOX, Job, Outbox, State
from segkit.mail.plain_letter import compose_plain, scrub
from segkit.mail.smtp import Line, Server, is_set_up, read_server
from segkit.measures.roles import may_see
from segkit.runs.manifest import read_manifest
from segkit.workspace import Workspace

INCOMPLETE = 50
NOTICE = "notice:"
"""Begins the names of what is told without a published run; no run's path holds a colon."""
_STATUS = "segkit mail status says how many have it. The report itself is there."
_RUN = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6}")


def find_notifier(
    workspace: Workspace, environment: Mapping[str, str] = os.environ
) -> "Notices | None":
    """Give who tells people; None where neither a mail server nor a chat room is named.

    Raises
    ------
    ParameterError
        When one is named, but its settings are wrong.
    """
    mail = workspace.config.mail
    server = read_server(environment, mail) if is_set_up(mail, environment) else None
    if server is None and not is_hooked(environment):
        return None
    return Notices(workspace, server)


class Notices:
    """Queues what people should hear of in the workspace's outbox, and sends it when asked.

    Parameters
    ----------
    workspace
        Whose reports are told of.
    server
        The mail server; without one only chat rooms are told.
    """

    def __init__(self, workspace: Workspace, server: Server | None) -> None:
        self._root = workspace.root
        self._mail = workspace.config.mail
        self._server = server
        self.outbox = Outbox(workspace.root / OUTBOX)

    def published(self, folder: Path, manifest: dict[str, Any], recipient: str) -> None:
        """Queue a published report for one recipient; the same run again changes nothing.

        Who may see less than the report was made for gets no link to it.
        """
        spec = find_spec_of(self._root, manifest)
        made_for = manifest["clearance"]
        clearance = made_for
        if spec is not None:
            clearance = spec.clearance_of(recipient, manifest["segment"], made_for)
        run = name_run(folder)
        link = link_of(self._mail, run) if may_see(made_for, clearance) else ""
        channel, _, room = recipient.partition(":")
        if channel in CHANNELS:
            self.outbox.queue(run, [room], link=link, channel=channel, clearance=clearance)
        elif self._server is not None:
            self.outbox.queue(run, [recipient], link=link, clearance=clearance)

    def failed(self, report: str, period: str, owner: str, sentence: str) -> None:
        """Queue the word of a failure for the report's owner, once a run.

        Without a period it is of the report's file, which cannot be read.
        """
        found = _RUN.search(sentence)
        key = found[0] if found else sha256(sentence.encode()).hexdigest()[:16]
        said = (
            scrub(sentence),
            "Nothing was published; older reports are as they were, and nobody else was told.",
            f"When the cause is mended: segkit run {report} --period {period}"
            if period
            else "Until its file is mended no period is made: segkit schedule check",
        )
        self._tell_owner("failed", report, period, owner, said=said, key=key)

    def late(self, report: str, period: str, owner: str, sentence: str) -> None:
        """Queue the word that a report is not there in time for its owner, once a period."""
        said = (scrub(sentence), f"To make it now: segkit run {report} --period {period}")
        self._tell_owner("late", report, period, owner, said=said)

    def _tell_owner(
        self,
        what: str,
        report: str,
        period: str,
        owner: str,
        *,
        said: tuple[str, ...],
        key: str = "",
    ) -> None:
        if not owner or self._server is None:
            return
        about = f"{report}, {period or 'its file'}"
        document = {
            "subject": f"{what.capitalize()}: {about}",
            "title": f"{what.capitalize()}: {about}",
            "said": said,
            "thread": f"{what}/{report}",
        }
        name = f"{NOTICE}{what}/{report}/{period or 'file'}/{key}".rstrip("/")
        self.outbox.queue_notice(name, document, owner)

    def drain(self) -> int:
        """Send what is due, tell owners who did not get it, and give an exit code.

        0 when everybody has what was queued, 50 when somebody has not, 75 when another program
        sends this outbox, with what is queued here.
        """
        pending = self.outbox.list_pending()
        try:
            self._send()
            if self._tell_missed(pending):
                self._send()
        except RunError as busy:
            if busy.exit_code != BUSY:
                raise
            return 0 if self.outbox.is_complete(pending) else BUSY
        return 0 if self.outbox.is_complete(pending) else INCOMPLETE

    def _send(self) -> None:
        drain_hooks(self.outbox, self.compose)
        if self._server is not None:
            drain_outbox(self.outbox, Line(self._server), self._server, self.compose)

    def compose(self, job: Job, checks: tuple[str, ...] = ()) -> Letter:
        """Give the letter of a row of the outbox.

        Parameters
        ----------
        checks
            Further checks, in words, for the mail of a segment report.

        Raises
        ------
        SegkitError
            When the run is gone or not whole.
        """
        notice = self.outbox.find_notice(job.run)
        if notice is not None:
            occasion = occasion_of(self._mail, job)
            return compose_plain(notice, occasion)
        folder = self._root / "reports_out" / job.run
        manifest = read_manifest(folder)
        if manifest is None:
            raise ParameterError.build(f"The run `{folder.name}` is gone.", hint="make it again.")
        spec = find_spec_of(self._root, manifest)
        occasion = occasion_of(self._mail, job, folder=folder, manifest=manifest, spec=spec)
        kinds = spec.attach if spec is not None else ()
        files, left_out = attach_files(folder, manifest, kinds, job.clearance)
        occasion = replace(occasion, notes=(*occasion.notes, *left_out))
        letter = compose_run(folder, manifest, occasion, checks=checks, clearance=job.clearance)
        return letter.with_attachments(files)

    def _tell_missed(self, runs: tuple[str, ...]) -> int:
        """Queue for each owner who did not get a run, or perhaps not; give how many are new."""
        n_new = 0
        for run, missed in self.outbox.count_missed(runs).items():
            manifest = read_manifest(self._root / "reports_out" / run)
            if run.startswith(NOTICE) or manifest is None:
                continue
            spec = find_spec_of(self._root, manifest)
            if spec is None or not spec.owner:
                continue
            about = f"{manifest['name'] or manifest['report']}, {manifest['period']}"
            document = {
                "subject": f"Not delivered: {about}",
                "title": f"Not delivered: {about}",
                "said": (*(_say_missed(*one) for one in missed), _STATUS),
                "thread": f"refused/{manifest['name']}",
            }
            n_new += self.outbox.queue_notice(f"{NOTICE}refused/{run}", document, spec.owner)
        return n_new


def _say_missed(state: State, reason: str, n: int) -> str:
    """Give in a sentence what some recipients did not get, without who they are."""
    if state is State.unknown:
        return f"{n} may not have it: {reason}. It is not sent again by itself."
    return f"{n} did not get it: {reason}."
