from __future__ import annotations

import time

import pytest

from edgewise.discovery.clock import Clock, measure_time_by, now
from edgewise.discovery.deadline import TimeUpError, within


def test_parts_stop_with_the_whole():
    clock = Clock(1000.0)
    part = clock.part(0.1)
    assert 90 < part.seconds <= 100
    assert part.left()
    clock.stop()
    assert not part.left()
    assert not clock.left()
    assert not Clock(0.0).left()
    assert Clock(0.0).part(0.5, least=2).seconds == 2


def test_searches_may_count_seconds_of_the_processor():
    measure_time_by(time.process_time)
    try:
        clock = Clock(0.2)
        assert within(0.2, lambda: time.sleep(0.4)) is None and clock.remaining > 0.1
        with pytest.raises(TimeUpError):
            within(0.05, lambda: sum(number for number in iter(int, 1)))
    finally:
        measure_time_by(time.monotonic)
    assert now() == pytest.approx(time.monotonic(), abs=1)
