"""B-splines: evaluation, knots, exact insertion, least-squares refit, exchange with SciPy."""

from .equidistributed_knots import equidistributed_knots as equidistributed_knots
from .evaluate import EXTRAPOLATIONS as EXTRAPOLATIONS
from .evaluate import basis, domain, out_of_range, spline_edges, spline_sum
from .evaluate import refuse_out_of_range as refuse_out_of_range
from .exchange import to_scipy as to_scipy
from .knots import adaptive_knots as adaptive_knots
from .knots import inner_knots as inner_knots
from .knots import pad_knots as pad_knots
from .knots import subdivided_knots as subdivided_knots
from .knots import uniform_knots as uniform_knots
from .refit import fit_coef as fit_coef
from .refit import project as project

__all__ = [
    "basis",
    "domain",
    "out_of_range",
    "spline_edges",
    "spline_sum",
]
