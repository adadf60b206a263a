"""jaxKAN, compiled by XLA for the CPU."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from flax import nnx
from jaxkan.models.KAN import KAN

from .contestant import Contestant, samples
from .sizes import Size


def build(size: Size) -> Contestant:
    """Its faster spline layer without the two extras that ours lacks: a bias, and a weight beside the spline.

    The network is split into parameters and a pure function once, so that no call pays for flax's own
    bookkeeping.
    """
    settings = {"k": 3, "G": size.grid, "external_weights": False, "add_bias": False}
    model = KAN(list(size.width), layer_type="spline", required_parameters=settings, seed=0)
    form, trained, rest = nnx.split(model, nnx.Param, ...)
    x, y = (jnp.asarray(part.numpy()) for part in samples(size))

    def call(parameters: nnx.State, inputs: jax.Array) -> jax.Array:
        return nnx.merge(form, parameters, rest)(inputs)

    def loss(parameters: nnx.State, inputs: jax.Array, targets: jax.Array) -> jax.Array:
        return ((call(parameters, inputs) - targets) ** 2).mean()

    forward, step = jax.jit(call), jax.jit(jax.value_and_grad(loss))
    return Contestant(
        "jaxkan",
        sum(leaf.size for leaf in jax.tree.leaves(trained)),
        lambda: forward(trained, x).block_until_ready(),
        lambda: jax.block_until_ready(step(trained, x, y)),
    )
