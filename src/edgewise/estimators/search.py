"""How smooth, and how deep: decided on samples set aside, then trained on all."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ..events import check_cancelled, emit
from ..network import Layer, Network
from .additive import Roughness
from .growth import add_hidden, linearise_binary
from .lbfgs_fit import LBFGSFit, mean_loss
from .samples import Samples, splits
from .screening import additive_problem, is_wide, nearly_straight, screen, with_all_columns
from .settings import ROWS_TO_CHOOSE, Settings
from .task import Task

_FOLDS_OF_WIDE = 5
"""Of many columns few rows say little: more of them are left to learn from."""


@dataclass(frozen=True)
class ModelSearchResult:
    """A trained network without scalers, and how it was chosen.

    Attributes:
        model: Takes scaled inputs.
        roughness: What was chosen.
        deep: Whether it has hidden levels.
        validation_loss: Mean loss on the samples set aside, None where there were none.
        additive_validation_loss: The same for the best additive network.
        history: Losses of the last training, step by step.
        steps: How many steps it took.
        columns: Numbers of the encoded columns that were given curves, by the rule of `estimators/screening.py`; None
            for all.
    """

    model: Network
    roughness: Roughness
    deep: bool
    validation_loss: float | None
    additive_validation_loss: float | None
    history: dict[str, list[float]]
    steps: int
    columns: tuple[int, ...] | None = None


def search(samples: Samples, task: Task, settings: Settings) -> ModelSearchResult:
    """Choose by samples set aside, and train on all.

    Args:
        samples: Different ones, inputs scaled, targets the task's.
        task: What is to be predicted.
        settings: What there is to choose from.
    """
    few = _some(samples, settings.seed)
    wide = is_wide(few, settings)
    folds = _FOLDS_OF_WIDE if wide and settings.folds > 1 else settings.folds
    pairs = splits(few, settings.share, folds, settings.seed)
    if not wide:
        return _search(samples, few, pairs, task, settings)
    screened = screen(few, pairs, task, settings)
    if screened.columns is None:
        # Every pair of so many columns would have to be told from chance by few samples.
        alone = replace(settings, hidden=()) if settings.compare else settings
        return _search(samples, few, pairs, task, nearly_straight(alone))
    found = _search(screened.of(samples), screened.of(few), screened.pairs, task, settings)
    whole = with_all_columns(found.model, screened.columns, samples.x.shape[1])
    return replace(found, model=whole, columns=tuple(screened.columns.tolist()))


def _search(
    samples: Samples, few: Samples, pairs: list[tuple[Samples, Samples]], task: Task, settings: Settings
) -> ModelSearchResult:
    """Choose roughness and depth, and train on all."""
    _tell(f"additive network, {samples.size} samples")
    smooth, additive_loss, layers = _choose_additive(pairs, task, settings)
    plan = None
    if settings.hidden:
        _tell(f"hidden nodes {settings.hidden}")
        plan = _choose_deep(pairs, layers, smooth, task, settings)
        if settings.compare and (
            plan is None or additive_loss is None or not _is_better(plan.loss, additive_loss, few.size)
        ):
            plan = None
        elif plan is None:
            plan = _Plan(settings.deep_smoothing_weights[-1:], [settings.steps], float("nan"))
    _tell("training on all samples")
    return _train(samples, few, task, settings, smooth, plan, additive_loss)


def _tell(text: str) -> None:
    emit("message", "fit", text=text)
    check_cancelled("fit")


@dataclass(frozen=True)
class _Plan:
    """Strengths of a deeper network, the steps to do at each, and the loss that promised."""

    smoothing_weights: tuple[float, ...]
    steps: list[int]
    loss: float


def _is_better(deep: float, additive: float, samples: int) -> bool:
    """Whether a hidden level is better by more than the luck of having stopped where it looked best."""
    return deep * (1 + 1 / samples**0.5) < additive


def _some(samples: Samples, seed: int) -> Samples:
    if len(samples) <= ROWS_TO_CHOOSE:
        return samples
    order = torch.randperm(len(samples), generator=torch.Generator().manual_seed(seed))
    return samples.rows(order[:ROWS_TO_CHOOSE].sort().values)


def _with(layer: Layer, coef: Tensor) -> Layer:
    return Layer(layer.basis.with_tensors(coef=coef), layer.formula, layer.nodes)


def _choose_additive(
    pairs: list[tuple[Samples, Samples]], task: Task, settings: Settings
) -> tuple[Roughness, float | None, list[Layer]]:
    """The roughness whose additive networks are best on what they have not seen, and those networks."""
    choices = [
        Roughness(strength, ridge) for ridge in settings.ridges for strength in settings.smoothing_weights
    ]
    if not pairs:
        return choices[0], None, []
    losses = torch.zeros(len(choices), dtype=torch.float64)
    found: list[list[Tensor]] = []
    starts = []
    for train, validation in pairs:
        layer, problem = additive_problem(train, task, settings)
        starts.append(layer)
        found.append([problem.fit(choice) for choice in choices])
        features = problem.features(validation.x)
        lost = [problem.loss(coef, features, validation) for coef in found[-1]]
        losses += torch.tensor(lost, dtype=torch.float64) / len(pairs)
    best = int(losses.nan_to_num(torch.inf).argmin())
    layers = [_with(layer, coefs[best]) for layer, coefs in zip(starts, found, strict=True)]
    return choices[best], float(losses[best]), layers


def _choose_deep(
    pairs: list[tuple[Samples, Samples]],
    layers: list[Layer],
    smooth: Roughness,
    task: Task,
    settings: Settings,
) -> _Plan | None:
    """How long a deeper network is best trained, and down to which strength."""
    descents = [
        LBFGSFit(
            add_hidden(layer, train.x, settings.hidden, settings.grid_above, settings.seed),
            train,
            task,
            validation,
            settings.patience,
        )
        for layer, (train, validation) in zip(layers, pairs, strict=True)
    ]
    best: _Plan | None = None
    counts: list[int] = []
    for place, strength in enumerate(settings.deep_smoothing_weights):
        runs = [descent.run(replace(smooth, strength=strength), settings.steps) for descent in descents]
        if not runs:
            return None
        loss = sum(run[0] for run in runs) / len(runs)
        counts.append(max(1, round(sum(run[1] for run in runs) / len(runs))))
        if best is None or loss < best.loss:
            best = _Plan(settings.deep_smoothing_weights[: place + 1], list(counts), loss)
    return best


def _train(
    samples: Samples,
    few: Samples,
    task: Task,
    settings: Settings,
    smooth: Roughness,
    plan: _Plan | None,
    additive_loss: float | None,
) -> ModelSearchResult:
    layer, problem = additive_problem(few, task, settings)
    model = Network([_with(layer, problem.fit(smooth))])
    if plan is not None:
        model = add_hidden(model.layers[0], few.x, settings.hidden, settings.grid_above, settings.seed)
    descent = LBFGSFit(model, few, task, patience=settings.steps)
    for strength, steps in zip(plan.smoothing_weights, plan.steps, strict=True) if plan else ():
        smooth = replace(smooth, strength=strength)
        descent.run(smooth, steps)
    if len(few) < len(samples):  # from there, a few steps are enough
        descent = LBFGSFit(model, samples, task, patience=settings.steps, drawn_to=descent.drawn_to)
        descent.run(smooth, settings.patience)
    if not descent.train:
        descent.train.append(mean_loss(model, samples, task))
    return ModelSearchResult(
        model=linearise_binary(model, samples.x),
        roughness=smooth,
        deep=plan is not None,
        validation_loss=additive_loss if plan is None else plan.loss,
        additive_validation_loss=additive_loss,
        history={"train_loss": descent.train},
        steps=len(descent.train),
    )
