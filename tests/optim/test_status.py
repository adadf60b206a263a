from __future__ import annotations

import pytest

from edgewise.optim import status
from edgewise.optim.status import status_from_words, status_to_words

STATUSES = [value for name, value in vars(status).items() if name.isupper()]


@pytest.mark.parametrize("one", [*STATUSES, None])
def test_a_status_comes_back_from_its_words(one):
    assert status_from_words(status_to_words(one)) == one


def test_only_a_tolerance_that_was_met_is_called_converged():
    reasons = {name: value.reason for name, value in vars(status).items() if name.isupper()}
    assert reasons == {
        "SMALL_GRADIENT": "converged",
        "SMALL_CHANGE": "converged",
        "STANDSTILL": "stalled",
        "LINE_SEARCH_FAILED": "no descent",
        "DAMPED_OUT": "no descent",
        "NOT_FINITE": "non-finite",
    }


def test_an_unknown_reason_is_refused():
    with pytest.raises(ValueError, match="bored"):
        status_from_words(("bored", ""))
