"""Tell who will come again: the BG/NBD model of buyers who are free to stop unseen.

While active, a buyer orders at random at a rate of their own; after each order they stop for good
with a probability of their own. Rates are gamma (`r`, `alpha`), probabilities beta (`a`, `b`)
distributed over buyers. Four numbers then say, for any history, how likely the buyer is still
active, and how many orders to expect.

Source: Fader, Hardie and Lee 2005, "Counting Your Customers" the Easy Way, Marketing Science 24.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import betainc, betaln, digamma, expit, gammaln

from segkit.measures.value.grouped import LARGEST, LEAST_REPEAT, Histories, NoModel
from segkit.measures.value.remembered import Remembered
from segkit.measures.value.summary import FloatArray

_STARTS = tuple(product((0.3, 1.5), (0.5, 2.0)))
_FLAT = 1e-5
_NEAR = 1e-4
_FARTHEST = 30.0
_STEP = 0.35
_DEEP = 28.0
_FALLEN = 40.0
_MANY = 3000
_SETTLED = (1e-3, 1 - 1e-3)
_FITS = Remembered()


@dataclass(frozen=True, kw_only=True)
class BgNbd:
    """The fitted model: its parameters, how well they fit and to how many buyers.

    `alpha` has the unit of the histories' ages, and so have the times of every method; `r`, `a`
    and `b` have none. `loglik` is the natural logarithm of the likelihood, summed over buyers.
    With `is_alike` the data show no difference between buyers in how likely they stop: then a + b
    has no largest likelihood and stands at a bound, and a / (a + b) is that probability.
    """

    r: float
    alpha: float
    a: float
    b: float
    loglik: float
    n_buyers: int
    n_repeat: int
    is_alike: bool = False

    def p_alive(self, h: Histories) -> FloatArray:
        """Give the probability of each history's buyer to be active still; 1 without a repeat.

        By the model one stops only after a repeat, so of buyers without any nothing else is known.
        """
        log_rate = (self.r + h.x) * np.log((self.alpha + h.age) / (self.alpha + h.t_x))
        log_odds = np.log(self.a) - np.log(self.b + np.maximum(h.x, 1) - 1) + log_rate
        return np.where(h.x > 0, expit(-log_odds), 1.0)

    def expected_orders(self, h: Histories, t: float) -> FloatArray:
        """Give the active periods to expect of each history's buyer in the next `t` units."""
        return np.asarray(self.expected_until(h, [t])[0])

    def expected_until(self, h: Histories, times: npt.ArrayLike) -> FloatArray:
        """Give the active periods to expect in the next `t` units: one row a time, in order."""
        pairs, place = np.unique(h.x + 1j * h.age, return_inverse=True)
        t = np.asarray(times, np.float64)[:, None]
        return self.p_alive(h) * self._expect(pairs.real, self.alpha + pairs.imag, t)[:, place]

    def expected_from_start(self, t: npt.ArrayLike) -> FloatArray:
        """Give the repeats to expect of a new buyer within `t` units of the first order."""
        return self._expect(np.zeros(()), np.array(self.alpha), np.asarray(t, np.float64))

    def _expect(self, x: FloatArray, at: FloatArray, t: FloatArray) -> FloatArray:
        """Give the orders expected in `t` of a buyer who is active.

        The mean of (1 − (1 + p s)^−(r + x)) / p over p ~ beta(a, b + x), where s = t / `at`. It is
        the paper's hypergeometric term, equation 10, without its gaps at a = 1 and a + b = 1 and
        without its overflow where one bought hundreds of times. Over logit p the trapezoid rule is
        exact to 10 digits or more; beyond the nodes at either end terms fall geometrically.
        """
        s, n, late = t / at, self.r + x, self.b + x
        most = np.log(max(float(np.max(s)), 1.0) * (float(np.max(n + late)) + 1))
        nodes, step = self._nodes(most, float(np.min(late)), float(np.max(late)))
        log_beta = betaln(self.a, late)
        falls = {
            0: np.expm1(np.minimum(self.a * step, _DEEP)),
            len(nodes) - 1: np.expm1(np.minimum(late * step, _DEEP)),
        }
        total = np.zeros(np.broadcast(x, at, t).shape)
        for i, node in enumerate(nodes):
            log_p, log_rest = -np.logaddexp(0, -node), -np.logaddexp(0, node)
            weight = np.exp((self.a - 1) * log_p + late * log_rest - log_beta)
            weight = weight * (1 + 1 / falls[i]) if i in falls else weight
            total += weight * -np.expm1(-n * np.log1p(np.exp(log_p) * s))
        return np.asarray(total * step)

    def _nodes(self, most: float, low: float, high: float) -> tuple[FloatArray, float]:
        """Give the values of logit p at which the density of beta(a, late) is summed, and the step.

        `late` lies from `low` to `high`; where p is below e^−`most`, the integrand is flat in p.
        The density peaks at log(a / late) with a spread of √(1/a + 1/late): the step is less than
        the spread, and no node lies where the density has vanished.
        """
        spread = np.sqrt(1 / self.a + 1 / low), np.sqrt(1 / self.a + 1 / high)
        step = float(min(_STEP, 0.8 * spread[1]))
        fallen = 9 * float(spread[0])
        left = np.log(self.a / high) - fallen - _FALLEN / self.a
        right = np.log(self.a / low) + fallen + _FALLEN / low
        left = max(left, -most - _DEEP / (1 + min(self.a, 1.0)))
        flat = max(np.log(self.a / low), 0.0) + _DEEP / (1 + min(low, 1.0))
        return np.arange(left, min(right, flat) + step, step), step

    def probability_of(self, x: npt.ArrayLike, t: npt.ArrayLike) -> FloatArray:
        """Give the probability that a new buyer has exactly `x` repeats within `t` units."""
        n, time = np.asarray(x, np.float64), np.asarray(t, np.float64)
        z = time / (self.alpha + time)
        some = np.maximum(n, 1)
        log_goes_on = (
            betaln(self.a, self.b + n) - betaln(self.a, self.b)
            + gammaln(self.r + n) - gammaln(self.r) - gammaln(n + 1)
            + self.r * np.log1p(-z) + n * np.log(z)
        )  # fmt: skip
        stops = np.exp(betaln(self.a + 1, self.b + some - 1) - betaln(self.a, self.b))
        stopped = np.where(n > 0, stops * betainc(some, self.r, z), 0.0)
        return np.asarray(np.exp(log_goes_on) + stopped)


