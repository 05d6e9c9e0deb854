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
from segkit.measures.value.summary import FloatArray

_STARTS = tuple(product((0.3, 1.5), (0.5, 2.0)))
_FLAT = 1e-5
_STEP = 0.25
_DEEP = 36.0


@dataclass(frozen=True, kw_only=True)
class BgNbd:
    """The fitted model: its parameters, how well they fit and to how many buyers.

    `alpha` has the unit of the histories' ages, and so have the times of every method; `r`, `a`
    and `b` have none. `loglik` is the natural logarithm of the likelihood, summed over buyers.
    """

    r: float
    alpha: float
    a: float
    b: float
    loglik: float
    n_buyers: int
    n_repeat: int

    def p_alive(self, h: Histories) -> FloatArray:
        """Give the probability of each history's buyer to be active still; 1 without a repeat.

        By the model one stops only after a repeat, so of buyers without any nothing else is known.
        """
        log_rate = (self.r + h.x) * np.log((self.alpha + h.age) / (self.alpha + h.t_x))
        log_odds = np.log(self.a) - np.log(self.b + np.maximum(h.x, 1) - 1) + log_rate
        return np.where(h.x > 0, expit(-log_odds), 1.0)

    def expected_orders(self, h: Histories, t: float) -> FloatArray:
        """Give the active periods to expect of each history's buyer in the next `t` units."""
        pairs, place = np.unique(h.x + 1j * h.age, return_inverse=True)
        return self.p_alive(h) * self._expect(pairs.real, self.alpha + pairs.imag, t)[place]

    def expected_from_start(self, t: npt.ArrayLike) -> FloatArray:
        """Give the repeats to expect of a new buyer within `t` units of the first order."""
        return self._expect(np.zeros(()), np.array(self.alpha), np.asarray(t, np.float64))

    def _expect(self, x: FloatArray, at: FloatArray, t: float | FloatArray) -> FloatArray:
        """Give the orders expected in `t` of a buyer who is active.

        The mean of (1 − (1 + p s)^−(r + x)) / p over p ~ beta(a, b + x), where s = t / `at`. It is
        the paper's hypergeometric term, equation 10, without its gaps at a = 1 and a + b = 1 and
        without its overflow where one bought hundreds of times. Over logit p the trapezoid rule is
        exact to 12 digits; beyond the nodes at either end terms fall geometrically.
        """
        s, n, late = t / at, self.r + x, self.b + x
        left = _DEEP + np.log(max(float(np.max(s)), 1.0) * (float(np.max(n + late)) + 1))
        nodes = np.arange(-left, _DEEP, _STEP)
        log_beta = betaln(self.a, late)
        falls = {
            0: np.expm1(self.a * _STEP),
            len(nodes) - 1: np.expm1(np.minimum(late, _DEEP) * _STEP),
        }
        total = np.zeros(np.broadcast(x, at, t).shape)
        for i, node in enumerate(nodes):
            log_p, log_rest = -np.logaddexp(0, -node), -np.logaddexp(0, node)
            weight = np.exp((self.a - 1) * log_p + late * log_rest - log_beta)
            term = weight * -np.expm1(-n * np.log1p(np.exp(log_p) * s))
            total += term * (1 + 1 / falls[i]) if i in falls else term
        return np.asarray(total * _STEP)

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
    value = (
        gammaln(r + x) - gammaln(r) + r * np.log(alpha)
        + gammaln(a + b) - gammaln(b) + gammaln(b + x) - gammaln(a + b + x) + both
    )  # fmt: skip
    w = np.exp(stopped - both)
    mean_log = (1 - w) * log_age + w * log_last
    inverse = (1 - w) / (alpha + h.age) + w / (alpha + h.t_x)
    psi = digamma(a + b) - digamma(a + b + x)
    gradient = np.stack([
        r * (digamma(r + x) - digamma(r) + np.log(alpha) - mean_log),
        r - alpha * (r + x) * inverse,
        a * psi + w,
        b * (psi + digamma(b + x) - digamma(b) - w / (b + before)),
    ])  # fmt: skip
    return value, gradient


def fit_bg_nbd(h: Histories, *, least: int = LEAST_REPEAT) -> BgNbd | NoModel:
    """Give the parameters of the largest likelihood, or why there are none.

    Notes
    -----
    Weighted by the number of buyers, over the logarithms of the parameters, with the exact
    gradient, from four starts. No optimum: the gradient does not vanish at the best end, or a
    parameter ran away there.
    """
    found = {"n_buyers": h.n_buyers, "n_repeat": h.n_repeat}
    if h.n_repeat < least:
        return NoModel(reason="too few", least=least, **found)
    weight = h.n / h.n.sum()
    scale = float(h.age @ weight)

    def lose(logs: FloatArray) -> tuple[float, FloatArray]:
        value, gradient = log_likelihood(h, *_parameters(logs, scale))
        return -float(value @ weight), -(gradient @ weight)

    starts = [np.log([r, 0.3, a, 2.0]) for r, a in _STARTS]
    ends = [minimize(lose, s, jac=True, method="L-BFGS-B", bounds=[(-12, 12)] * 4) for s in starts]
    best = min(ends, key=lambda end: float(end.fun))
    best = minimize(lose, best.x, jac=True, method="BFGS", options={"gtol": 1e-10})
    ran_away = bool(np.any(np.abs(best.x) > np.log(LARGEST)))
    if ran_away or float(np.abs(best.jac).max()) > _FLAT:
        return NoModel(reason="no optimum", least=least, **found)
    r, alpha, a, b = _parameters(best.x, scale)
    return BgNbd(r=r, alpha=alpha, a=a, b=b, loglik=-float(best.fun) * h.n_buyers, **found)


def _parameters(logs: FloatArray, scale: float) -> tuple[float, float, float, float]:
    r, alpha, a, b = (float(v) for v in np.exp(logs))
    return r, alpha * scale, a, b
