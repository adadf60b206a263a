"""How noisy the targets are, by what a network leaves of them."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from ..._tensors import even_places, to_tensor
from ...errors import InputError, ShapeError
from ...network import Network
from .network_views import count_constants

_ROWS = 2000  # distances between so many samples are looked at
_FEWEST = 20  # samples from which neighbours tell anything
_FEW_COLUMNS = 2  # of which neighbours are near enough in any case
_IRRELEVANT = 0.02  # of the largest weight, below which a column does not count for distances
_LARGEST_SHARE = 0.5  # of constants in samples that the correction for degrees of freedom is made for
_RIDGE = 1e-10  # of the size of normal equations
_STANDARD_ERRORS, _CERTAINLY_LESS = 1.5, 0.25  # by which an estimate must be less than another to count


def estimate_noise(
    model: Network, x: Tensor, y: Tensor, x_test: Tensor | None = None, y_test: Tensor | None = None
) -> Tensor:
    """Standard deviation of the noise in the targets, from a network fitted to them.

    What a network leaves is noise and what it has not learnt. The first is as different between neighbouring
    samples as between any, the second is smooth. So the least of these counts: the root-mean-square residual on
    held-out samples (on the training samples, divided by the degrees of freedom, where none are held out);
    the residuals' differences from lines and parabolas through their neighbours, where they are less by one and a
    half standard errors; and the spread of targets that have the same inputs, which is noise whatever the network is.
    What training samples miss clearly more than held-out ones is noise of theirs, and counts in full. Constant and unused columns do not count.

    Args:
        model: A network; it stays as it is.
        x: Training inputs (n, input columns).
        y: Training targets (n, outputs).
        x_test: Inputs that were held out.
        y_test: Their targets.

    Returns:
        The noise level of each output (outputs,) in units of the targets, in float64; at least their rounding.

    Example:
        >>> from edgewise.network import build
        >>> x = torch.linspace(-1, 1, 300, dtype=torch.float64)[:, None]
        >>> noise = 0.1 * torch.randn(300, 1, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
        >>> bool(0.08 < estimate_noise(build([1, 1], seed=0), x, torch.sin(x) + noise) < 0.12)
        True

    Source: Evans and Jones (2002), the Gamma test, with lines and parabolas in place of constants.
    """
    if y.ndim != 2 or len(x) != len(y):
        raise ShapeError(
            f"estimate_noise: y must be a matrix with one row for each of the {len(x)} rows of x; got shape "
            f"{tuple(y.shape)}. Give targets a column per output."
        )
    points, residual = _residuals(model, x, y)
    targets, share = y.double().cpu(), min(count_constants(model) / len(points), _LARGEST_SHARE)
    mean_square, count = residual.square().mean(0) / (1 - share), len(points)
    training = mean_square
    weights = _weights(model, x) if points.shape[1] > _FEW_COLUMNS else None
    smooth, rows = [part / (1 - share) for part in _smooth_parts_removed(points, residual, weights)], count
    if x_test is not None and y_test is not None and len(x_test) > 0:
        test_points, test_residual = _residuals(model, x_test, y_test)
        mean_square, count = test_residual.square().mean(0), len(test_points)
        if share == _LARGEST_SHARE:
            # Residuals of a network that has learnt the noise by heart tell nothing.
            smooth, rows = _smooth_parts_removed(test_points, test_residual, weights), count
        points, targets = torch.cat([points, test_points]), torch.cat([targets, y_test.double().cpu()])
    own = torch.stack([(training - mean_square).clamp_min(0), *smooth]).amin(0)
    found = [mean_square, *(_if_clearly_less(part, rows, mean_square, count) for part in smooth)]
    found += _among_equal(points, targets)
    least = torch.stack(found).amin(0)
    # What training samples miss more than held-out ones is their own noise: those were measured more exactly.
    clearly = _if_clearly_less(mean_square, count, training, rows) < training
    least = torch.where(clearly, least.maximum(own), least)
    kind = y.dtype if y.is_floating_point() else torch.float64
    rounding = torch.finfo(kind).eps * targets.square().mean(0).sqrt()
    return least.sqrt().maximum(rounding)


def _if_clearly_less(part: Tensor, rows: int, mean_square: Tensor, count: int) -> Tensor:
    """A mean square where it is less than another by more than chance; of many estimates some are low."""
    chance = _STANDARD_ERRORS * (3 / rows + 2 / count) ** 0.5
    return torch.where(part < mean_square * max(1 - chance, _CERTAINLY_LESS), part, mean_square)


def given_noise(noise: Any, outputs: int, where: str) -> Tensor:
    """Deviations (outputs,) of the targets' noise as a user gave them, in float64.

    Args:
        noise: One number, or one for each output.
        outputs: How many there are.
        where: Name of the function the user called, for messages.

    Raises:
        InputError: there is another number of deviations, or one is negative or not finite.

    Example:
        >>> given_noise(0.1, 2, "symbolify").tolist()
        [0.1, 0.1]
    """
    level = to_tensor(noise, where, "noise").double().cpu().reshape(-1)
    if len(level) not in (1, outputs) or bool((level < 0).any()):
        raise InputError(
            f"{where}: noise must be one standard deviation, or one for each of {outputs} outputs, 0 or more; "
            f"got {noise!r}. Leave it out to have it estimated."
        )
    return level.expand(outputs)


def _residuals(model: Network, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Inputs in use, each of deviation 1, and what the network leaves of the targets, in float64."""
    with torch.no_grad():
        outputs = model(x.to(model.device, model.dtype)).double().cpu()
    columns = x[:, model.columns.to(x.device)].double().cpu()
    return columns, y.double().cpu() - outputs


def _weights(model: Network, x: Tensor) -> Tensor:
    """How much the outputs change with each column in use (columns,): in units of each output's change, their sum."""
    rows = x[even_places(len(x), _ROWS)].to(model.device, model.dtype).detach().requires_grad_()
    with torch.enable_grad():
        outputs = model(rows)
        slopes = [
            torch.autograd.grad(outputs[:, k].sum(), rows, retain_graph=True)[0]
            for k in range(outputs.shape[1])
        ]
    sizes = [slope.double().cpu()[:, model.columns.cpu()].square().mean(0).sqrt() for slope in slopes]
    spread = x[:, model.columns.to(x.device)].double().cpu().std(0, correction=0)
    return torch.stack([size * spread / (size * spread).sum().clamp_min(1e-300) for size in sizes]).sum(0)


def _smooth_parts_removed(x: Tensor, residual: Tensor, weights: Tensor | None) -> list[Tensor]:
    """Mean squares of residuals (outputs,) as they differ from what their neighbours let expect.

    Neighbours are near in all columns alike, and where there are weights, near in the columns that weigh most, too.
    """
    spread = x.std(0, correction=0)
    found = _differences(x[:, spread > 0] / spread[spread > 0], residual)
    if weights is not None and bool((weights[spread > 0] > 0).any()):
        used = (spread > 0) & (weights > _IRRELEVANT * weights.amax())
        found += _differences(x[:, used] / spread[used] * weights[used], residual)
    return found


def _differences(x: Tensor, residual: Tensor) -> list[Tensor]:
    """The same by polynomials of several degrees, for inputs whose distances count as they are."""
    keep = even_places(len(x), _ROWS)
    x, residual = x[keep], residual[keep]
    if len(x) < _FEWEST or not x.shape[1]:
        return []
    width = x.shape[1]
    terms = {0: 1, 1: 1 + width, 2: 1 + 2 * width + width * (width - 1) // 2}
    order = [degree for degree, size in terms.items() if 3 * size <= len(x) // 3 and size <= 60]
    counts = {degree: 1 if degree == 0 else 2 * terms[degree] for degree in order}
    distance = torch.cdist(x, x)
    distance.fill_diagonal_(torch.inf)
    near = distance.topk(max(counts.values(), default=1), largest=False).indices
    return [_left(x, residual, near[:, : counts[degree]], degree) for degree in order]


def _left(x: Tensor, residual: Tensor, near: Tensor, degree: int) -> Tensor:
    """Mean square by which residuals differ from polynomials through their neighbours, as if those were exact."""
    offset = x[near] - x[:, None]
    offset = offset / offset.abs().amax((1, 2), keepdim=True).clamp_min(1e-300)
    parts = [torch.ones_like(offset[..., :1])]
    if degree > 0:
        parts.append(offset)
    if degree > 1:
        first, second = torch.triu_indices(x.shape[1], x.shape[1])
        parts.append(offset[..., first] * offset[..., second])
    # The value at the sample itself is the constant term: one row of the pseudo-inverse gives its weights. A little
    # is added to the normal equations for neighbours that do not determine a polynomial.
    columns = torch.cat(parts, 2)
    normal = columns.mT @ columns
    normal.diagonal(dim1=1, dim2=2).add_(_RIDGE * columns.shape[1])
    first = torch.zeros(normal.shape[1], 1, dtype=normal.dtype)
    first[0] = 1.0
    weights = (columns @ torch.linalg.solve(normal, first))[..., 0]
    gap = residual - torch.einsum("nk,nko->no", weights, residual[near])
    return (gap.square() / (1 + weights.square().sum(1))[:, None]).mean(0)


def _among_equal(x: Tensor, y: Tensor) -> list[Tensor]:
    """Variance of the targets (outputs,) among samples with the same inputs, where there are enough of them."""
    group, count = torch.unique(x, dim=0, return_inverse=True, return_counts=True)[1:]
    freedom = len(x) - len(count)
    if freedom < _FEWEST:
        return []
    mean = torch.zeros(len(count), y.shape[1], dtype=y.dtype).index_add_(0, group, y) / count[:, None]
    return [(y - mean[group]).square().sum(0) / freedom]
