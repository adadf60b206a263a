"""`LinearEdgeLayer`: the base class of learnable edges, one function per edge, linear in its weights.

phi_ij(x) = sum_m features_im(x) weights_imj, y_j = sum_i phi_ij(x_i). Sums, single edges and their moments over a
batch need only the features and the weights, and are implemented here for every basis. The mean and variance of an
edge follow from those of the features, mu_i . w and w . S_i w: no (batch, in, out) tensor is built in training.
"""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar, TypeVar

import torch
from torch import Tensor, nn

from ..errors import InputError, ShapeError
from .coefficient_sizes import CoefficientSizes
from .structure import fill_

Self = TypeVar("Self", bound="LinearEdgeLayer")


class LinearEdgeLayer(CoefficientSizes, ABC):
    """Base class of layers of edges: (..., in_features) to (..., out_features).

    A subclass implements `features`, `interval` and `describe`; its constructor takes `in_features`, `out_features`,
    the keys of `describe`, `seed`, `dtype` and `device`. Any other tensors must be listed in `edge_tensors` or
    `input_tensors`, for structural edits and files.

    Args:
        coef: Initial coefficients, shape (in, size, out).

    Attributes:
        coef: Coefficients, shape (in, size, out).
        mask: 1 where an edge is on, 0 where off, shape (in, out); a buffer.
        kind: Name of this kind of edge, such as "spline".
        edge_tensors: Names of the parameters and buffers of shape (in, ..., out).
        input_tensors: Names of those of shape (in, ...).
        settings_shown: Names of `describe`'s values that the `repr` of a network shows.

    Example:
        >>> from edgewise.layers import KANLayer
        >>> layer = KANLayer(3, 2)
        >>> isinstance(layer, LinearEdgeLayer), layer.kind, layer.edge_tensors[0]
        (True, 'spline', 'coef')
    """

    kind: ClassVar[str]
    structure = MappingProxyType({"mask": torch.ones_like})
    edge_tensors: ClassVar[tuple[str, ...]] = ("coef", "mask")
    input_tensors: ClassVar[tuple[str, ...]] = ()
    settings_shown: ClassVar[tuple[str, ...]] = ()

    mask: Tensor

    def __init__(self, coef: Tensor) -> None:
        super().__init__()
        self.coef = nn.Parameter(coef)
        self.register_buffer("mask", coef.new_ones(coef.shape[0], coef.shape[2]))

    @abstractmethod
    def features(self, x: Tensor, order: int = 0) -> Tensor:
        """The features at `x`, or their derivatives of an order: (..., in) to (..., in, features)."""
        raise NotImplementedError

    @abstractmethod
    def interval(self) -> tuple[Tensor, Tensor]:
        """The range of inputs the edges are meant for, (in,) each: used for plots and symbolic search."""
        raise NotImplementedError

    @abstractmethod
    def describe(self) -> dict[str, Any]:
        """The constructor's settings as plain values: together with the tensors, enough to rebuild the layer."""
        raise NotImplementedError

    @classmethod
    def from_description(
        cls: type[Self], in_features: int, out_features: int, settings: Mapping[str, Any], **options: Any
    ) -> Self:
        """A new layer with settings from `describe`.

        Args:
            in_features: Inputs.
            out_features: Outputs.
            settings: What `describe` gave.
            options: `seed`, `dtype` and `device`.
        """
        make: Any = cls
        return make(in_features, out_features, **settings, **options)

    def reset_parameters(self) -> None:
        """Draw new start values, in place, from torch's global generator; edges that are off stay off.

        A layer that was made on the meta device, or emptied by `to_empty`, is a working layer afterwards.
        """
        seed = int(torch.randint(2**31, ()))
        options = {"dtype": self.dtype, "device": "meta" if self.coef.is_meta else "cpu"}
        fresh = self.from_description(
            self.in_features, self.out_features, self.describe(), seed=seed, **options
        )
        for name in (*self.edge_tensors, *self.input_tensors):
            if name not in self.structure:
                fill_(getattr(self, name), getattr(fresh, name).detach())
        self.restore_structure()

    def weights(self) -> Tensor:
        """Weights of the features, including the mask, shape (in, features, out)."""
        return self.coef * self.mask.unsqueeze(1)

    def scaled_coef(self) -> Tensor:
        """Effective coefficients, including scales and mask, shape (in, size, out)."""
        return self.coef * self.mask.unsqueeze(1)

    def forward(self, x: Tensor) -> Tensor:
        """Sum of the edges into each output, shape (..., out).

        Raises:
            ShapeError: `x` has another number of columns.
            InputError: `x` is no tensor of the layer's data type.
        """
        self.check_input(x)
        return self.sums(self.features(x))

    def sums(self, features: Tensor) -> Tensor:
        """Sums from precomputed features, (..., in, features) to (..., out)."""
        return features.flatten(-2) @ self.weights().flatten(0, 1)

    def edges(self, x: Tensor, order: int = 0) -> Tensor:
        """Output of each edge separately, or its derivative, shape (..., in, out); for looking inside."""
        return torch.einsum("...ip,ipo->...io", self.features(x, order), self.weights())

    def forward_with_moments(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The sums, and every edge's mean and variance over the batch, without per-edge activations.

        Args:
            x: Inputs, shape (batch, in).

        Returns:
            Sums (batch, out); means and variances (in, out), the latter divided by the batch size.
        """
        return self.sums_with_moments(self.features(x))

    def sums_with_moments(
        self, features: Tensor, statistics: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """As `forward_with_moments`, from precomputed features.

        Args:
            features: What `features` gave, shape (batch, in, features).
            statistics: What `feature_statistics` gave for them, if that is known too.
        """
        mean, covariance = statistics or feature_statistics(features)
        weights = self.weights()
        return (
            features.flatten(-2) @ weights.flatten(0, 1),
            torch.einsum("ip,ipo->io", mean, weights),
            (weights * (covariance @ weights)).sum(1).clamp_min(0),
        )

    def sums_with_variances(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The sums (batch, out), and every edge's variance over the batch, shape (in, out).

        Args:
            x: Inputs, shape (batch, in).
        """
        sums, _, variances = self.forward_with_moments(x)
        return sums, variances

    def gradients_of(self, grad: Tensor) -> dict[str, Tensor]:
        """Map gradients of the weights to those of each trained parameter, by name.

        Args:
            grad: Derivatives in what `weights` gives, without the mask, shape (batch, in, features, out).
        """
        return {"coef": masked(grad, self.mask)} if self.coef.requires_grad else {}

    def out_of_range(self, x: Tensor) -> Tensor:
        """Share of samples outside the interval, for each input, shape (in,)."""
        low, high = self.interval()
        outside = ((x < low) | (x > high)).reshape(-1, self.in_features)
        return outside.to(low.dtype).mean(0) if len(outside) else torch.zeros_like(low)

    def select(self: Self, inputs: list[int], outputs: list[int]) -> Self:
        """A new layer with these inputs and outputs only, in the order given."""
        rows = torch.as_tensor(inputs, dtype=torch.long, device=self.device)
        columns = torch.as_tensor(outputs, dtype=torch.long, device=self.device)
        edges = {name: getattr(self, name)[rows][..., columns] for name in self.edge_tensors}
        return self.with_tensors(**edges, **{name: getattr(self, name)[rows] for name in self.input_tensors})

    def resized(self: Self, in_features: int, out_features: int, seed: int | torch.Generator) -> Self:
        """A new layer of other sizes with the same settings, data type and device."""
        return self.from_description(
            in_features, out_features, self.describe(), seed=seed, dtype=self.dtype, device=self.device
        )

    @torch.no_grad()
    def silence_(self: Self) -> Self:
        """Set the weights to zero, in place, so that every edge gives 0 and training can still use it."""
        self.coef.zero_()
        return self

    def with_tensors(self: Self, **tensors: Tensor) -> Self:
        """A new, independent layer with some of its parameters and buffers replaced.

        Args:
            tensors: New values by name; shapes may differ from the old, as all sizes are read off `coef`.
        """
        new = copy.deepcopy(self)
        for name, value in tensors.items():
            old = getattr(new, name)
            fresh = value.detach().clone().to(old)
            if isinstance(old, nn.Parameter):
                setattr(new, name, nn.Parameter(fresh, requires_grad=old.requires_grad))
            else:
                new.register_buffer(name, fresh)
        return new

    def check_input(self, x: Tensor) -> None:
        """Raise unless `x` is a tensor of the layer's data type with a column an input.

        Raises:
            ShapeError: `x` has another number of columns.
            InputError: `x` is no tensor of the layer's data type.
        """
        name = type(self).__name__
        if not isinstance(x, Tensor):
            raise InputError(f"{name}: x must be a tensor; got {type(x).__name__}. Use torch.as_tensor.")
        if x.ndim == 0 or x.shape[-1] != self.in_features:
            raise ShapeError(
                f"{name}: x must have {self.in_features} columns; got shape {tuple(x.shape)}. "
                f"Pass the inputs the layer was built for, as (..., in)."
            )
        if x.dtype != self.dtype and not torch.is_autocast_enabled(x.device.type):
            raise InputError(
                f"{name}: x must have the layer's dtype {self.dtype}; got {x.dtype}. "
                f"Use x.to({self.dtype}), or bring the layer to another dtype."
            )

    def is_sound(self) -> bool:
        """Whether the buffers are valid; checked when a file is loaded."""
        return all(bool(value.isfinite().all()) for value in self.buffers())

    def extra_repr(self) -> str:
        """Sizes and settings, for `repr`."""
        settings = ", ".join(f"{name}={value!r}" for name, value in self.describe().items())
        return f"{self.in_features}, {self.out_features}, {settings}{edges_off(self.mask)}"


def masked(grad: Tensor, mask: Tensor) -> Tensor:
    """Derivatives in weights (batch, in, features, out), those of edges that are off set to 0.

    Example:
        >>> masked(torch.ones(1, 1, 1, 2), torch.tensor([[1.0, 0.0]])).flatten().tolist()
        [1.0, 0.0]
    """
    return grad if bool((mask == 1).all()) else grad * mask[:, None]


def edges_off(mask: Tensor) -> str:
    """How many edges are off, for `repr`; empty where none is.

    Example:
        >>> edges_off(torch.tensor([[1.0, 0.0]])), edges_off(torch.ones(1, 2))
        (', edges_off=1', '')
    """
    off = 0 if mask.is_meta else int((mask == 0).sum())
    return f", edges_off={off}" if off else ""


EDGE_LAYERS: dict[str, type[LinearEdgeLayer]] = {}
"""Kinds of layers that files know, by `kind`."""


def register_kind(layer: type[Self]) -> type[Self]:
    """Register a class of layers so that files with its layers can be loaded; a decorator.

    Args:
        layer: A class with a unique `kind`.

    Raises:
        InputError: another class has that kind.

    Example:
        >>> from edgewise.layers import KANLayer
        >>> register_kind(KANLayer) is KANLayer
        True
    """
    known = EDGE_LAYERS.setdefault(layer.kind, layer)
    if known is not layer:
        raise InputError(
            f"register_kind: kind must be one of its own; got {layer.kind!r}, which {known.__name__} has. Choose another."
        )
    return layer


def feature_statistics(features: Tensor) -> tuple[Tensor, Tensor]:
    """Mean (in, p) and covariance (in, p, p) over the batch of features (batch, in, p).

    Example:
        >>> mean, covariance = feature_statistics(torch.tensor([[[1.0]], [[3.0]]]))
        >>> mean.item(), covariance.item()
        (2.0, 1.0)
    """
    mean = features.mean(0)
    centred = (features - mean).transpose(0, 1)
    return mean, centred.transpose(1, 2) @ centred / max(len(features), 1)
