"""How often a law's form comes back, from resamples of the samples and from other seeds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import sympy

from .._checks import check_int
from ..errors import InputError
from .discover import discover
from .judge import data_bits, law_bits
from .law import Law
from .polish import fitted
from .problem import Array
from .result import Discovery
from .skeleton import form_of
from .split import Split, with_known

_MOST_LAWS = 40
_MOST_ROWS = 2000


@dataclass(frozen=True)
class Stability:
    """How often forms were chosen.

    Attributes:
        resamples: How many resamples were judged.
        share: Of these, how many chose the form of the law.
        forms: What was chosen, by how often, as text of one law of each form.
        seeds: How many further searches were made.
        share_of_seeds: Of these, how many chose the form; NaN for none.
    """

    resamples: int
    share: float
    forms: Mapping[str, int]
    seeds: int = 0
    share_of_seeds: float = field(default=float("nan"))

    def __str__(self) -> str:
        words = [f"chosen again in {self.share:.0%} of {self.resamples} resamples"] if self.resamples else []
        words += (
            [f"found again from {self.share_of_seeds:.0%} of {self.seeds} other seeds"] if self.seeds else []
        )
        others = [f"{text} ({count})" for text, count in list(self.forms.items())[1:4]]
        return "; ".join([*words, *([f"others were {', '.join(others)}"] if others else [])])


def stability(
    found: Discovery, n: int = 50, *, seeds: int = 0, seed: int = 0, settings: Mapping[str, Any] | None = None
) -> Stability:
    """How often the chosen law's form is chosen again.

    Resamples are drawn with replacement (bootstrap). All laws that were found are fitted to each, and judged by the bits
    that they and what they leave of the rows not drawn take; this needs no new search, and takes a second. A form is a law
    but for its factors and other numbers; exponents that are exact belong to it.

    Args:
        found: What `discover` gave, with a law.
        n: How many resamples.
        seeds: How many whole searches with other seeds besides, which take their time each.
        seed: Of the resamples, and the first of the other seeds less one.
        settings: Of `discover` for these searches.

    Raises:
        InputError: no law was chosen, or a number is out of bounds.

    Example:
        >>> random = np.random.default_rng(0)
        >>> x = random.uniform(1, 3, (200, 2))
        >>> y = x[:, 0] * x[:, 1] + 0.05 * random.standard_normal(200)
        >>> stability(discover(x, y, noise=0.05, networks=False), n=10).share
        1.0
    """
    for name, value in (("n", n), ("seeds", seeds), ("seed", seed)):
        check_int(name, value, 0, where="stability")
    if not n + seeds:
        raise InputError("stability: n or seeds must be above 0; got 0 and 0. Leave n out for 50.")
    chosen = form_of(found.law().shown)
    laws = _candidates(found)
    random = np.random.default_rng(seed)
    counts = Counter(dict.fromkeys([_name(found.law())], 0))
    names = {chosen: _name(found.law())}
    again = 0
    for _ in range(n):
        winner = _winner(laws, found.samples, random)
        if winner is not None:
            again += form_of(winner.shown) == chosen
            counts[names.setdefault(form_of(winner.shown), _name(winner))] += 1
    others = [_again(found, seed + 1 + number, settings or {}) for number in range(seeds)]
    same = sum(law is not None and form_of(law.shown) == chosen for law in others)
    first, *rest = counts.items()
    forms = dict([first, *sorted(((k, v) for k, v in rest if v), key=lambda pair: -pair[1])])
    return Stability(
        n, again / n if n else float("nan"), forms, seeds, same / seeds if seeds else float("nan")
    )


def _name(law: Law) -> str:
    return law.text(4)


def _candidates(found: Discovery) -> list[Law]:
    laws: Sequence[Law] = sorted((*found.laws, *found.others), key=lambda law: law.bits)
    return list(laws[:_MOST_LAWS])


def _winner(laws: Sequence[Law], samples: Split, random: np.random.Generator) -> Law | None:
    """The law that takes the fewest bits of one resample, fitted to the rows drawn and judged by the others."""
    x, y, weights = _some(samples, random)
    drawn = random.integers(0, len(y), len(y))
    left = np.setdiff1d(np.arange(len(y)), drawn)
    spread = float(y.std()) or 1.0
    best, least = None, np.inf
    for law in laws:
        fit = fitted(
            law.shown,
            [*law.symbols, *map(sympy.Symbol, samples.known)],
            with_known(x[drawn], samples.known.values()),
            y[drawn],
            weights=None if weights is None else weights[drawn],
        )
        if fit is None:
            continue
        judged = Split(x[drawn], y[drawn], x[left], y[left], None, None if weights is None else weights[left])
        values = {sympy.Symbol(name): sympy.Float(value) for name, value in samples.known.items()}
        plain = Law(fit.form.xreplace(values), law.symbols, 0.0, 0.0, 0.0, 0.0, (), "", "")
        rest = judged.held_error(plain.predict)
        bits = law_bits(fit.form, fit.bits) + data_bits(rest, spread, len(y), 0.0)
        if np.isfinite(rest) and bits < least:
            best, least = law, bits
    return best


def _some(samples: Split, random: np.random.Generator) -> tuple[Array, Array, Array | None]:
    x, y, weights = samples.all_x, samples.all_y, samples.all_weights
    if len(y) <= _MOST_ROWS:
        return x, y, weights
    rows = random.permutation(len(y))[:_MOST_ROWS]
    return x[rows], y[rows], None if weights is None else weights[rows]


def _again(found: Discovery, seed: int, settings: Mapping[str, Any]) -> Law | None:
    names = [str(symbol) for symbol in found.law().symbols]
    given = {"names": names, "seconds": max(1.0, 2 * found.seconds), **settings, "seed": seed}
    return discover(found.samples.all_x, found.samples.all_y, **given).best
