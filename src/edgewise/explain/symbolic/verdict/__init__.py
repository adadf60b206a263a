"""How well a formula does: beside the samples, and beside the network it replaced. Needs no sympy."""

from .evidence import Evidence as Evidence
from .judgement import Judgement as Judgement
from .judgement import Verdict as Verdict
from .judging import judge as judge
from .judging import judge_network as judge_network
from .samples import FormulaSamples as FormulaSamples
from .samples import formula_samples as formula_samples
