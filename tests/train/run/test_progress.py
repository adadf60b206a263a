from __future__ import annotations

import io

import pytest

from edgewise.train.run.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("stream", "shown"), [(io.StringIO, None), (io.StringIO, False), (Terminal, False)])
def test_silent_unless_asked_or_on_a_terminal(stream, shown):
    stream = stream()
    line = Progress(1, shown, stream)
    line.update(1, {"train_loss": 0.5})
    line.close()
    assert stream.getvalue() == ""


@pytest.mark.parametrize(("stream", "shown"), [(Terminal, None), (io.StringIO, True)])
def test_one_line_that_is_ended_once(stream, shown):
    stream = stream()
    line = Progress(1, shown, stream)
    line.update(1, {"train_loss": 0.5, "penalty": 2.0})
    line.close()
    text = stream.getvalue()
    assert text.count("\n") == 1 and text.endswith("\n")
    assert "1/1" in text and "train_loss 0.5" in text and "penalty 2" in text


def test_nothing_written_needs_no_end():
    stream = Terminal()
    Progress(3, None, stream).close()
    assert stream.getvalue() == ""
