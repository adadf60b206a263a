"""What is known of a law beforehand: the options that say it, and what they say."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any

import typer

from .console import WrongUse
from .table_options import with_options


def _option(*names: str, **settings: Any) -> Any:
    return typer.Option(*names, rich_help_panel="What is known of the law", **settings)


_OPTIONS: dict[str, Any] = {
    "noise": Annotated[
        str | None,
        _option(
            "--noise", help="Standard deviation of the target's noise, 0 for none; or a column of one a row."
        ),
    ],
    "weights": Annotated[
        str | None, _option("--weights", metavar="COLUMN", help="Column that says how much each row counts.")
    ],
    "unit": Annotated[
        list[str] | None,
        _option(
            "--unit", metavar="COLUMN=UNIT", help="Such as m=kg or v=m/s, of every column and the target."
        ),
    ],
    "constant": Annotated[
        list[str] | None,
        _option(
            "--constant",
            metavar="NAME[=VALUE]",
            help="With units: a constant a law may hold, as c or 'g=9.81 m/s^2'.",
        ),
    ],
    "guess": Annotated[str | None, _option("--guess", help="A formula to start from, as 'p*a*exp(-k*b)'.")],
    "form": Annotated[str | None, _option("--form", help="What a law consists of, as 'a*f(x) + g(y, z)'.")],
    "functions": Annotated[
        list[str] | None,
        _option(
            "--functions", metavar="NAMES", help="Functions that may occur, as sin,sqrt; all if left out."
        ),
    ],
    "require": Annotated[
        list[str] | None, _option("--require", metavar="COLUMN", help="Column that has to occur.")
    ],
    "forbid": Annotated[
        list[str] | None,
        _option("--forbid", "--ignore", metavar="COLUMN", help="Column that must not occur: it is left out."),
    ],
    "limit": Annotated[
        list[str] | None,
        _option("--limit", metavar="LIMIT", help="What a law comes to somewhere, as 'x -> oo = 0'."),
    ],
}


def tells_of_a_law(command: Callable[..., None]) -> Callable[..., None]:
    """A command with the options that say what is known of a law, which it gets as one, `known`.

    Args:
        command: Has an argument `known`, a mapping for `what_is_known`.
    """
    return with_options(command, "known", _OPTIONS)


def what_is_known(
    *,
    noise: str | None,
    weights: str | None,
    unit: list[str] | None,
    require: list[str] | None,
    forbid: list[str] | None,
    **prescribed: Any,
) -> dict[str, Any]:
    """The options as a search of a table takes them, checked.

    Args:
        noise: As --noise.
        weights: As --weights.
        unit: As --unit.
        require: As --require.
        forbid: As --forbid.
        **prescribed: As --constant, --guess, --form, --functions and --limit.

    Raises:
        WrongUse: one has a value that it cannot have.
    """
    deviation, errors = noise_from(noise)
    return {
        "ignore": forbid or [],
        "required": require or [],
        "noise": deviation,
        "errors": errors,
        "weights": weights,
        "units": units_from(unit or ()),
        "prescribed": {
            "constants": constants_from(prescribed["constant"] or ()),
            "guess": prescribed["guess"],
            "form": prescribed["form"],
            "functions": listed(prescribed["functions"] or ()),
            "limits": limits_from(prescribed["limit"] or ()),
        },
    }


def units_from(given: Iterable[str]) -> dict[str, str] | None:
    """The option --unit as a mapping of columns to units; None where it is left out.

    Args:
        given: Each "column=unit".

    Raises:
        WrongUse: one is not of that form.

    Example:
        >>> units_from(["v=m/s", "a=b=kg"])
        {'v': 'm/s', 'a=b': 'kg'}
    """
    return dict(_pair("--unit", item, "COLUMN=UNIT", "v=m/s") for item in given) or None


def constants_from(given: Iterable[str]) -> dict[str, str | None]:
    """The option --constant as a mapping of names to values, None for what is known of them.

    Args:
        given: Each "name" or "name=value".

    Raises:
        WrongUse: one is not of that form.

    Example:
        >>> constants_from(["c", "g=9.81 m/s^2"])
        {'c': None, 'g': '9.81 m/s^2'}
    """
    found: dict[str, str | None] = {}
    for item in given:
        name, mark, value = item.partition("=")
        if not name.strip() or (mark and not value.strip()):
            raise WrongUse(
                f"discover: --constant must be NAME or NAME=VALUE; got {item!r}. An example: --constant 'g=9.81 m/s^2'."
            )
        found[name.strip()] = value.strip() or None
    return found


def limits_from(given: Iterable[str]) -> dict[str, float | str] | None:
    """The option --limit as a mapping of places to what laws come to; None where it is left out.

    Args:
        given: Each "column -> point = value".

    Raises:
        WrongUse: one is not of that form.

    Example:
        >>> limits_from(["x -> oo = 0", "v -> 0 = m*v^2/2"])
        {'x -> oo': 0.0, 'v -> 0': 'm*v^2/2'}
    """
    found: dict[str, float | str] = {}
    for item in given:
        place, value = _pair("--limit", item, "'COLUMN -> POINT = VALUE'", "'x -> oo = 0'")
        number = _number(value)
        found[place.strip()] = value.strip() if number is None else number
    return found or None


def listed(given: Iterable[str]) -> list[str] | None:
    """Words that may be joined by commas, each by itself; None where there are none.

    Args:
        given: As --functions.

    Example:
        >>> listed(["sin, sqrt", "exp"])
        ['sin', 'sqrt', 'exp']
    """
    return [word.strip() for item in given for word in item.split(",") if word.strip()] or None


def noise_from(given: str | None) -> tuple[float | None, str | None]:
    """The option --noise: a standard deviation, or the name of a column that has one for each row.

    Args:
        given: None where it is left out.

    Raises:
        WrongUse: it is a number that is no standard deviation.

    Example:
        >>> noise_from("0.02"), noise_from("error"), noise_from(None)
        ((0.02, None), (None, 'error'), (None, None))
    """
    number = None if given is None else _number(given)
    if number is None:
        return None, given
    if not 0 <= number < math.inf:
        raise WrongUse(
            f"discover: --noise must be a standard deviation, 0 or more, or a column of them; got {given}. Leave it out."
        )
    return number, None


def check_bounds(seconds: float, test: float, seed: int) -> Mapping[str, Any]:
    """Options that are numbers, as settings.

    Args:
        seconds: As --seconds.
        test: As --test.
        seed: As --seed.

    Raises:
        WrongUse: one is out of bounds.
    """
    if not 0 < seconds < math.inf:
        raise WrongUse(f"discover: --seconds must be above 0; got {seconds}. The default is 60.")
    if not 0 < test < 1:
        raise WrongUse(f"discover: --test must be above 0 and below 1; got {test}. The default is 0.2.")
    if seed < 0:
        raise WrongUse(f"discover: --seed must be at least 0; got {seed}. The default is 0.")
    return {"seconds": seconds, "test": test, "seed": seed}


def _pair(option: str, item: str, form: str, example: str) -> tuple[str, str]:
    left, mark, right = item.rpartition("=")
    if not mark or not left.strip() or not right.strip():
        raise WrongUse(f"discover: {option} must be {form}; got {item!r}. An example: {option} {example}.")
    return left, right


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