def log_likelihood(
    h: Histories, r: float, alpha: float, a: float, b: float
) -> tuple[FloatArray, FloatArray]:
    """Give the log-likelihood of each history, and its gradient: one row a parameter.

    The gradient is by the parameters' logarithms.
    """
    x, repeats = h.x, h.x > 0
    before = np.maximum(x, 1) - 1
    log_age, log_last = np.log(alpha + h.age), np.log(alpha + h.t_x)
    lasting = -(r + x) * log_age
    stopped = np.where(repeats, np.log(a) - np.log(b + before) - (r + x) * log_last, -np.inf)
    both = np.logaddexp(lasting, stopped)
    different, place = h.frequencies
    value = _of_frequency(different, (r, alpha, a, b))[place] + both
    w = np.exp(stopped - both)
    mean_log = (1 - w) * log_age + w * log_last
    inverse = (1 - w) / (alpha + h.age) + w / (alpha + h.t_x)
    by_r = (digamma(r + different) - digamma(r) + np.log(alpha))[place]
    psi = digamma(a + b) - digamma(a + b + different)
    by_b = (psi + digamma(b + different) - digamma(b))[place]
    gradient = np.stack([
        r * (by_r - mean_log),
        r - alpha * (r + x) * inverse,
        a * psi[place] + w,
        b * (by_b - w / (b + before)),
    ])  # fmt: skip
    return value, gradient


def _of_frequency(x: FloatArray, at: tuple[float, float, float, float]) -> FloatArray:
    """Give the part of the log-likelihood that ages have no part in."""
    r, alpha, a, b = at
    return np.asarray(
        gammaln(r + x) - gammaln(r) + r * np.log(alpha)
        + gammaln(a + b) - gammaln(b) + gammaln(b + x) - gammaln(a + b + x)
    )  # fmt: skip


