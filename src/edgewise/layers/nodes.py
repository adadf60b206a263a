"""The nodes of a layer: sub-node affine maps, products, node affine maps.

z (sub-nodes) -> u = subnode_scale z + subnode_bias -> sums pass, each product multiplies its own
consecutive sub-nodes -> node_scale v + node_bias. Sums come first.

Source: Liu et al. 2024, "KAN 2.0", arXiv:2408.10205, section 2 (multiplication nodes).
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from ..errors import InputError
from .layer_state import check_settings, pack_settings


class NodeLayer(nn.Module):
    """Sums, products and affine maps of one layer's nodes.

    Args:
        sums: Addition nodes.
        arities: Number of factors of each product node, at least 2 each.
        affine_trainable: Whether the affine maps (initially 1 and 0) are trained.
        dtype: Data type of the parameters.
        device: Device of the parameters.

    Raises:
        InputError: no nodes, or a product of fewer than two factors.

    Example:
        >>> NodeLayer(1, (2,))(torch.tensor([[5.0, 2.0, 3.0]]))
        tensor([[5., 6.]])
    """

    def __init__(
        self,
        sums: int,
        arities: Sequence[int] = (),
        *,
        affine_trainable: bool = False,
        dtype: torch.dtype | None = None,
        device: torch.device | str | None = None,
    ) -> None:
        super().__init__()
        self.sums, self.arities = int(sums), tuple(int(arity) for arity in arities)
        if self.sums < 0 or self.sums + len(self.arities) == 0:
            raise InputError(
                f"NodeLayer: a layer must have at least one node; got sums={sums}, arities={arities}."
            )
        if any(arity < 2 for arity in self.arities):
            raise InputError(
                f"NodeLayer: mult_arity must be at least 2; got {self.arities}. Use a sum node in place of a "
                f"product of one factor."
            )
        for name, size in (("subnode", self.subnodes), ("node", self.nodes)):
            for kind in ("scale", "bias"):
                numbers = torch.empty(size, dtype=dtype, device=device)
                setattr(self, f"{name}_{kind}", nn.Parameter(numbers, requires_grad=affine_trainable))
        self.reset_parameters()

    subnode_scale: nn.Parameter
    subnode_bias: nn.Parameter
    node_scale: nn.Parameter
    node_bias: nn.Parameter

    @torch.no_grad()
    def reset_parameters(self) -> None:
        """Make all affine maps the identity, in place."""
        for name in ("subnode", "node"):
            nn.init.ones_(getattr(self, f"{name}_scale"))
            nn.init.zeros_(getattr(self, f"{name}_bias"))

    @property
    def subnodes(self) -> int:
        """Number of sub-nodes, which the edges of the layer lead into."""
        return self.sums + sum(self.arities)

    @property
    def nodes(self) -> int:
        """Number of nodes, which the next layer sees."""
        return self.sums + len(self.arities)

    def members(self, node: int) -> tuple[int, ...]:
        """The sub-nodes that make up one node: itself for a sum, its factors for a product."""
        if node < self.sums:
            return (node,)
        first = self.sums + sum(self.arities[: node - self.sums])
        return tuple(range(first, first + self.arities[node - self.sums]))

    def forward(self, sums: Tensor) -> Tensor:
        """Node values from the sums at the sub-nodes, (..., subnodes) to (..., nodes)."""
        shifted = torch.addcmul(self.subnode_bias, sums, self.subnode_scale)
        values = self._multiply(shifted) if self.arities else shifted
        return torch.addcmul(self.node_bias, values, self.node_scale)

    def _multiply(self, shifted: Tensor) -> Tensor:
        # One slice a factor position, not a loop over nodes; explicit products keep every derivative.
        nodes = [self.members(self.sums + product) for product in range(len(self.arities))]
        product = shifted[..., [members[0] for members in nodes]]
        for place in range(1, max(self.arities)):
            present = [members[place] if place < len(members) else -1 for members in nodes]
            factor = shifted[..., [max(member, 0) for member in present]]
            if -1 in present:
                used = torch.tensor([member >= 0 for member in present], device=shifted.device)
                factor = torch.where(used, factor, torch.ones_like(factor))
            product = product * factor
        return torch.cat([shifted[..., : self.sums], product], dim=-1)

    def select(self, nodes: Sequence[int]) -> NodeLayer:
        """A new layer with these nodes only, in the order given; sums must stay before products."""
        kinds = [node >= self.sums for node in nodes]
        if kinds != sorted(kinds):
            raise InputError(
                "NodeLayer: sum nodes must come before product nodes; reorder the nodes to keep."
            )
        new = copy.deepcopy(self)
        new.sums = kinds.count(False)
        new.arities = tuple(self.arities[node - self.sums] for node in nodes if node >= self.sums)
        subnodes = [member for node in nodes for member in self.members(node)]
        for name, index in (("subnode", subnodes), ("node", list(nodes))):
            for suffix in ("scale", "bias"):
                old = getattr(self, f"{name}_{suffix}")
                value = nn.Parameter(old.detach()[index].clone(), requires_grad=old.requires_grad)
                setattr(new, f"{name}_{suffix}", value)
        return new

    # State: what is multiplied travels with the numbers, as the shapes do not tell

    def get_extra_state(self) -> Tensor:
        """The counts of sums and of each product's factors, as JSON in a uint8 tensor."""
        return pack_settings({"sums": self.sums, "arities": list(self.arities)})

    def set_extra_state(self, state: Tensor) -> None:
        """Refuse the state of other nodes.

        Raises:
            InputError: the other layer had other nodes.
            FileError: the state cannot be read.
        """
        check_settings(state, {"sums": self.sums, "arities": list(self.arities)}, "NodeLayer")

    def _load_from_state_dict(
        self, state_dict: Any, prefix: str, metadata: Any, strict: bool, missing: list[str], *rest: Any
    ) -> None:
        if f"{prefix}_extra_state" in state_dict:
            self.set_extra_state(state_dict[f"{prefix}_extra_state"])
        super()._load_from_state_dict(state_dict, prefix, metadata, strict, missing, *rest)
        if f"{prefix}_extra_state" in missing:  # the state of an older layer
            missing.remove(f"{prefix}_extra_state")

    def extra_repr(self) -> str:
        """Counts, for `repr`."""
        return f"sums={self.sums}" + (f", arities={self.arities}" if self.arities else "")
