"""What a formula can be made of: columns of numbers, in rows without a gap; what is left out is said."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas

from ..errors import InputError
from .tables import Prepared

_MOST_GAPS = 0.5
_FEWEST = 10


@dataclass(frozen=True)
class NumericTable:
    """Columns and a target without gaps.

    Attributes:
        inputs: Columns of numbers.
        targets: A value a row and target.
        errors: Standard deviation of each row's targets; None where no column has it.
        weights: Of the rows; None where they weigh the same.
        notes: What was left out.
    """

    inputs: pandas.DataFrame
    targets: pandas.DataFrame
    errors: np.ndarray | None
    weights: np.ndarray | None
    notes: tuple[str, ...]


def numeric_columns(prepared: Prepared, target: str, errors: str | None = None) -> NumericTable:
    """Leave out columns of text and of many gaps, and rows with a gap in what is left.

    Args:
        prepared: A table with values as target; what it has apart are more targets and errors.
        target: Name of the first target.
        errors: Name of the column that has errors.

    Raises:
        InputError: fewer than ten rows, or no column, are left.
    """
    notes, kept = list(prepared.notes), {}
    for name in prepared.inputs.columns:
        column = prepared.inputs[name]
        kind = prepared.kinds[name].kind
        if kind in ("text", "bool"):
            held = "text" if kind == "text" else "true or false"
            notes.append(f"{name} was left out: it holds {held}, which a formula says nothing of")
            continue
        values = column.to_numpy(np.float64, na_value=np.nan)
        gaps = float(np.mean(~np.isfinite(values)))
        if gaps > _MOST_GAPS:
            notes.append(f"{name} was left out: {gaps:.0%} of its entries are gaps")
            continue
        kept[name] = values
    apart = {target: prepared.target, **prepared.apart}
    whole = np.isfinite(np.column_stack([*kept.values(), *apart.values()])).all(1)
    if not whole.all():
        notes.append(f"{int((~whole).sum())} rows with gaps were left out")
    if not kept or whole.sum() < _FEWEST:
        raise InputError(
            f"discover: the table must have a column of numbers and at least {_FEWEST} rows without gaps; got {len(kept)} such "
            f"columns and {int(whole.sum())} rows. {'; '.join(notes)}"
        )
    inputs, targets = (
        pandas.DataFrame({n: values[whole] for n, values in of.items()}) for of in (kept, apart)
    )
    weights = None if prepared.weights is None else prepared.weights[whole]
    deviations = None if errors is None else targets.pop(errors).to_numpy()
    return NumericTable(inputs, targets, deviations, weights, tuple(notes))