def fit_bg_nbd(h: Histories, *, least: int = LEAST_REPEAT) -> BgNbd | NoModel:
    """Give the parameters of the largest likelihood, or why there are none.

    Notes
    -----
    Weighted by the number of buyers, over the logarithms of the parameters, with the exact
    gradient, from four starts. Of many histories the starts are tried on fewer, with rounded ages;
    the end is always that of the exact ones. Where a and b grow together beyond all bounds, every
    buyer stops with one probability: a + b is held at `LARGEST`, and the model says so. No optimum:
    the gradient does not vanish at the best end, or another parameter ran away there.
    """
    if h.n_repeat < least:
        return NoModel(reason="too few", least=least, n_buyers=h.n_buyers, n_repeat=h.n_repeat)
    return _FITS.fit((h.x, h.t_x, h.age, h.n), least, by=lambda: _fit(h, least))


def _fit(h: Histories, least: int) -> BgNbd | NoModel:
    found = {"n_buyers": h.n_buyers, "n_repeat": h.n_repeat}
    start = _Search(h.coarsened() if len(h.x) > _MANY else h).best_of_starts()
    search = _Search(h)
    end = search.polish(start)
    is_alike = _is_alike(end.x)
    if is_alike:
        end = search.polish_alike(end.x)
    if end.ran_away(is_alike=is_alike) or end.slope > _FLAT:
        return NoModel(reason="no optimum", least=least, **found)
    r, alpha, a, b = search.parameters(end.x)
    loglik = -end.loss * h.n_buyers
    return BgNbd(r=r, alpha=alpha, a=a, b=b, loglik=loglik, is_alike=is_alike, **found)


@dataclass(frozen=True, kw_only=True)
class _End:
    """Where a search ended: logarithms of the parameters, the loss there, its largest slope."""

    x: FloatArray
    loss: float
    slope: float

    def ran_away(self, *, is_alike: bool) -> bool:
        """Say whether a parameter left every bound; a and b may, where all stop alike."""
        watched = self.x[:2] if is_alike else self.x
        return bool(np.any(np.abs(watched) > np.log(LARGEST)))


def _is_alike(logs: FloatArray) -> bool:
    """Say whether a and b ran away together, with a probability to stop that is settled."""
    share = float(expit(logs[2] - logs[3]))
    both = float(np.logaddexp(logs[2], logs[3]))
    return bool(both > np.log(LARGEST)) and _SETTLED[0] < share < _SETTLED[1]


class _Search:
    """The mean negative log-likelihood of histories; alpha is counted in the mean age."""

    def __init__(self, h: Histories) -> None:
        self.h, self.weight = h, h.n / h.n.sum()
        self.scale = float(h.age @ self.weight)

    def parameters(self, logs: FloatArray) -> tuple[float, float, float, float]:
        r, alpha, a, b = (float(v) for v in np.exp(np.clip(logs, -_FARTHEST, _FARTHEST)))
        return r, alpha * self.scale, a, b

    def lose(self, logs: FloatArray) -> tuple[float, FloatArray]:
        value, gradient = log_likelihood(self.h, *self.parameters(logs))
        return -float(value @ self.weight), -(gradient @ self.weight)

    def best_of_starts(self) -> FloatArray:
        ends = [self.polish(np.log([r, 0.3, a, 2.0]), flat=_NEAR) for r, a in _STARTS]
        return min(ends, key=lambda end: end.loss).x

    def polish(self, logs: FloatArray, *, flat: float = 1e-10) -> _End:
        # BFGS is plain numpy; L-BFGS-B wakes the threads of BLAS for matrices of four numbers.
        end = minimize(self.lose, logs, jac=True, method="BFGS", options={"gtol": flat})
        return _End(x=end.x, loss=float(end.fun), slope=float(np.abs(end.jac).max()))

    def polish_alike(self, logs: FloatArray) -> _End:
        """Give the best end where a + b is `LARGEST`, over r, alpha and the log-odds to stop."""

        def whole(three: FloatArray) -> FloatArray:
            rest = [-np.logaddexp(0, -three[2]), -np.logaddexp(0, three[2])]
            return np.array([*three[:2], *(np.log(LARGEST) + part for part in rest)])

        def lose(three: FloatArray) -> tuple[float, FloatArray]:
            loss, slope = self.lose(whole(three))
            share = expit(three[2])
            return loss, np.array([*slope[:2], slope[2] * (1 - share) - slope[3] * share])

        begin = np.array([*logs[:2], logs[2] - logs[3]])
        end = minimize(lose, begin, jac=True, method="BFGS", options={"gtol": 1e-9})
        slope = float(np.abs(end.jac).max())
        return _End(x=whole(end.x), loss=float(end.fun), slope=slope)
