"""Networks: layers of edges and nodes, traces, structural edits, grids and files."""

from .build import build
from .execution.choose import fast_forward_with_penalty as fast_forward_with_penalty
from .execution.choose import is_small as is_small
from .execution.choose import runs_by_address as runs_by_address
from .execution.description import Description as Description
from .execution.description import describe as describe
from .execution.fused import FusedNetwork as FusedNetwork
from .execution.parameters import buffers_of as buffers_of
from .execution.parameters import parameters_of as parameters_of
from .execution.penalised import PenaltyNumbers as PenaltyNumbers
from .files.saving import load, save
from .files.saving import model_header as model_header
from .files.tensor_file import digest as digest
from .files.tensor_file import read_container as read_container
from .files.tensor_file import write_container as write_container
from .formula_domain import defined_rows as defined_rows
from .grids import ALWAYS as ALWAYS
from .grids import GridPolicy as GridPolicy
from .grids import Refined, refine, update_grid
from .grids import apply_to_network as apply_to_network
from .grids import move_grid as move_grid
from .grids import refine_layer as refine_layer
from .grids import set_knots as set_knots
from .grids import stretched_knots as stretched_knots
from .inputs import InputSpec as InputSpec
from .inputs import as_inputs, default_inputs
from .inputs import by_name as by_name
from .inputs import column_labels as column_labels
from .inputs import input_spec as input_spec
from .inputs import input_tensor as input_tensor
from .inputs import inputs_and_targets as inputs_and_targets
from .inputs import inputs_or_default as inputs_or_default
from .inputs import split_targets as split_targets
from .inputs import without_targets as without_targets
from .layer import EdgeKind, Layer
from .least_squares.jacobian import has_jacobian as has_jacobian
from .least_squares.jacobian import output_jacobian as output_jacobian
from .least_squares.roughness import roughness_rows as roughness_rows
from .network import Edge, Network
from .perturb import perturb
from .plain_arrays import Array as Array
from .plain_arrays import FormulaEdge as FormulaEdge
from .plain_arrays import PlainLayer as PlainLayer
from .plain_arrays import PlainNetwork as PlainNetwork
from .plain_arrays import Splines as Splines
from .plain_arrays import plain_arrays as plain_arrays
from .plain_arrays import splines_of as splines_of
from .replaced import keep_replaced as keep_replaced
from .replaced import note_training as note_training
from .replaced import stand_for
from .scaler import Scaler
from .surgery import Model as Model
from .surgery import (
    add_to_biases,
    adopt,
    deepen,
    duplicate,
    mask_edges,
    select_nodes,
    set_formula,
    set_formulas,
    swap,
    unset_formula,
    widen,
)
from .surgery import replace_layers as replace_layers
from .surgery import with_layers as with_layers
from .trace import LayerTrace, Trace, trace
from .walk import forward_with, walk

__all__ = [
    "Edge",
    "EdgeKind",
    "Layer",
    "LayerTrace",
    "Network",
    "Refined",
    "Scaler",
    "Trace",
    "add_to_biases",
    "adopt",
    "as_inputs",
    "build",
    "deepen",
    "default_inputs",
    "duplicate",
    "forward_with",
    "load",
    "mask_edges",
    "perturb",
    "refine",
    "save",
    "select_nodes",
    "set_formula",
    "set_formulas",
    "stand_for",
    "swap",
    "trace",
    "unset_formula",
    "update_grid",
    "walk",
    "widen",
]
