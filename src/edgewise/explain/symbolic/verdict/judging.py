"""Which of the four words a formula deserves.

The rules, in this order; the worst output decides.

- "undefined": it is not finite at a sample, or on the line from a sample to a neighbour; or, where it is not exact, it
  has a pole between samples, or is not finite where values of different samples are combined, from which
  the samples do not keep out.
- "exact": it is the targets to rounding, at every sample, held-out ones too; there are clearly more different
  samples, and values of each column, than constants; none of its functions turns between samples; no curve is a
  spline; and between the samples it agrees with the network it replaced, as far as that network is right at the
  samples. Without targets: it is the replaced network to rounding, at the samples and between them.
- "within noise": its mean square error is not above the noise by more than three times what chance makes of it;
  on held-out samples it is not worse than the replaced network by more than chance, nor on the training samples,
  where none are held out, by more than that network's further constants excuse; its errors are not alike at
  neighbouring samples; between the samples it is as near to the replaced network as at them; and none of its
  functions turns between samples.
- "approximation": all else.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from ...._tensors import even_places
from ....network import Network
from ..network_views import float64_copy
from .evidence import NUDGE, Array, Evidence
from .judgement import Judgement, Verdict
from .samples import formula_samples
from .smoothness import are_alike

_ORDER: tuple[Verdict, ...] = ("exact", "within noise", "approximation", "undefined")
_CHANCE = 3.0  # standard errors
_HEAVIEST_TAIL = 3.0
_REFIT = 2e-10  # of the spread: what constants are fitted and snapped to
_ROUNDINGS = 64.0  # a formula of a few dozen operations
_NEAR = 3.0  # times as far between the samples as at them
_NEAR_EXACT = 10.0  # the same for a formula that is exact at the samples: the network's errors vary that much
_FAR_APART = 0.1  # of the variance between neighbours
_SHARE_OF_NOISE = 0.1
_SHARE_OF_SPREAD = 1e-3


@dataclass(frozen=True)
class _Output:
    """What was found of one output."""

    verdict: Verdict
    reason: str
    ratio: float | None
    noise: float | None


def judge(values: Array, evidence: Evidence, names: tuple[str, ...]) -> Judgement:
    """Compare a formula with everything there is.

    Args:
        values: Of the formula at the evidence's points (points, outputs).
        evidence: What it is judged by.
        names: Of the inputs in use, for the sentence.
    """
    train, test = evidence.split(values)[:2]
    reference = evidence.split(evidence.reference)[0]
    error, r2 = compare(train, reference)
    model_error, _ = compare(train, evidence.split(evidence.model)[0])
    targets = evidence.targets
    undefined = _undefined(values, evidence, names)
    if undefined:
        found = [_Output("undefined", undefined, None, None)]
    else:
        found = [_OutputJudge.of(values, evidence, k).found() for k in range(values.shape[1])]
    worst = max(range(len(found)), key=lambda k: (_ORDER.index(found[k].verdict), found[k].ratio or 0.0))
    within = "" if undefined else _undefined_within(values, evidence, names)
    if within and found[worst].verdict != "exact":
        found[worst] = replace(found[worst], verdict="undefined", reason=f"{within}; {found[worst].reason}")
    elif within:
        found[worst] = replace(found[worst], reason=f"{found[worst].reason}; but {within}")
    label = f"y_{worst + 1}: " if len(found) > 1 else ""
    ratios = [output.ratio for output in found if output.ratio is not None]
    return Judgement(
        error=error,
        r2=r2,
        model_error=model_error,
        train_rmse=None if targets is None else _rms(train - targets[0]),
        test_rmse=None if targets is None or not len(test) else _rms(test - targets[1]),
        loss_ratio=max(ratios, default=None),
        noise=found[worst].noise,
        verdict=found[worst].verdict,
        reason=label
        + found[worst].reason
        + ("" if undefined or within else _beyond(values, evidence, names)),
    )


def judge_network(model: Network, data: Any = None, noise: Any = None) -> Judgement:
    """Judge a network as the formula it computes, without writing that down.

    Args:
        model: Left as it is.
        data: As for `formula`.
        noise: As for `formula`.

    Example:
        >>> from edgewise.network import build
        >>> judge_network(build([1, 1], dtype=torch.float64)).verdict
        'exact'
    """
    reader = float64_copy(model)
    evidence = Evidence.of(reader, formula_samples(data, reader), noise, model.dtype)
    return judge(evidence.model, evidence, model.names)


def compare(values: Array, target: Array) -> tuple[float, float]:
    """Largest difference, and the least coefficient of determination of the outputs; inf, -inf if undefined.

    Example:
        >>> compare(np.array([[0.0], [1.0]]), np.array([[0.0], [1.0]]))
        (0.0, 1.0)
    """
    if not np.isfinite(values).all():
        return np.inf, -np.inf
    gap = values - target
    spread = np.square(target - target.mean(0)).sum(0)
    unexplained = np.square(gap).sum(0) / np.where(spread > 0, spread, 1.0)
    return float(np.abs(gap).max()), float(1 - unexplained.max())


def _undefined(values: Array, evidence: Evidence, names: tuple[str, ...]) -> str:
    """Where a formula is not finite, in words; empty where it is."""
    blocks = zip(evidence.split(values), evidence.split(evidence.points.numpy()), strict=True)
    between = "points between the samples"
    # Of several columns one alone may lead out of where there are samples.
    words = ("samples", "held-out samples", "", between, between if len(names) == 1 else "")
    for word, (found, points) in zip(words, blocks, strict=False):
        bad = np.flatnonzero(~np.isfinite(found).all(1))
        if word and len(bad):
            place = _place(points[bad[0]], evidence, names)
            return f"not finite at {len(bad)} of {len(found)} {word}, the first at {place}"
    return ""


def _undefined_within(values: Array, evidence: Evidence, names: tuple[str, ...]) -> str:
    """Where among the samples' ranges a formula that is finite at them has a pole, or is not finite, in words."""
    if evidence.pole:
        return f"its {evidence.pole} has a pole between samples"
    found, points = (evidence.split(part)[6] for part in (values, evidence.points.numpy()))
    bad = np.flatnonzero(~np.isfinite(found).all(1))
    where = f"of {len(found)} combinations of the columns' values"
    if len(bad) and not evidence.keep_out(len(bad)):
        return f"not finite at {len(bad)} {where}, the first at {_place(points[bad[0]], evidence, names)}"
    if evidence.combined:
        rows = evidence.combined.rows
        place = _place(points[int(rows[0])], evidence, names)
        return f"its {evidence.combined.name} ends or has a pole on the way to {len(rows)} {where}, such as {place}"
    return ""


