"""Write the same shop at any size as Parquet parts in the order of time, for benchmarks."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from segkit.demo.catalogue import CURRENCY, DEVICES, PLACES, SOURCES, page_url, pages
from segkit.demo.events import CODE, EVENT_NAMES, Batch, stream_days
from segkit.demo.kinds import KIND_NAMES
from segkit.demo.people import GENDERS, PLANS, draw_labels
from segkit.demo.plan import END_ON, LEAST_DAYS, LEAST_USERS, Ints, Plan, plan_people
from segkit.demo.visits import Diary
from segkit.demo.workspace_files import PARQUET_TOML, write_unless_there
from segkit.errors import ParameterError

_PILOT_USERS = 4000
_PILOT_ROUNDS = 3
_TIME = pa.timestamp("us", tz="UTC")


def write_events_parquet(
    folder: Path,
    *,
    events: float,
    users: int,
    days: int = 120,
    seed: int = 7,
    part_rows: int = 1_000_000,
) -> list[Path]:
    """Write about `events` events of `users` people as `raw/events/part-*.parquet`; give these.

    Grain: one row an event, parts and rows in the order of time; no event ids. Columns: `user_id,
    time` (UTC µs), `event, page_path, referrer_url, utm_source, utm_medium, utm_campaign,
    device_type, country, value` (purchases only), `currency`. Beside them `raw/attributes.csv` (one
    row a user: `member_id, age, gender, plan, country, registered_on`), `truths/users.parquet`
    (`user_key, kind`) and `segkit.toml`. No crawlers, repetitions or bad rows.

    Raises
    ------
    ParameterError
        When there are fewer than 10 users, 7 days or one event a user.
    """
    if users < LEAST_USERS or days < LEAST_DAYS or events < users or part_rows < 1:
        raise ParameterError.build(
            f"{events:g} events of {users} users in {days} days and {part_rows} rows a part "
            f"are too few; expected {LEAST_USERS} users, {LEAST_DAYS} days, an event a user, 1 row."
        )
    scale = find_scale(events_a_user=events / users, days=days, seed=seed)
    plan = plan_people(users=users, days=days, end_on=END_ON, seed=seed, scale=scale)
    target = folder / "raw" / "events"
    target.mkdir(parents=True, exist_ok=True)
    for old in target.glob("part-*.parquet"):
        old.unlink()
    paths = [
        _write_part(target / f"part-{number:05}.parquet", table)
        for number, table in enumerate(_parts(plan, seed=seed, part_rows=part_rows))
    ]
    write_attributes(folder / "raw" / "attributes.csv", plan, seed=seed)
    write_kinds(folder / "truths" / "users.parquet", plan)
    write_unless_there(folder / "segkit.toml", PARQUET_TOML)
    return paths


def find_scale(*, events_a_user: float, days: int, seed: int) -> float:
    """Give the factor on visits that makes the wanted number of events a user, by pilots."""
    scale = 1.0
    for _ in range(_PILOT_ROUNDS):
        plan = plan_people(users=_PILOT_USERS, days=days, end_on=END_ON, seed=seed, scale=scale)
        diary = Diary.blank(_PILOT_USERS)
        drawn = sum(len(batch) for batch in stream_days(plan, diary, seed=seed))
        scale = max(scale * events_a_user / (drawn / _PILOT_USERS), 0.01)
    return scale


def write_attributes(path: Path, plan: Plan, *, seed: int) -> None:
    """Write one row a user: its id, what is known of it, and the planted kind."""
    labels = draw_labels(plan.kind, np.random.default_rng([seed, 4]))
    joined = np.datetime64(plan.first) + labels.joined_day.astype("timedelta64[D]")
    columns = {
        "member_id": _user_ids(plan),
        "age": pa.array(labels.age, mask=labels.age < 0),
        "gender": _names(labels.gender, list(GENDERS)),
        "plan": _names(labels.plan, list(PLANS)),
        "country": _names(plan.place, [place.country for place in PLACES]),
        "registered_on": pa.array(joined),
    }
    pa_csv.write_csv(pa.table(columns), path, pa_csv.WriteOptions(quoting_style="needed"))


def write_kinds(path: Path, plan: Plan) -> None:
    """Write the planted kind of every user (`user_key, kind`), for judging, never loaded."""
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = {"user_key": _user_ids(plan), "kind": _names(plan.kind, list(KIND_NAMES))}
    _write_part(path, pa.table(columns))


def _parts(plan: Plan, *, seed: int, part_rows: int) -> Iterator[pa.Table]:
    """Give tables of exactly `part_rows` rows, the last one of what is left."""
    columns = _Columns(plan)
    held: list[pa.Table] = []
    for batch in stream_days(plan, Diary.blank(len(plan.kind)), seed=seed):
        held.append(columns.table(batch))
        while sum(len(table) for table in held) >= part_rows:
            whole = pa.concat_tables(held)
            yield whole.slice(0, part_rows)
            held = [whole.slice(part_rows)]
    rest = pa.concat_tables(held)
    if len(rest):
        yield rest


class _Columns:
    """Makes Parquet columns of batches; texts are made once and referred to."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._users = _user_ids(plan)
        self._referrers = [page_url(page) for page in pages()]
        self._referrers += [source.referrer for source in SOURCES]

    def table(self, batch: Batch) -> pa.Table:
        device = self._plan.device[batch.user, batch.slot]
        paid = batch.event == CODE["purchase"]
        return pa.table(
            {
                "user_id": self._users.take(pa.array(batch.user)),
                "time": pa.array(batch.time, _TIME),
                "event": _names(batch.event, list(EVENT_NAMES)),
                "page_path": _names(batch.page, [page.path for page in pages()]),
                "referrer_url": _names(self._came_from(batch), self._referrers),
                "utm_source": _utm(batch.source, "source"),
                "utm_medium": _utm(batch.source, "medium"),
                "utm_campaign": _utm(batch.source, "name"),
                "device_type": _names(device, [d.kind for d in DEVICES]),
                "country": _names(self._plan.place[batch.user], [p.country for p in PLACES]),
                "value": pa.array(batch.cents / 100, mask=~paid),
                "currency": _names(np.where(paid, 0, -1), [CURRENCY]),
            }
        )

    @staticmethod
    def _came_from(batch: Batch) -> Ints:
        outside = batch.source.astype(np.int16) + len(pages())
        return np.where(batch.previous >= 0, batch.previous, outside)


def _user_ids(plan: Plan) -> pa.Array:
    numbers = np.random.default_rng([plan.n_people, plan.days]).permutation(len(plan.kind))
    texts = pc.utf8_lpad(pc.cast(pa.array(numbers), pa.string()), width=8, padding="0")
    return pc.binary_join_element_wise("u", texts, "")


def _utm(source: Ints, field: str) -> pa.DictionaryArray:
    return _names(source, [s.utm.get(field, "") for s in SOURCES])


def _names(places: Ints, names: list[str]) -> pa.DictionaryArray:
    """Give texts by their places in a list; an empty text and a negative place are null.

    A text stands once in the dictionary: Parquet pads one with repeated texts by chance bytes.
    """
    texts = [text for text in dict.fromkeys(names) if text]
    new = np.array([texts.index(n) if n else -1 for n in names] + [-1], dtype=np.int16)
    found = new[places]
    index = pa.array(found, mask=found < 0)
    return pa.DictionaryArray.from_arrays(index, pa.array(texts, pa.string()))


def _write_part(path: Path, table: pa.Table) -> Path:
    pq.write_table(table, path, store_schema=False)
    return path
