import numpy as np

from edgewise.datasets import knots


def test_the_table_is_what_is_known_of_knots():
    table = knots()
    assert table.rows == 12954 and len(set(table["name"])) == 12954
    assert "SnapPy" in table.source and table.licence == "MIT"
    # The figure-eight knot: twice the volume of the regular ideal tetrahedron, cusp of 2 sqrt 3 by 1.
    first = {name: column[0] for name, column in table.items()}
    assert first["name"] == "K4a1" and abs(first["volume"] - 2.0298832128) < 1e-7
    assert abs(first["longitude"] - 2 * 3**0.5) < 1e-7 and first["meridian_imag"] == 1


def test_laws_that_hold_on_every_row():
    table = knots()
    area = table["longitude"] * table["meridian_imag"]
    assert np.abs(table["cusp_volume"] / (area / 2) - 1).max() < 2e-7
    assert (np.abs(table["signature"]) <= 2 * table["genus"]).all() and (table["signature"] % 2 == 0).all()
    mirrored = table["amphicheiral"] == 1
    assert (table["signature"][mirrored] == 0).all() and (table["meridian_real"][mirrored] == 0).all()
    slope = (
        table["longitude"]
        * table["meridian_real"]
        / (table["meridian_real"] ** 2 + table["meridian_imag"] ** 2)
    )
    assert 0.94 < np.corrcoef(slope, table["signature"])[0, 1] ** 2 < 0.945


def test_columns_cannot_be_changed_by_accident():
    assert not knots()["volume"].flags.writeable
