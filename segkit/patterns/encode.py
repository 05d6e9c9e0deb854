"""Put users where near means alike: raw blocks become a few axes that patterns are found on.

Counts of pages say mostly how busy someone is; shares say what for. So counts become shares, held
back where there is little to count, on a scale on which their noise is even; each block weighs
what it is given, whatever the number of its columns; and the main axes of all that are kept.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from segkit.errors import PatternError, name_some
from segkit.patterns.features import Block, Features, FloatArray, IntArray

WEIGHTS = {
    "attributes": 0.25,
    "device": 0.10,
    "pages": 1.0,
    "source": 0.25,
    "time": 0.10,
    "volume": 0.25,
}
"""Blocks that can form patterns and the variance each is given; outcomes never form any."""
ACTS = ("pages", "volume")
"""Blocks that say what people do and how much of it; the others say who, when and from where."""
PSEUDO_COUNT = 5.0
CLIP = (0.5, 99.5)
DURATIONS = ("days_since_last", "minutes_per_visit")
"""Columns of the volume block whose unit is somebody's choice."""
UNITS_IN_MEDIAN = 5.0
KEPT_VARIANCE = 0.90
CHUNK = 65_536
_CONSTANT = 1e-9
Numbers = tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class EncodedBlock:
    """How one block is encoded; each tuple has one entry an encoded column, in `columns`' order.

    `average` is the fitting sample's share of each column (blocks of counts), `fill` its median
    (volume), for unknown numbers; `unit`, `low` and `high` are the scale of volume and its clip
    limits in that unit. `centre` is taken off at the end and `factor` multiplied.
    """

    name: str
    columns: tuple[str, ...]
    average: Numbers = ()
    fill: Numbers = ()
    unit: Numbers = ()
    low: Numbers = ()
    high: Numbers = ()
    centre: Numbers = ()
    factor: Numbers = ()


@dataclass(frozen=True, kw_only=True)
class Encoding:
    """Frozen parameters of the way from raw features to axes.

    `components` has a row an axis, by falling variance, and an entry an encoded column in the
    order of `names`; `kept_variance` is the share of the variance that the axes hold.
    """

    blocks: tuple[EncodedBlock, ...]
    components: tuple[Numbers, ...]
    kept_variance: float

    @property
    def names(self) -> tuple[str, ...]:
        """The encoded columns before they are turned into axes, as `block/column`."""
        return tuple(f"{b.name}/{column}" for b in self.blocks for column in b.columns)


def fit_encoding(features: Features, *, weights: dict[str, float] | None = None) -> Encoding:
    """Give the encoding of a fitting sample: users that are eligible, one row a user.

    Parameters
    ----------
    features
        Rows in an order that does not depend on chance (`choose_sample`): sums of floats do.
    weights
        Variance of each block, by name; default `WEIGHTS`. Blocks that are not named, or that
        `features` lacks, form nothing.

    Raises
    ------
    PatternError
        No column of any block varies.

    Notes
    -----
    pages, source: √((n + 5 a) / (N + 5)), n of N counts, a the site's share; device: share of
    visits; volume: ln(1 + x), x clipped at its 0.5% and 99.5% quantiles, durations first divided
    by a fifth of their median, so that minutes and seconds give the same; volume is standardised,
    device is not: a rare device would outweigh the others. attributes: indicator columns
    `name=level`, all 0 where unknown, which becomes a level; divided by √2. Every column is centred
    and every block divided by the root of its total variance and multiplied by the root of its
    weight. Principal axes up to 90% of the variance,
    the largest entry of each positive.

    Source: Legendre and Gallagher 2001, Oecologia 129 (Hellinger transform).
    """
    weights = WEIGHTS if weights is None else weights
    fitted = []
    for name in sorted(set(weights) & set(features.blocks)):
        block = _fit_raw(name, features.blocks[name])
        fitted.append(_fit_scale(block, _transform(block, features.blocks[name]), weights[name]))
    encoding = Encoding(blocks=tuple(fitted), components=(), kept_variance=0.0)
    return _fit_axes(encoding, encode_columns(encoding, features))


def _fit_raw(name: str, block: Block) -> EncodedBlock:
    """Give the block's parameters that come before the transform."""
    columns = tuple(sorted(block.columns))
    values = _ordered(columns, block)
    if name in {"pages", "source", "device"}:
        total = np.nan_to_num(values).sum(axis=0)
        average = total / max(total.sum(), 1.0)
        return EncodedBlock(name=name, columns=columns, average=_numbers(average))
    if name == "attributes":
        stems = sorted({column.partition("=")[0] for column in columns})
        return EncodedBlock(name=name, columns=columns + tuple(f"{s}=" for s in stems))
    if name == "time":
        return EncodedBlock(name=name, columns=columns)
    known = np.where(np.isnan(values).all(axis=0), 0.0, values)
    fill = np.nanmedian(known, axis=0)
    is_duration = np.isin(columns, DURATIONS) & (fill > 0)
    unit = np.where(is_duration, fill / UNITS_IN_MEDIAN, 1.0)
    low, high = np.nanpercentile(known / unit, CLIP, axis=0)
    return EncodedBlock(
        name=name,
        columns=columns,
        fill=_numbers(fill),
        unit=_numbers(unit),
        low=_numbers(low),
        high=_numbers(high),
    )


def _fit_scale(block: EncodedBlock, values: FloatArray, weight: float) -> EncodedBlock:
    """Give the block with the centre and factor of each column."""
    centre = np.where(np.isnan(values).all(axis=0), 0.0, values)
    centre = np.nanmean(centre, axis=0)
    spread = np.sqrt(np.mean(np.nan_to_num(values - centre) ** 2, axis=0))
    varies = spread > _CONSTANT * np.maximum(np.abs(centre), 1.0)
    scale = np.where(varies, spread, np.inf)
    if block.name != "volume":
        scale = np.where(varies, 1.0, np.inf)
    total = np.sqrt(np.sum((spread / scale) ** 2))
    factor = np.sqrt(weight) / scale / (total if total > 0 else 1.0)
    return replace(block, centre=_numbers(centre), factor=_numbers(factor))


