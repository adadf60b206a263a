"""Is a law within the noise so short that a search for a shorter one may end?"""

from __future__ import annotations

from .judge import constant_bits, law_bits
from .law import Law

_SHORT, _OF_CONSTANT = 50.0, 14.0  # more digits, which more samples give, do not make a law a longer one
_FEW_FREE, _FEW_PARTS = 3, 80.0


def is_short(law: Law) -> bool:
    """Whether a law hardly has a shorter rival: it has no free constant, or its description is short with their digits."""
    free = [one for one in law.constants if one.value.is_Float]
    digits = sum(min(_OF_CONSTANT, constant_bits(one.fitted, one.error)) for one in free)
    return not free or law_bits(law.shown, digits) < _SHORT


def is_hardly_chance(law: Law) -> bool:
    """Whether a law with few constants and few parts is hardly right by chance: a long search for a shorter one is not worth it."""
    free = sum(one.value.is_Float for one in law.constants)
    return free <= _FEW_FREE and law_bits(law.shown, 0.0) < _FEW_PARTS
