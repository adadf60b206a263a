"""What `discover` gives back: laws from simple to accurate, and the one that was chosen."""

from __future__ import annotations

import html
import json
import os
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from sympy import Expr

from .._atomic import replace_file, target_of
from .._json import json_text
from .._version import __version__
from ..errors import FileError, InputError
from ..explain import Formula, compile, formula
from ..network import Network
from .archive import FORMAT, law_of, law_values, samples_of, samples_values, splines_of, splines_values
from .certainty import exact_ones, lines_on_constants, lines_on_rivals
from .digits import readable
from .front import front_html, front_rows, front_text
from .law import Law
from .numbers import Numbers
from .plain_shapes import plain_laws
from .problem import Array
from .rivals import Rival, rivals
from .snapping import Constant
from .splines import SplineNetwork
from .split import Split

_PLAIN = ("why", "noise", "seconds", "stopped")


@dataclass(frozen=True)
class Discovery:
    """Laws, each simpler than the next and less accurate: a Pareto front.

    What is printed has numbers of as many digits as their errors bear, and its errors are those of what is printed; `laws`
    and `best` have all digits. Where a method has an argument `law`, that is one of `laws`, by itself or by its number in
    the table from 0, and the chosen one if None.

    Attributes:
        laws: By complexity; a law stands here if none as simple is as accurate on held-out samples.
        best: The one of the shortest description; None where no law earns its place.
        why: Why it was chosen, or why none was, in a sentence.
        noise: Deviation of the targets' noise as it was given or estimated, in their units.
        seconds: How long the search took.
        stopped: Why it ended: "exact", "all searched", "time" or "interrupted".
        samples: What laws were fitted to, and what was held out.
        others: Laws that were found too, and have simpler ones beside them that are as accurate.
        notes: What units tell, and what was prescribed, a sentence each.
        splines: A network of splines trained to the same samples, where no law is exact or within the noise and networks
            are allowed; None else. It is what the laws are compared with, and what there is where none earns its place.
    """

    laws: tuple[Law, ...]
    best: Law | None
    why: str
    noise: float
    seconds: float
    stopped: str
    samples: Split
    others: tuple[Law, ...] = ()
    notes: tuple[str, ...] = ()
    splines: SplineNetwork | None = None

    def law(self, law: Law | int | None = None) -> Law:
        """A law of the front, with all digits.

        Args:
            law: Its number in the table, from 0; the chosen one if None.

        Raises:
            InputError: no law was chosen, or there is none of that number.
        """
        if isinstance(law, Law):
            return law
        if law is None:
            if self.best is None:
                raise InputError(f"discover: there must be a law; got none. {self.why}")
            return self.best
        if not -len(self.laws) <= law < len(self.laws):
            raise InputError(
                f"discover: law must be a number from 0 to {len(self.laws) - 1}; got {law}. print shows the table."
            )
        return self.laws[law]

    def shown(self, law: Law | int | None = None) -> Law:
        """A law as it is printed: with the digits that its errors bear, and the errors of what is printed.

        Args:
            law: As above.
        """
        found = self.law(law)
        if found not in self._shown:
            self._shown[found] = readable(found, self.samples, self.numbers(found))
        return self._shown[found]

    @cached_property
    def _shown(self) -> dict[Law, Law]:
        return {}

    def numbers(self, law: Law | int | None = None) -> Numbers:
        """The floats that stand in a law, with their covariance, standard errors and correlations.

        Args:
            law: As above.
        """
        return Numbers.of(self.law(law), self.samples)

    def constants(self, law: Law | int | None = None) -> tuple[Constant, ...]:
        """The numbers of a law with their standard errors: those that stand in it, then those set to exact numbers.

        Args:
            law: As above.

        Example:
            >>> import numpy as np
            >>> from edgewise import discover
            >>> random = np.random.default_rng(0)
            >>> x = random.uniform(1, 3, (200, 1))
            >>> found = discover(x, 0.731 * x[:, 0] ** 2 + 0.01 * random.standard_normal(200), noise=0.01)
            >>> low, high = found.constants()[0].interval(0.95)
            >>> bool(low < 0.731 < high)
            True
        """
        found = self.law(law)
        return (*self.numbers(found).constants, *exact_ones(found))

    @cached_property
    def rivals(self) -> tuple[Rival, ...]:
        """Laws that the samples do not tell from the chosen one, simple ones first; of one variable also plain curves of it."""
        if self.best is None:
            return ()
        laws = (*self.laws, *self.others, *plain_laws(self.best, self.samples, self.noise))
        return rivals(self.best, laws, self.samples, self.noise)

    def predict(self, x: Any, law: Law | int | None = None) -> Array:
        """Values (n,) of a law, with all its digits; never those of `splines`, which has a `predict` of its own.

        Args:
            x: Inputs (n, columns); columns of a frame are found by name.
            law: As above.

        Raises:
            InputError: no law was chosen.
        """
        return self.law(law).predict(x)

    def latex(self, law: Law | int | None = None) -> str:
        """A law in LaTeX, as it is printed.

        Args:
            law: As above.
        """
        return self.shown(law).latex()

    def sympy(self, law: Law | int | None = None) -> Expr:
        """A law as a sympy expression, with all digits.

        Args:
            law: As above.
        """
        return self.law(law).expression

    def numpy(self, law: Law | int | None = None) -> str:
        """A Python module that computes a law with NumPy alone, with all digits: its function is `predict`.

        Args:
            law: As above.
        """
        return self.law(law).numpy()

    def c(self, law: Law | int | None = None, name: str = "law") -> str:
        """A C99 file that computes a law, with all digits.

        Args:
            law: As above.
            name: Of its function.
        """
        return self.law(law).c(name)

    def network(self, law: Law | int | None = None) -> Network:
        """A law as a network of formula edges, equal to it to rounding.

        Args:
            law: As above.
        """
        found = self.law(law)
        return compile(found.expression, found.symbols, x=self.samples.x)

    def formula(self, law: Law | int | None = None) -> Formula:
        """A law as a `Formula`, judged as those of networks are.

        Args:
            law: As above.
        """
        noise = self.noise if self.noise > 0 else None
        data = (torch.from_numpy(self.samples.x), torch.from_numpy(self.samples.y)[:, None])
        return formula(self.network(law), data, noise=noise)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Keep all of it in one file of JSON, whole or not at all: formulas as text, and the samples.

        Args:
            path: File to write.

        Raises:
            InputError: it cannot be written.
        """
        values = {
            "format": FORMAT,
            "edgewise": __version__,
            "names": [str(symbol) for law in (*self.laws, *self.others)[:1] for symbol in law.symbols],
            "laws": [law_values(law, list(self.samples.known)) for law in self.laws],
            "others": [law_values(law, list(self.samples.known)) for law in self.others],
            "best": self._place,
            **{name: getattr(self, name) for name in _PLAIN},
            "notes": list(self.notes),
            "samples": samples_values(self.samples),
            "splines": None if self.splines is None else splines_values(self.splines),
        }
        replace_file(target_of("save", path), json_text(values).encode())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Discovery:
        """Read what `save` wrote. Nothing in it is run.

        Args:
            path: The file.

        Raises:
            FileError: it holds no discovery, or a damaged one.
        """
        try:
            values = json.loads(Path(path).read_text("utf-8"))
            if values["format"] != FORMAT:
                raise ValueError(f"format {values['format']!r}")
            samples = samples_of(values["samples"])
            laws = tuple(law_of(one, values["names"], samples) for one in values["laws"])
            return cls(
                laws=laws,
                best=None if values["best"] is None else laws[values["best"]],
                samples=samples,
                others=tuple(law_of(one, values["names"], samples) for one in values["others"]),
                notes=tuple(map(str, values["notes"])),
                splines=None if values["splines"] is None else splines_of(values["splines"]),
                **{name: values[name] for name in _PLAIN},
            )
        except (
            KeyError,
            TypeError,
            ValueError,
            IndexError,
            ArithmeticError,
            AttributeError,
            SyntaxError,
            RecursionError,
        ) as error:
            raise FileError(
                f"load: path must be a file that Discovery.save wrote; got {str(path)!r}, which is none: {error}. "
                f"Save the discovery anew."
            ) from error

    def rows(self) -> list[dict[str, Any]]:
        """The front as plain values, a row a law, as it is printed; `pandas.DataFrame` takes it."""
        return front_rows([self.shown(law) for law in self.laws], self._place)

    def table(self) -> str:
        """The front as it is printed: complexity, error on held-out samples, bits, verdict and law, a line each.

        The network of splines, where there is one, is the last line; its complexity is how many numbers it has.
        """
        return front_text([self.shown(law) for law in self.laws], self._place, self.splines)

    @property
    def _place(self) -> int | None:
        return None if self.best is None else self.laws.index(self.best)

    def __str__(self) -> str:
        return "\n".join([*([self.table()] if self.laws else []), self.why, *self.notes, *self._remarks()])

    __repr__ = __str__

    def _remarks(self) -> list[str]:
        if self.best is None:
            return []
        shown = [replace(rival, law=self.shown(rival.law)) for rival in self.rivals]
        return [*lines_on_constants(self.best, self.numbers()), *lines_on_rivals(shown)]

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$" if self.best is not None else ""

    def _repr_html_(self) -> str:
        remarks = "".join(f"<br>{html.escape(line.strip())}" for line in self._remarks())
        table = front_html([self.shown(law) for law in self.laws], self._place, self.splines)
        return f"{table}<p>{html.escape(self.why)}{remarks}</p>"