def _fit_axes(encoding: Encoding, values: FloatArray) -> Encoding:
    """Give the encoding with the axes that hold 90% of the variance."""
    variances, vectors = np.linalg.eigh(values.T @ values / max(len(values), 1))
    variances, vectors = np.maximum(variances[::-1], 0.0), vectors[:, ::-1].T
    if not variances.sum() > 0:
        raise PatternError.build(
            "No feature differs between the users, so there is nothing to tell them apart by.",
            hint="take a longer window or more page groups.",
        )
    kept = np.cumsum(variances) / variances.sum()
    n_axes = int(np.searchsorted(kept, KEPT_VARIANCE)) + 1
    vectors = vectors[:n_axes]
    # Of entries that are equal but for rounding, the first in order of name decides the sign.
    largest = np.argmax(np.round(np.abs(vectors), 9), axis=1)
    signs = np.sign(vectors[np.arange(n_axes), largest])
    components = tuple(_numbers(row) for row in vectors * signs[:, None])
    return replace(encoding, components=components, kept_variance=float(kept[n_axes - 1]))


def encode(encoding: Encoding, features: Features, rows: IntArray | None = None) -> FloatArray:
    """Give each user's place on the axes: one row a user in the order given, one column an axis.

    `rows` names the users by their place in `features`; default everyone.

    Raises
    ------
    PatternError
        `features` lacks a block or column of the encoding, or has a column that it does not know.
    """
    components = np.array(encoding.components).T
    return np.concatenate([c @ components for c in iterate_columns(encoding, features, rows)])


def encode_columns(encoding: Encoding, features: Features) -> FloatArray:
    """Give the encoded columns before they are turned into axes, in the order of `names`."""
    return np.concatenate(list(iterate_columns(encoding, features)))


def encode_acts(encoding: Encoding, features: Features) -> FloatArray:
    """Give the encoded columns of the blocks in `ACTS`: one row a user, in the order given."""
    is_act = np.array([name.partition("/")[0] in ACTS for name in encoding.names])
    return np.concatenate([c[:, is_act] for c in iterate_columns(encoding, features)])


def iterate_columns(
    encoding: Encoding, features: Features, rows: IntArray | None = None
) -> Iterator[FloatArray]:
    """Give the encoded columns of 65,536 users at a time, so that millions fit into memory."""
    for block in encoding.blocks:
        check_columns(block, features)
    rows = np.arange(len(features.user_key)) if rows is None else rows
    for start in range(0, max(len(rows), 1), CHUNK):
        chosen = rows[start : start + CHUNK]
        parts = []
        for block in encoding.blocks:
            raw = features.blocks[block.name]
            values = _transform(block, Block(columns=raw.columns, values=raw.values[chosen]))
            parts.append(np.nan_to_num(values - np.array(block.centre)) * np.array(block.factor))
        yield np.hstack(parts)


def check_columns(block: EncodedBlock, features: Features) -> None:
    """Refuse features whose block has other columns than it was encoded with.

    Raises
    ------
    PatternError
        With the names that lack or are too many.
    """
    present = features.blocks[block.name].columns if block.name in features.blocks else ()
    expected = [column for column in block.columns if not column.endswith("=")]
    missing, unknown = set(expected) - set(present), set(present) - set(expected)
    if missing or unknown:
        raise PatternError.build(
            f"Block `{block.name}` of the features lacks {name_some(missing)} and has unknown "
            f"{name_some(unknown)}; the model was made with {name_some(expected)}.",
            hint="collect the features with the columns of the model, or fit a new model.",
        )


def _transform(block: EncodedBlock, raw: Block) -> FloatArray:
    """Give the block's columns before centre and factor; nan is a number that stays unknown."""
    values = _ordered([c for c in block.columns if not c.endswith("=")], raw)
    if block.name in {"pages", "source", "device"}:
        counts = np.nan_to_num(values)
        pseudo = 0.0 if block.name == "device" else PSEUDO_COUNT
        total = counts.sum(axis=1, keepdims=True)
        empty = (total == 0) & (pseudo == 0)
        added = np.where(empty, 1.0, pseudo)
        shares: FloatArray = (counts + added * np.array(block.average)) / (total + added)
        return shares if block.name == "device" else np.sqrt(shares)
    if block.name == "attributes":
        levels: FloatArray = _with_unknown(block, np.nan_to_num(values)) / np.sqrt(2)
        return levels
    if block.name == "time":
        return values
    scaled = np.where(np.isnan(values), np.array(block.fill), values) / np.array(block.unit)
    clipped: FloatArray = np.log1p(np.clip(scaled, np.array(block.low), np.array(block.high)))
    return clipped


def _with_unknown(block: EncodedBlock, values: FloatArray) -> FloatArray:
    """Give the indicators with one more an attribute: none of its levels holds."""
    known = [column for column in block.columns if not column.endswith("=")]
    stems = [column[:-1] for column in block.columns if column.endswith("=")]
    of_stem = np.array([[c.partition("=")[0] == stem for stem in stems] for c in known], float)
    return np.hstack([values, 1.0 - np.minimum(values @ of_stem, 1.0)])


def _ordered(columns: list[str] | tuple[str, ...], block: Block) -> FloatArray:
    return block.values[:, [block.columns.index(column) for column in columns]]


def _numbers(values: FloatArray) -> Numbers:
    return tuple(values.tolist())
