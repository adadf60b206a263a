"""`structure_tree`: what a function is made of, as far as derivatives tell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import torch
from torch import Tensor

from ...errors import InputError
from .derivatives import Derivatives, derivatives_of, smooth_function, typical
from .interactions import connected, interactions_at
from .separability import across, dependence_at, largest_modules, modules

_ROUNDING = 1e-8


@dataclass(frozen=True)
class StructureNode:
    """A part of a function: a sum or product of parts, some function of parts, or an input.

    Attributes:
        kind: "sum", "product", "function" or "input".
        inputs: Names of the inputs below.
        parts: What it is made of.
    """

    kind: str
    inputs: tuple[str, ...]
    parts: tuple[StructureNode, ...] = ()

    def text(self) -> str:
        """The structure as a formula with unknown functions.

        Example:
            >>> StructureNode("sum", ("a", "b"), (StructureNode("input", ("a",)), StructureNode("input", ("b",)))).text()
            'f1(a) + f2(b)'
        """
        return _written(self, iter(range(1, 10_000)))

    def __str__(self) -> str:
        return self.text()


def structure_tree(
    f: Any,
    x: Any,
    *,
    threshold: float = 1e-2,
    output: int = 0,
    names: Sequence[str] | None = None,
) -> StructureNode:
    """Take a function apart: sums and products of parts, and groups of inputs that act through one combination.

    Each part is looked at as a function of its own inputs, all others held at those of a sample in the middle. What stands
    inside of an unknown function is known up to a function only: of two inputs there a sum and a product are the same.

    Args:
        f: A network, any module, or a function of a tensor (n, inputs) that gives (n,) or (n, outputs).
        x: Samples (n, inputs); 1,000 of them are looked at.
        threshold: For all tests. A trained network needs one above its error in second derivatives.
        output: Of several outputs, which.
        names: Of the inputs.

    Returns:
        The root. Inputs that do not matter are left out.

    Raises:
        InputError: too few samples, or a function without second derivatives.

    Example:
        >>> x = torch.rand(300, 4, dtype=torch.float64) + 0.5
        >>> root = structure_tree(lambda x: torch.exp(x[:, 0] * x[:, 1]) / (x[:, 2] + x[:, 3]), x)
        >>> print(root)
        f1(f2(x_1) + f3(x_2)) f4(f5(x_3) + f6(x_4))

    Source: Liu et al. 2024, "KAN 2.0", arXiv:2408.10205, section 5.3.
    """
    curve, samples, labels = smooth_function(f, x, names, output, "structure_tree")
    return _node(_Part(curve, samples, labels), threshold)


@dataclass(frozen=True)
class _Part:
    """A function of some of the inputs."""

    curve: Callable[[Tensor], Tensor]
    x: Tensor
    names: tuple[str, ...]

    def derivatives(self) -> Derivatives:
        return derivatives_of(self.curve, self.x, names=self.names, where="structure_tree")

    def of(self, places: Sequence[int]) -> _Part:
        """The same in these inputs, the others at a sample in the middle."""
        spread = self.x.std(0).clamp(min=1e-300)
        middle = self.x[((self.x - self.x.median(0).values) / spread).norm(dim=1).argmin()]
        chosen = list(places)

        def curve(x: Tensor) -> Tensor:
            columns = [middle[place].to(x).expand(len(x)) for place in range(len(middle))]
            for place, column in zip(chosen, x.unbind(1), strict=True):
                columns[place] = column
            return self.curve(torch.stack(columns, 1))

        return _Part(curve, self.x[:, chosen], tuple(self.names[place] for place in chosen))


def _node(part: _Part, threshold: float) -> StructureNode:
    at = part.derivatives()
    used = [place for place, effect in enumerate(at.effects.tolist()) if effect >= 1e-2 * threshold]
    if len(used) < len(part.names):
        return StructureNode("sum", ()) if not used else _node(part.of(used), threshold)
    if len(used) == 1:
        return StructureNode("input", part.names)
    kind, groups = _split(part, at, threshold)
    if kind == "function of a sum":
        inside = _joined("sum", part, groups, threshold)
        return StructureNode("function", part.names, (inside,))
    return _joined(kind, part, groups, threshold)


def _joined(kind: str, part: _Part, groups: Sequence[Sequence[int]], threshold: float) -> StructureNode:
    return StructureNode(kind, part.names, tuple(_node(part.of(group), threshold) for group in groups))


def _split(part: _Part, at: Derivatives, threshold: float) -> tuple[str, list[tuple[int, ...]]]:
    scores = interactions_at(at)
    tests = [("sum", scores.additive), ("product", scores.multiplicative), ("product", _with_offset(at))]
    splits = []
    for rank, (kind, matrix) in enumerate(tests):
        groups = connected(matrix >= threshold)
        if len(groups) > 1:
            splits.append((across(matrix, groups) > _ROUNDING, rank, kind, groups))
    if splits:  # what holds to rounding goes before what holds to the threshold
        return min(splits)[2:]
    dependence = dependence_at(at)
    found = modules(dependence, threshold)
    overlap = [set(one) & set(other) for one, other in combinations(found, 2)]
    if found and any(overlap):  # groups that overlap: a sum inside of a function, after Gorman
        alone = connected(_apart(part, at, found))
        if len(alone) > 1:
            return "function of a sum", alone
    groups = largest_modules(dependence, threshold)
    if len(groups) == 2 and _sum_inside(part, groups, threshold):
        return "function of a sum", groups
    return "function", groups


def _with_offset(at: Derivatives) -> Tensor:
    """The multiplicative interactions after a constant is added that makes the strongest pair a product, if one does."""
    count = len(at.names)
    mixed = at.hessian - torch.diag_embed(at.hessian.diagonal(dim1=1, dim2=2))
    pair = int(mixed.abs().mean(0).argmax())
    i, j = divmod(pair, count)
    ratio = at.gradient[:, i] * at.gradient[:, j] / at.hessian[:, i, j] - at.values
    offset = ratio[ratio.isfinite()].median() if bool(ratio.isfinite().any()) else torch.tensor(0.0)
    moved = Derivatives(at.x, at.values + offset, at.gradient, at.hessian, at.spread, at.names)
    return interactions_at(moved).multiplicative


def _apart(part: _Part, at: Derivatives, found: Sequence[tuple[int, ...]]) -> Tensor:
    """Which inputs no module tells apart: those that are in the same ones."""
    count = len(at.names)
    member = torch.tensor([[place in group for group in found] for place in range(count)])
    linked = (member[:, None] == member[None]).all(2)
    return linked & ~torch.eye(count, dtype=torch.bool)


def _sum_inside(part: _Part, groups: Sequence[tuple[int, ...]], threshold: float) -> bool:
    """Whether f is F(g(a) + h(b)): log |f_i / f_j| is then a sum of parts, for i in a and j in b."""
    i, j = groups[0][0], groups[1][0]

    def ratio(x: Tensor) -> Tensor:
        x = x if x.requires_grad else x.detach().clone().requires_grad_()
        slopes = torch.autograd.grad(part.curve(x).sum(), x, create_graph=True)[0]
        return slopes[:, i].abs().log() - slopes[:, j].abs().log()

    try:
        at = derivatives_of(ratio, part.x, where="structure_tree")
    except InputError:
        return False
    mixed = max(typical(at.hessian[:, k, m]) for k in groups[0] for m in groups[1])
    return mixed < threshold * max(typical(at.gradient), 1e-3)


def _written(node: StructureNode, numbers: Iterator[int]) -> str:
    if node.kind == "input":
        return f"f{next(numbers)}({node.inputs[0]})"
    if not node.parts:
        return "constant"
    if node.kind == "function":
        name = f"f{next(numbers)}"
        inside = [part.inputs[0] if part.kind == "input" else _written(part, numbers) for part in node.parts]
        return f"{name}({', '.join(inside)})"
    texts = [_written(part, numbers) for part in node.parts]
    if node.kind == "sum":
        return " + ".join(texts)
    return " ".join(
        f"({text})" if part.kind == "sum" else text for part, text in zip(node.parts, texts, strict=True)
    )
