from __future__ import annotations

import sympy

from edgewise.discovery.operations import Op
from edgewise.discovery.program import program_of

A, B, C = sympy.symbols("a b c")


def written(form, places=(C,)):
    return [(op.name, at) for op, at in program_of(form, places, (A, B)).steps]


def test_what_is_the_same_is_computed_once():
    program = program_of(sympy.sin(C * A) + sympy.sin(C * A) ** 2, [C], [A, B])
    assert [op for op, _ in program.steps] == [Op.MUL, Op.SIN, Op.SQUARE, Op.ADD]


def test_what_the_constants_do_not_change_comes_first():
    program = program_of(C * A * B, [C], [A, B])
    assert program.steps == ((Op.MUL, (1, 2)), (Op.MUL, (3, 0)))
    assert program.varying == (True, False, False, False, True)


def test_floats_are_constants_where_they_are_named_and_numbers_elsewhere():
    form = 1.5 * A + 2.5
    program = program_of(form, [sympy.Float(1.5)], [A, B])
    assert (program.constants, program.numbers) == (1, (2.5,))


def test_roots_quotients_and_small_differences():
    assert written(sympy.sqrt(C)) == [("SQRT", (0,))]
    assert written(A / C) == [("DIV", (1, 0))]
    assert written(C**-2) == [("SQUARE", (0,)), ("DIV", (3, 4))]
    assert written(sympy.exp(C) - 1) == [("EXPM1", (0,))]
    assert [name for name, _ in written(2 * sympy.exp(C) - 2)] == ["EXPM1", "MUL"]
    assert [name for name, _ in written(sympy.exp(C) + 1)] == ["EXP", "ADD"]
    assert written(C**4) == [("POW", (0, 3))]


def test_constants_and_columns_alone_are_programs_of_no_steps():
    assert (program_of(C, [C], [A, B]).result, program_of(B, [C], [A, B]).result) == (0, 2)


def test_what_programs_do_not_know_has_none():
    for form in (sympy.I * A, sympy.besselj(0, A), sympy.Symbol("other") + A, sympy.zoo, sympy.oo, sympy.nan):
        assert program_of(form, [C], [A, B]) is None
