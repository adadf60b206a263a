import pytest
import torch

from edgewise.errors import InputError, UnknownName
from edgewise.pde import Box


def test_samples_lie_inside_and_repeat_for_a_seed():
    box = Box(x=(-2, 3), t=(0, 1))
    points = box.sample(100, seed=4)
    assert ((points >= box.low) & (points <= box.high)).all()
    assert torch.equal(points, box.sample(100, seed=4))
    assert not torch.equal(points, box.sample(100, seed=5))


def test_no_global_random_state_is_touched():
    before = torch.get_rng_state()
    Box(x=(0, 1)).sample(10)
    assert torch.equal(before, torch.get_rng_state())


def test_faces_are_read_from_words():
    box = Box(x=(0, 1), y=(0, 1), t=(0, 2))
    assert box.faces("t.low") == (("t", "low"),)
    assert box.faces(["x", "x.high"]) == (("x", "low"), ("x", "high"))
    assert ("t", "high") not in box.faces("all")


def test_faces_of_an_interval_are_points():
    box = Box(x=(0, 3))
    assert box.sample_face(("x", "high"), 50).tolist() == [[3.0]]


@pytest.mark.parametrize("names", [("x", "y"), ("x", "y", "z")])
def test_points_of_a_face_lie_on_it(names):
    box = Box(**dict.fromkeys(names, (-1, 2)))
    points = box.sample_face(("y", "low"), 20)
    assert (points[:, 1] == -1).all() and points[:, 0].unique().numel() == 20


def test_a_mesh_has_the_corners():
    mesh = Box(x=(0, 1), y=(2, 3)).mesh(3)
    assert mesh.shape == (9, 2) and [0.0, 2.0] in mesh.tolist() and [1.0, 3.0] in mesh.tolist()


@pytest.mark.parametrize("ends", [(1, 0), (0, 0), (0, float("inf")), (float("nan"), 1), (0, 1, 2)])
def test_ends_that_do_not_rise_are_refused(ends):
    with pytest.raises(InputError, match="rising"):
        Box(x=ends)


def test_a_box_without_sides_is_refused():
    with pytest.raises(InputError, match="at least one side"):
        Box()


@pytest.mark.parametrize("word", ["z", "x.left"])
def test_unknown_faces_are_refused(word):
    with pytest.raises(UnknownName):
        Box(x=(0, 1)).faces(word)


@pytest.mark.parametrize("ends", [(1e9, 1e9 + 1e-3), (-1e12, -1e12 + 1), (5.0, 5.0 + 1e-12)])
def test_a_side_without_numbers_in_it_is_refused(ends):
    with pytest.raises(InputError, match="nearer"):
        Box(x=(0, 1), y=ends)
    assert Box(x=(0, 1e-300), y=(1e9, 1e9 + 10)).names == ("x", "y")


def test_what_is_outside_by_rounding_is_inside():
    box = Box(x=(0, 1e-6), t=(2000, 2001))
    inside = box.mesh(5).to(torch.float32)
    assert not box.outside(inside).any() and not box.outside(box.sample(50)).any()
    beyond = torch.tensor([[1.1e-6, 2000.5], [-1e-7, 2000.5], [5e-7, 1999.9], [5e-7, 2001.1]])
    assert box.outside(beyond).all()
