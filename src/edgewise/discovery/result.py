"""What `discover` gives back: laws from simple to accurate, and the one that was chosen."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from ..errors import InputError
from ..explain import Formula, compile, formula
from ..network import Network
from .law import Law
from .problem import Array
from .split import Split

_BOLD = ' style="font-weight:bold"'


@dataclass(frozen=True)
class Discovery:
    """Laws, each simpler than the next and less accurate: a Pareto front.

    Attributes:
        laws: By complexity; a law stands here if none as simple is as accurate on held-out samples.
        best: The one of the shortest description; None where no law earns its place.
        why: Why it was chosen, or why none was, in a sentence.
        noise: Deviation of the targets' noise as it was given or estimated, in their units.
        seconds: How long the search took.
        stopped: Why it ended: "exact", "all searched", "time" or "interrupted".
        samples: What laws were fitted to, and what was held out.
        others: Laws that were found too, and have simpler ones beside them that are as accurate.
    """

    laws: tuple[Law, ...]
    best: Law | None
    why: str
    noise: float
    seconds: float
    stopped: str
    samples: Split
    others: tuple[Law, ...] = ()

    def _chosen(self) -> Law:
        if self.best is None:
            raise InputError(f"discover: there must be a law; got none. {self.why}")
        return self.best

    def predict(self, x: Any) -> Array:
        """Values (n,) of the chosen law at inputs (n, columns).

        Raises:
            InputError: no law was chosen.
        """
        return self._chosen().predict(x)

    def latex(self) -> str:
        """The chosen law in LaTeX."""
        return self._chosen().latex()

    def network(self) -> Network:
        """The chosen law as a network of formula edges, equal to it to rounding."""
        law = self._chosen()
        return compile(law.expression, law.symbols, x=self.samples.x)

    def formula(self) -> Formula:
        """The chosen law as a `Formula`, judged as those of networks are."""
        noise = self.noise if self.noise > 0 else None
        data = (torch.from_numpy(self.samples.x), torch.from_numpy(self.samples.y)[:, None])
        return formula(self.network(), data, noise=noise)

    def table(self) -> str:
        """The front: complexity, error on held-out samples, bits, verdict and law, a line each."""
        rows = [("complexity", "test RMSE", "R2", "bits", "verdict", "law")]
        rows += [
            (
                str(law.complexity),
                f"{law.test_rmse:.3g}",
                f"{law.r2:.6g}",
                f"{law.bits:.0f}",
                law.verdict,
                law.text(),
            )
            for law in self.laws
        ]
        widths = [max(len(row[place]) for row in rows) for place in range(5)]
        marks = [" ", *("*" if law is self.best else " " for law in self.laws)]
        return "\n".join(
            f"{mark} "
            + "  ".join(
                [*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), _cut(row[-1])]
            )
            for mark, row in zip(marks, rows, strict=True)
        )

    def __str__(self) -> str:
        return "\n".join([self.table(), self.why, *self._errors()])

    __repr__ = __str__

    def _errors(self) -> list[str]:
        """Standard errors of the chosen law's constants, a line each, where the data have noise."""
        if self.best is None or self.noise == 0:
            return []
        lines = []
        for constant in self.best.constants:
            if not np.isfinite(constant.error):
                lines.append(f"{constant.value}: not decided by these samples")
            elif constant.value.is_Float:
                low, high = constant.interval()
                lines.append(f"{constant.fitted:.6g} +- {constant.error:.2g} (95 %: {low:.6g} to {high:.6g})")
            else:
                lines.append(
                    f"{constant.value}: fitted {constant.fitted:.6g} +- {constant.error:.2g}, {constant.distance:.1f} "
                    f"standard errors away"
                )
        return lines

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.best.latex()}$" if self.best is not None else ""

    def _repr_html_(self) -> str:
        head = "".join(
            f"<th>{name}</th>" for name in ("complexity", "test RMSE", "R2", "bits", "verdict", "law")
        )
        rows = "".join(
            f"<tr{_BOLD if law is self.best else ''}><td>{law.complexity}</td>"
            f"<td>{law.test_rmse:.3g}</td><td>{law.r2:.6g}</td><td>{law.bits:.0f}</td><td>{law.verdict}</td>"
            f"<td><code>{html.escape(law.text())}</code></td></tr>"
            for law in self.laws
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table><p>{html.escape(self.why)}</p>"


def _cut(text: str, most: int = 160) -> str:
    return text if len(text) <= most else f"{text[: most - 4]} ..."