def _place(point: Array, evidence: Evidence, names: tuple[str, ...]) -> str:
    at = point[evidence.current.columns.numpy()]
    more = ", ..." * (len(names) > 3)
    return ", ".join(f"{name} = {value:.4g}" for name, value in zip(names[:3], at, strict=False)) + more


def _beyond(values: Array, evidence: Evidence, names: tuple[str, ...]) -> str:
    """What is added where a formula that is defined among the samples is not so a little beyond them."""
    found, points = (evidence.split(part)[5] for part in (values, evidence.points.numpy()))
    fine = np.isfinite(found).all()
    text = "" if fine else "; not finite everywhere a little beyond the samples"
    if evidence.beyond is None:
        return text
    place = _place(points[int(evidence.beyond.rows[0])], evidence, names)
    lead = "; a little beyond the samples" if fine else ":"
    return f"{text}{lead} its {evidence.beyond.name} ends or has a pole on the way to {place}"


def _rms(gap: Array) -> float:
    return float(np.sqrt(np.square(gap).mean())) if np.isfinite(gap).all() else math.inf


def _above(gap: Array, noise: float) -> bool:
    """Whether the mean square is above that of the noise by more than chance."""
    square = np.square(gap)
    if not len(square):
        return False
    # Of a normal distribution the square varies by sqrt(2); more is granted up to a point, for heavy tails.
    spread = min(float(square.std()), _HEAVIEST_TAIL * math.sqrt(2) * noise**2)
    chance = spread * math.sqrt(2 / len(square))
    return float(square.mean()) > noise**2 + _CHANCE * chance


