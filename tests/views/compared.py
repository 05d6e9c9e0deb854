"""Made differences of a segment, judged as real ones are."""

from segkit.compare.amounts import Amounts
from segkit.compare.facts import COMERS, Differences, FindingKind, ReadPart
from segkit.compare.findings import AmountCompared, Compared, Counts, ShareCompared, Subject, judge

COUNTS: Counts = (506, 1204, 1210, 9310)


def share_of(kind: FindingKind, name: str, counts: Counts = COUNTS) -> ShareCompared:
    group = name.split(":", maxsplit=1)[0] if kind in {"visit", "label"} else kind
    subject = Subject(
        kind=kind, source=(kind, name), name=name, title=name, of=COMERS, group=group
    )  # fmt: skip
    return ShareCompared(subject=subject, counts=counts)


def amount() -> AmountCompared:
    subject = Subject(
        kind="amount", source=("amount", "visits"), name="visits", title="Visits", of=COMERS,
        format="number",
    )  # fmt: skip
    rows = [(1.0, 204, 8310), (4.0, 1000, 1000)]
    return AmountCompared(subject=subject, amounts=Amounts.from_counts(rows))


def differences(*compared: Compared, given: str = "purchase") -> Differences:
    judged = judge(compared, is_read=lambda source: source[1] == given)
    return Differences(
        n_segment=1300, n_baseline=12000, n_came=1204, n_baseline_came=9310, level=0.05,
        n_tested=judged.n_tested, n_withheld=2, findings=judged.findings,
        by_definition=judged.by_definition,
        reads=(ReadPart(heading="events", words=(given,)),),
    )  # fmt: skip


def sample_differences() -> Differences:
    """Give a page, an amount and what is so by definition, beside what does not hold."""
    return differences(
        share_of("page", "/sale"),
        amount(),
        share_of("page", "/rare", (4, 1204, 1, 9310)),
        share_of("page", "/chance", (121, 1204, 930, 9310)),
        share_of("event", "purchase", (1204, 1204, 900, 9310)),
    )
