"""Let the members of a segment leave, as far as policy, clearance and consent allow."""

import ibis

from segkit.config import Role, WorkspaceConfig
from segkit.errors import PrivacyError
from segkit.measures.people import Reader
from segkit.measures.sides import Sides
from segkit.reports.user_file import UserFile
from segkit.reports.user_files import consenting, exported_names, exporting_reader, with_labels
from segkit.segments.evaluate import Membership
from segkit.store.tables import Tables
from segkit.workspace.asking import policy_of


def export_members(
    membership: Membership, *, tables: Tables, config: WorkspaceConfig, clearance: Role
) -> UserFile:
    """Give the members as they may leave: one row a member, by user id, with labels at T.

    Raises
    ------
    PrivacyError
        When policy, clearance or the smallest group shown forbid it.
    ParameterError
        When T is within a day.
    """
    privacy = config.privacy
    policy = policy_of(membership.definition, privacy)
    reader = exporting_reader(policy, Reader(clearance=clearance, columns=privacy.columns))
    names = exported_names(policy, reader, tables.catalogue.attributes)
    least = max(policy.min_size, privacy.min_size)
    sides = Sides(
        tables=tables,
        groups=membership.members.mutate(in_segment=ibis.literal(value=True)),
        clock=membership.clock,
        days=1,
        n_segment=int(tables.engine.scalar(membership.members.count())),
        n_baseline=0,
        min_size=least,
    )
    leaving = consenting(sides.members, sides, policy)
    users = tables.users.semi_join(leaving, "user_no").order_by("user_key")
    file = with_labels(users, columns=(), sides=sides, names=names, reader=reader)
    if len(file.rows) < least:
        raise PrivacyError.build(
            f"Fewer than {least} members may leave, so none do.",
            where=f"segment {membership.definition.segment}",
            hint="widen the segment, or lower min_size in its policy and in [privacy].",
        )
    return file
