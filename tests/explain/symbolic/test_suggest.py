"""The table for one edge: right, for any kind of edge, and without side effects."""

import pytest
import torch

from edgewise.errors import InputError, ShapeError, UnknownName
from edgewise.explain import suggest, suggest_all
from edgewise.functions import make_function
from edgewise.network import build, mask_edges, set_formula
from edgewise.train import fit


def samples(count=300):
    generator = torch.Generator().manual_seed(0)
    return 2 * torch.rand(count, 2, generator=generator, dtype=torch.float64) - 1


def state(model):
    return {name: value.clone() for name, value in model.state_dict().items()}


def test_suggest_has_no_side_effects(no_side_effects):
    model = mask_edges(build([2, 5, 1], dtype=torch.float64), [(0, 1, 1)])
    before, x = state(model), samples()
    kept = x.clone()
    suggest(model, (0, 0, 0), x)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert torch.equal(x, kept)


def test_suggest_on_a_symbolic_edge():
    model = set_formula(
        build([2, 1], dtype=torch.float64),
        (0, 1, 0),
        "sin",
        torch.tensor([3, 0.2, 2, 1], dtype=torch.float64),
    )
    table = suggest(model, (0, 1, 0), samples())
    assert table.best.function == "sin"
    assert table.best.r2 == pytest.approx(1, abs=1e-14)
    assert table.best.affine == pytest.approx((3, 0.2, 2, 1))
    assert model.edge_kind(0, 1, 0) == "formula"


def test_suggest_on_a_spline_edge_of_a_later_layer():
    table = suggest(build([2, 3, 1], seed=1), (1, 2, 0), samples().float(), max_rows=3)
    assert len(table) == 3
    hundredths = [round(100 * row.bits) for row in table]  # less of a bit decides nothing
    assert hundredths == sorted(hundredths)


def test_table_reads_well():
    lines = repr(suggest(build([2, 1], dtype=torch.float64), (0, 0, 0), samples(), max_rows=4)).splitlines()
    assert lines[0] == "edge (0, 0, 0): c f(a x + b) + d"
    assert lines[1].split() == ["function", "r2", "complexity", "bits", "a", "b", "c", "d"]
    assert len(lines) == 6
    assert len({len(line) for line in lines[1:]}) == 1


def test_user_functions_take_part():
    wave = make_function("wave", lambda t: torch.sin(t) + torch.sin(2.5 * t))
    model = set_formula(
        build([1, 1], dtype=torch.float64), (0, 0, 0), wave, torch.tensor([4, 0, 2, 1], dtype=torch.float64)
    )
    table = suggest(model, (0, 0, 0), samples()[:, :1], functions=["sin", "x", wave])
    assert table[0].function == "wave"
    assert table[0].r2 > 1 - 1e-12


def test_unknown_function_is_refused_with_advice():
    with pytest.raises(UnknownName, match="sinh"):
        suggest(build([1, 1]), (0, 0, 0), samples()[:, :1], functions=["sinhh"])


def test_bad_arguments():
    model = mask_edges(build([2, 1]), [(0, 1, 0)])
    with pytest.raises(InputError, match="it is off"):
        suggest(model, (0, 1, 0), samples())
    with pytest.raises(InputError, match="layer"):
        suggest(model, (3, 0, 0), samples())
    with pytest.raises(ShapeError, match="x must have 2 columns"):
        suggest(model, (0, 0, 0), samples()[:, :1])
    with pytest.raises(InputError, match="max_rows"):
        suggest(model, (0, 0, 0), samples(), max_rows=0)
    with pytest.raises(InputError, match="finite"):
        suggest(model, (0, 0, 0), samples() * float("nan"))


def test_one_sample_gives_the_constant():
    assert suggest(build([2, 1]), (0, 0, 0), samples(1)).best.function == "0"


def test_all_edges_at_once_get_the_tables_they_get_alone(no_side_effects):
    model, x = mask_edges(build([2, 3, 1], dtype=torch.float64, seed=2), [(0, 1, 1)]), samples()
    tables = suggest_all(model, x, max_rows=3)
    assert list(tables) == list(model.active_edges())
    for edge, table in tables.items():
        alone = suggest(model, edge, x, max_rows=3)
        assert [row.function for row in table] == [row.function for row in alone]
        assert [row.bits for row in table] == pytest.approx([row.bits for row in alone], abs=0.1)


def test_some_edges_and_none():
    model, x = build([2, 3, 1], dtype=torch.float64), samples()
    assert list(suggest_all(model, x, edges=[(1, 2, 0), (0, 0, 1)], functions=["x"])) == [
        (1, 2, 0),
        (0, 0, 1),
    ]
    assert suggest_all(model, x, edges=[]) == {}


def test_an_edge_that_is_off_is_refused_among_many():
    model = mask_edges(build([2, 3, 1]), [(0, 1, 1)])
    with pytest.raises(InputError, match="suggest_all: edges must be on"):
        suggest_all(model, samples(), edges=[(0, 0, 0), (0, 1, 1)])


def test_powers_of_nearly_one_exponent_are_one_entry():
    x = torch.linspace(0.2, 3, 200, dtype=torch.float64)[:, None]
    model = build([1, 1], grid=8, seed=0, dtype=torch.float64)
    fit(model, (x, x**1.5 + 0.02 * torch.sin(40 * x)), steps=20, progress=False)
    names = [row.function for row in suggest(model, (0, 0, 0), x, max_rows=12)]
    assert "x^1.5" in names
    assert not [name for name in names if name.startswith(("x^1.49", "x^1.50"))]
