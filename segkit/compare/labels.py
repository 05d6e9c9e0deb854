"""Compare the labels of users: every value as a share, and the label as a whole."""

from collections.abc import Iterator, Sequence

from segkit.compare.facts import ALL_USERS
from segkit.compare.findings import Compared, LabelCompared, ShareCompared, Subject
from segkit.measures.facts import UNKNOWN, Breakdown
from segkit.measures.sides import Sides
from segkit.measures.withhold import is_small, withhold_breakdown


def compare_labels(labels: Sequence[Breakdown], sides: Sides) -> Iterator[Compared]:
    """Give the comparisons of labels, among all users of both sides.

    Parameters
    ----------
    labels
        One breakdown a label, a partition of the users of both sides, nothing withheld yet.

    Returns
    -------
    Iterator
        A share for every known value that has a row, withheld as the report's own breakdown
        withholds it, so that the two never give each other away; and the label as a whole over the
        users of whom it is known, withheld where these are few.
    """
    for label in labels:
        shown = withhold_breakdown(label, sides.min_size)
        for row in shown.rows:
            if row.value != UNKNOWN:
                yield _value(label, row.value, row.n, row.n_baseline)
        yield _whole(label, sides, is_hidden=_hides_unknown(shown))


def _hides_unknown(shown: Breakdown) -> bool:
    """Say whether the number of whom nothing is known is withheld: it would tell of others."""
    unknown = [row for row in shown.rows if row.value == UNKNOWN]
    return any(row.n is None or row.n_baseline is None for row in unknown)


def _value(label: Breakdown, value: str, n: int | None, m: int | None) -> Compared:
    subject = Subject(
        kind="label", source=("label", label.name), name=value, title=f"{label.title}: {value}",
        of=ALL_USERS, group=f"label {label.name}",
    )  # fmt: skip
    whole, other = label.denominator, label.baseline_denominator
    is_known = None not in (n, m, whole, other)
    counts = (n or 0, whole or 0, m or 0, other or 0) if is_known else None
    return ShareCompared(subject=subject, counts=counts)


def _whole(label: Breakdown, sides: Sides, *, is_hidden: bool) -> Compared:
    known = [(row.n or 0, row.n_baseline or 0) for row in label.rows if row.value != UNKNOWN]
    unknown = [(row.n or 0, row.n_baseline or 0) for row in label.rows if row.value == UNKNOWN]
    wholes = (label.denominator or 0, label.baseline_denominator or 0)
    told = [whole - sum(pair[side] for pair in unknown) for side, whole in enumerate(wholes)]
    rest = [told[side] - sum(pair[side] for pair in known) for side in (0, 1)]
    counts = [*known, (rest[0], rest[1])] if any(n > 0 for n in rest) else known
    is_few = is_hidden or any(
        is_small(n, sides.min_size) or is_small(whole - n, sides.min_size)
        for n, whole in zip(told, wholes, strict=True)
    )
    subject = Subject(
        kind="whole_label", source=("label", label.name), name=label.name,
        title=f"{label.title}, all values", of=f"{ALL_USERS} of whom it is known",
        group=f"label {label.name}", format="association",
    )  # fmt: skip
    return LabelCompared(
        subject=subject, counts=None if is_few else counts, denominators=(told[0], told[1])
    )
