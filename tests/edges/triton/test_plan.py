from __future__ import annotations

import pytest
import torch

from edgewise.edges import EdgeWeights
from edgewise.edges.triton import plan

DTYPES = (torch.float32, torch.float64)


def is_power_of_two(number: int) -> bool:
    return number > 0 and number & (number - 1) == 0


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("size", [1, 2, 5, 8, 9, 23, 53, 64, 200])
@pytest.mark.parametrize("outputs", [1, 10, 33, 64, 1000])
@pytest.mark.parametrize("batch", [1, 33, 100, 16384])
def test_tiles_are_what_the_language_asks_for(batch, outputs, size, dtype):
    """Powers of two, and matrices of at least 16 along what is summed over."""
    local = [plan.gather_tiles(batch, outputs, dtype, gradient) for gradient in (False, True)]
    dense = [
        plan.sums_tiles(batch, outputs, min(size, 64), dtype),
        plan.input_gradient_tiles(batch, outputs, min(size, 64), dtype),
        plan.weight_gradient_tiles(outputs, size, dtype),
    ]
    assert all(is_power_of_two(number) for tiles in local + dense for number in tiles)
    assert all(tiles.rows == 32 * tiles.warps for tiles in local)
    sums, input_gradient, weight_gradient = dense
    assert sums.group * sums.width >= 16
    assert input_gradient.columns >= 16
    assert weight_gradient.rows >= 16
    assert sums.width >= min(size, 64) and input_gradient.width >= min(size, 64)


@pytest.mark.parametrize("length", [1, 7, 64, 1000])
@pytest.mark.parametrize("step", [1, 4, 16])
@pytest.mark.parametrize("programs", [1, 3, 8, 10_000])
def test_chunks_are_whole_steps_and_not_longer_than_needed(length, step, programs):
    chunk = plan.split_k(length, step, programs, torch.device("cpu"))
    assert chunk % step == 0
    assert 0 < chunk < length + step


@pytest.mark.parametrize("intervals", range(1, 40))
def test_a_binary_search_of_so_many_steps_reaches_every_interval(intervals):
    steps = plan.search_steps(intervals + 3, 3, "linear")
    assert 2**steps >= intervals > 2 ** (steps - 1) or intervals == 1


def test_precision_follows_the_setting_of_torch():
    settings = torch.backends.cuda.matmul
    before = settings.allow_tf32
    try:
        settings.allow_tf32 = True
        assert plan.precision("sums", torch.float32) == "tf32"
        assert plan.precision("sums", torch.float64) == "float64"
        settings.allow_tf32 = False
        assert plan.precision("sums", torch.float32) == plan.EXACT["sums"]
    finally:
        settings.allow_tf32 = before


@pytest.mark.parametrize(
    ("batch", "inputs", "size", "outputs", "much"),
    [
        (16384, 1000, 8, 1000, True),
        (100, 1000, 8, 1000, False),
        (1024, 256, 11, 256, True),
        (16384, 784, 23, 64, True),
        (16384, 64, 8, 64, False),
        (16384, 784, 23, 10, False),
    ],
)
def test_split_float16_is_used_where_there_is_much_to_do(batch, inputs, size, outputs, much):
    x = torch.empty(batch, inputs, device="meta")
    weights = EdgeWeights(
        *(torch.empty(*sides, device="meta") for sides in ((inputs, size, outputs), (1, 1)))
    )
    assert plan.use_split_fp16(x, weights, "sums") == much
    assert not plan.use_split_fp16(x.double(), weights, "sums")


@pytest.mark.parametrize(("batch", "features"), [(1, 1), (1000, 2**27), (16384, 18816), (7, 2**30)])
def test_pieces_cover_all_samples_once(batch, features):
    found = plan.row_chunks(batch, features)
    assert [row for rows in found for row in range(batch)[rows]] == list(range(batch))
    assert all(
        rows.stop - rows.start == 1 or (rows.stop - rows.start) * features <= plan.MAX_FEATURES
        for rows in found
    )
