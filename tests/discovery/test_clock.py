from __future__ import annotations

from edgewise.discovery.clock import Clock


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
