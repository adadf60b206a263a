"""`edgewise info`: what a model file holds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .. import parts
from ..console import Terminal

if TYPE_CHECKING:
    from ...network import Network


def info(
    model: Annotated[Path, typer.Argument(help="Folder that edgewise fit wrote, or a model file.")],
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON object and nothing else.")] = False,
) -> None:
    """Say what a model is: its inputs, width, grids, edges and size.

    \b
    edgewise info houses-edgewise
    edgewise info model.safetensors --json
    """
    terminal = Terminal("info", as_json)
    with terminal.errors():
        if model.is_dir():
            saved = parts.read_model(model)
            network, more = saved.model, {"target": saved.summary["target"], "classes": saved.classes}
        else:
            network, more = parts.load(model), {}
        facts = {**more, **describe_network(network)}
        terminal.result(facts)
        for name, value in facts.items():
            terminal.line(f"{name}: {', '.join(map(str, value)) if isinstance(value, list) else value}")


def describe_network(network: Network) -> dict[str, object]:
    """Facts about a network, as plain values.

    Example:
        >>> from edgewise.network import build
        >>> describe_network(build([2, 5, 1]))["edges"]
        15
    """
    return {
        "inputs": list(network.names),
        "columns": network.n_columns,
        "width": [entry if isinstance(entry, int) else list(entry) for entry in network.width],
        "grid": list(network.grid),
        "degree": [getattr(layer.basis, "k", None) for layer in network.layers],
        "edges": sum(1 for _ in network.active_edges()),
        "parameters": sum(p.numel() for p in network.parameters() if p.requires_grad),
        "dtype": str(network.dtype).removeprefix("torch."),
    }
