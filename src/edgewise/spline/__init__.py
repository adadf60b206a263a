"""B-splines: evaluation, knots, exact insertion, least-squares refit, exchange with SciPy."""

from .evaluate import basis as basis
from .evaluate import domain as domain
from .evaluate import out_of_range as out_of_range
from .evaluate import spline_edges as spline_edges
from .evaluate import spline_sum as spline_sum
