"""Compose the mail of a run as its recipients would get it, without queueing anything."""

from dataclasses import replace
from pathlib import Path

from segkit.mail.attachments import attach_files
from segkit.mail.folders import compose_run, name_run, read_whole
from segkit.mail.letter import Letter
from segkit.mail.occasion import find_spec_of, link_of, occasion_of
from segkit.mail.outbox import Job
from segkit.workspace import Workspace


def preview_letter(
    workspace: Workspace, folder: Path, *, link: str = "", checks: tuple[str, ...] = ()
) -> Letter:
    """Give the mail of a published run with its warnings, what its schedule says, and its files.

    Parameters
    ----------
    link
        Where readers open the whole report; by default what `[mail] link` says.
    checks
        Further checks, in words.

    Raises
    ------
    ParameterError
        When the run is not whole, or a check cannot be read.
    """
    manifest, run = read_whole(folder), name_run(folder)
    spec = find_spec_of(workspace.root, manifest)
    mail = workspace.config.mail
    job = Job(run=run, recipient="", attempts=0, link=link or link_of(mail, run))
    occasion = occasion_of(mail, job, folder=folder, manifest=manifest, spec=spec)
    files, left_out = attach_files(
        folder, manifest, spec.attach if spec is not None else (), job.clearance
    )
    occasion = replace(occasion, notes=(*occasion.notes, *left_out))
    return compose_run(folder, manifest, occasion, checks=checks).with_attachments(files)
