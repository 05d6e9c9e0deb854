"""Tell what an order of each buyer is worth on average: the Gamma-Gamma model of amounts.

The mean of two orders says little of a buyer. The model draws such a mean towards that of all
buyers, the more the fewer orders it rests on. It takes for granted that amounts do not hang
together with how often one buys: `measure_correlation` says how far that holds.

Source: Fader, Hardie and Lee 2005, RFM and CLV, Journal of Marketing Research 42; Fader and Hardie
2013, The Gamma-Gamma Model of Monetary Value.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import digamma, gammaln

from segkit.measures.value.grouped import LARGEST, LEAST_REPEAT, NoModel
from segkit.measures.value.remembered import Remembered
from segkit.measures.value.summary import Buyers, FloatArray

STRONG = 0.3
"""A correlation beyond this is called strong, as Cohen 1988 calls .3 medium and .5 large."""
_STARTS = ((1.0, 2.0), (5.0, 3.0), (2.0, 10.0))
_FLAT = 1e-5
_MANY = 5000
_FITS = Remembered()


@dataclass(frozen=True, kw_only=True)
class GammaGamma:
    """The fitted model: its parameters, how well they fit and to how many buyers.

    `v` is in `currency`; `p` and `q` have no unit. `loglik` is the natural logarithm of the
    likelihood, summed over the `n_repeat` buyers with a repeat and a mean amount above 0, of
    `n_buyers` in all.
    """

    p: float
    q: float
    v: float
    loglik: float
    n_buyers: int
    n_repeat: int
    currency: str | None

    @property
    def mean(self) -> float:
        """The mean amount of an order, over buyers; p v / (q − 1)."""
        return self.p * self.v / (self.q - 1)

    def expected_amount(self, frequency: FloatArray, monetary: FloatArray) -> FloatArray:
        """Give the mean amount of an order to expect of each buyer; `mean` without a repeat."""
        x = np.where(monetary > 0, frequency, 0)
        return np.asarray(self.p * (self.v + x * monetary) / (self.p * x + self.q - 1))


@dataclass(frozen=True, kw_only=True)
class Correlation:
    """How far amounts hang together with frequency, over `n` buyers with a repeat and an amount.

    `r` is Pearson's coefficient of `frequency` and `monetary`; None when one of them never varies
    or fewer than three buyers are left.
    """

    r: float | None
    n: int

    @property
    def is_strong(self) -> bool:
        """Whether expected amounts, and what is made of them, are in doubt."""
        return self.r is not None and abs(self.r) > STRONG


def measure_correlation(buyers: Buyers) -> Correlation:
    """Give the correlation of `frequency` and `monetary` among buyers with a repeat."""
    kept = _valued(buyers)
    x, m = buyers.frequency[kept].astype(np.float64), buyers.monetary[kept]
    if len(x) < 3 or not np.ptp(x) or not np.ptp(m):  # noqa: PLR2004  two points make a line
        return Correlation(r=None, n=len(x))
    return Correlation(r=float(np.corrcoef(x, m)[0, 1]), n=len(x))


def fit_gamma_gamma(buyers: Buyers, *, least: int = LEAST_REPEAT) -> GammaGamma | NoModel:
    """Give the parameters of the largest likelihood, or why there are none.

    Notes
    -----
    From buyers with a repeat and a mean amount above 0; means of nothing and what was taken back
    say nothing about amounts. Over the logarithms of the parameters, with the exact gradient, from
    three starts; of many buyers the starts are tried on a part. `no mean`: q is at most 1, where no
    mean over buyers exists.
    """
    kept = _valued(buyers)
    x, m = buyers.frequency[kept].astype(np.float64), buyers.monetary[kept]
    found = {"n_buyers": len(buyers), "n_repeat": len(x)}
    if len(x) < least:
        return NoModel(reason="too few", least=least, **found)
    currency = buyers.currency
    return _FITS.fit((x, m), len(buyers), currency, least, by=lambda: _fit(x, m, buyers, least))


def _fit(x: FloatArray, m: FloatArray, buyers: Buyers, least: int) -> GammaGamma | NoModel:
    found = {"n_buyers": len(buyers), "n_repeat": len(x)}
    scale = float(m.mean())
    every = max(len(x) // _MANY, 1)
    some, data = _Amounts(x[::every], m[::every] / scale), _Amounts(x, m / scale)
    ends = [_descend(some, np.log([p, q, q / p])) for p, q in _STARTS]
    best = min(ends, key=lambda end: float(end.fun))
    if every > 1:
        best = _descend(data, best.x)
    if np.any(np.abs(best.x) > np.log(LARGEST)) or np.abs(best.jac).max() > _FLAT:
        return NoModel(reason="no optimum", least=least, **found)
    p, q, v = (float(value) for value in np.exp(best.x))
    if q <= 1:
        return NoModel(reason="no mean", least=least, **found)
    loglik = -len(x) * (float(best.fun) + float(np.log(scale)))
    return GammaGamma(p=p, q=q, v=v * scale, loglik=loglik, currency=buyers.currency, **found)


def _descend(data: "_Amounts", logs: FloatArray) -> Any:  # noqa: ANN401  scipy's result
    return minimize(data.lose, logs, jac=True, method="BFGS", options={"gtol": 1e-9})


def _valued(buyers: Buyers) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.asarray((buyers.frequency > 0) & (buyers.monetary > 0))


class _Amounts:
    """The likelihood of buyers' mean amounts; gamma functions are asked once a frequency."""

    def __init__(self, x: FloatArray, m: FloatArray) -> None:
        self.x, self.m = x, m
        self.different, n = np.unique(x, return_counts=True)
        self.weight = n / len(x)
        self.mean_log = float(np.log(m) @ np.ones(len(m))) / len(m)
        self.mean_x_log = float(x @ np.log(x * m)) / len(x)

    def lose(self, logs: FloatArray) -> tuple[float, FloatArray]:
        """Give the mean negative log-likelihood and its gradient by the parameters' logarithms."""
        p, q, v = np.exp(logs)
        px = p * self.different
        total = self.x * self.m + v
        log_total, share = np.log(total), v / total
        mean_total, mean_x_total = log_total.mean(), (self.x @ log_total) / len(self.x)
        value = (
            self.weight @ (gammaln(px + q) - gammaln(px)) - gammaln(q) + q * np.log(v)
            + p * self.mean_x_log - self.mean_log - p * mean_x_total - q * mean_total
        )  # fmt: skip
        psi = digamma(px + q)
        by_p = self.weight @ (self.different * (psi - digamma(px)))
        by_p += self.mean_x_log - mean_x_total
        by_q = self.weight @ psi - digamma(q) + np.log(v) - mean_total
        by_v = q - (p * self.x + q) @ share / len(self.x)
        return -float(value), -np.array([p * by_p, q * by_q, by_v])