def _worse(ours: Array, theirs: Array) -> bool:
    """Whether errors are larger than others on the same samples by more than chance, and by a percent."""
    if not len(ours) or _rms(ours) <= 1.01 * _rms(theirs):
        return False
    difference = np.square(ours) - np.square(theirs)
    return float(difference.mean()) > _CHANCE * float(difference.std()) / math.sqrt(len(difference))


@dataclass(frozen=True)
class _OutputJudge:
    """One output: the formula's values and the replaced network's, each by parts, and the targets."""

    evidence: Evidence
    number: int
    formula: list[Array]
    network: list[Array]
    targets: list[Array] | None

    @classmethod
    def of(cls, values: Array, evidence: Evidence, number: int) -> _OutputJudge:
        targets = evidence.targets
        return cls(
            evidence,
            number,
            [part[:, number] for part in evidence.split(values)],
            [part[:, number] for part in evidence.split(evidence.reference)],
            None if targets is None else [part[:, number] for part in targets],
        )

    def found(self) -> _Output:
        return self._beside_the_network() if self.targets is None else self._beside_targets(self.targets)

    @property
    def _called(self) -> str:
        return "the splines it replaced" if self.evidence.replaced else "the model"

    def _tolerance(self, targets: list[Array]) -> float:
        """How far from the targets rounding may lead."""
        eps, known = self.evidence.eps, np.concatenate(targets)
        spread, size = float(known.std()), float(np.abs(known).max())
        same = even_places(len(self.formula[0]), len(self.formula[2])).numpy()
        moved = np.abs(self.formula[2] - self.formula[0][same])
        condition = float(moved[np.isfinite(moved)].max(initial=0.0)) / NUDGE
        by_inputs = min(_ROUNDINGS * eps * condition, 0.1 * math.sqrt(eps) * max(spread, eps * size))
        return max(_REFIT, 20 * eps) * spread + _ROUNDINGS * eps * size + by_inputs

    def _distances(self) -> tuple[float, float]:
        """Distance to the replaced network at the samples, and between them, by root mean square."""
        gaps = [f - r for f, r in zip(self.formula, self.network, strict=True)]
        at, between = np.concatenate(gaps[:2]), np.concatenate(gaps[3:5])
        between = between[np.isfinite(between)]
        return _rms(at[np.isfinite(at)]) if np.isfinite(at).any() else 0.0, _rms(between) if len(
            between
        ) else 0.0

    def _beside_the_network(self) -> _Output:
        tolerance = self._tolerance(self.network[:1])
        gaps = [np.abs(f - r) for f, r in zip(self.formula, self.network, strict=True)]
        seen = np.concatenate([gaps[0], gaps[1], gaps[3], gaps[4]])
        largest = float(seen[np.isfinite(seen)].max(initial=0.0))
        unseen = "no targets were looked at"
        if largest <= tolerance:
            what = self._called.replace("the splines", "the network")
            return _Output("exact", f"equals {what} to rounding ({largest:.2g}); {unseen}", None, None)
        rms, spread = self._distances()[0], float(self.network[0].std())
        share = f", {rms / spread:.2g} of its spread" if spread > 0 else ""
        text = f"differs from {self._called} by {rms:.3g} (RMS{share}), at most {largest:.3g}; {unseen}"
        given = self.evidence.given_noise
        noise = None if given is None else float(given[self.number])
        fine = noise is not None and max(self._distances()) <= noise
        return _Output("within noise" if fine else "approximation", text, None, noise)

    def _beside_targets(self, targets: list[Array]) -> _Output:
        gaps = [f - y for f, y in zip(self.formula, targets, strict=False)]
        others = [r - y for r, y in zip(self.network, targets, strict=False)]
        place = 1 if len(gaps[1]) else 0
        own, theirs = _rms(gaps[place]), _rms(others[place])
        ratio = own / theirs if theirs > 0 else (1.0 if own == 0 else math.inf)
        tolerance = self._tolerance(targets)
        largest = float(np.abs(np.concatenate(gaps)).max())
        if largest <= tolerance:
            return self._equal_to_targets(largest, tolerance, ratio)
        evidence = self.evidence
        noise = float((evidence.noise if evidence.noise is not None else np.zeros(1))[self.number])
        where = f"RMSE {own:.3g} on {'held-out ' if place else ''}samples"
        beside = self._beside(ratio, theirs)
        if (
            any(_above(gap, noise) for gap in gaps)
            or _worse(gaps[1], others[1])
            or self._misfits(gaps, others)
        ):
            text = f"{where}, {beside}; noise {noise:.2g}"
            return _Output("approximation", text, ratio, noise)
        at, between = self._distances()
        doubt = self._turning() or (
            f"between the samples it is {between:.3g} from {self._called}, at them {at:.3g}"
            if between > _NEAR * at + _SHARE_OF_NOISE * noise + tolerance
            else ""
        )
        if doubt:
            return _Output("approximation", f"{where}, {beside}, but {doubt}", ratio, noise)
        far = evidence.given_noise is None and evidence.apart(self.number) > _FAR_APART
        doubt = "; the samples are too far apart to tell noise from what is not learnt" if far else ""
        return _Output(
            "within noise", f"{where}, within the noise ({noise:.3g}); {beside}{doubt}", ratio, noise
        )

    def _misfits(self, gaps: list[Array], others: list[Array]) -> bool:
        """Whether the errors are no noise: alike at neighbours, or reduced by the network's further constants."""
        evidence = self.evidence
        if evidence.given_noise is not None:
            return False
        if are_alike(torch.from_numpy(gaps[0]), evidence.pairs):
            return True
        ours, theirs = float(np.square(gaps[0]).sum()), float(np.square(others[0]).sum())
        more, left = evidence.constants[1] - evidence.constants[0], len(gaps[0]) - evidence.constants[1]
        if len(gaps[1]) or min(more, left) <= 0 or ours <= 1.01**2 * theirs:
            return False
        # The F-test for lack of fit; about its mean of 1 it varies by this much.
        ratio = (ours - theirs) / more / (theirs / left) if theirs > 0 else math.inf
        return ratio > 1 + _CHANCE * math.sqrt(2 / more + 2 / left)

    def _beside(self, ratio: float, theirs: float) -> str:
        if not self.evidence.replaced:
            return "no spline was replaced"
        times = f"{ratio:.2g} times that of" if math.isfinite(ratio) else "beside"
        return f"{times} {self._called} ({theirs:.3g})"

    def _turning(self) -> str:
        turns = self.evidence.turns
        return f"its {turns} turns between neighbouring samples" if turns else ""

    def _equal_to_targets(self, largest: float, tolerance: float, ratio: float) -> _Output:
        evidence = self.evidence
        what = f"equals the targets to rounding ({largest:.2g})"
        at, between = self._distances()
        spread = float(np.concatenate(self.targets or [np.zeros(1)]).std())
        allowed = _NEAR_EXACT * at + _SHARE_OF_SPREAD * spread + tolerance
        doubt = self._turning() or evidence.too_few
        if not doubt and between > allowed:
            doubt = f"between the samples it is {between:.3g} from {self._called}, at them {at:.3g}"
        if doubt:
            return _Output("approximation", f"{what}, but {doubt}", ratio, None)
        if evidence.curves:
            text = f"{what}, but {evidence.curves} of its curves are splines"
            return _Output("within noise", text, ratio, None)
        held = f" and {len(self.formula[1])} held-out" if len(self.formula[1]) else ""
        agrees = f", and agrees with {self._called} between them" if evidence.replaced else ""
        text = f"{what} at {len(self.formula[0])}{held} samples{agrees}"
        return _Output("exact", text, ratio, None)
