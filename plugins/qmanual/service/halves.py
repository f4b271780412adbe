"""Work on two cores: half of it is done by a copy of this process, where the system makes such a copy at once (Linux).

Starting another Python and sending it what to work on would take as long as most of this work does.
"""

import gc
import os
import pickle
import sys
import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

MANY = 1000
"""From how many pieces on a copy is worth its making."""

T = TypeVar("T")
R = TypeVar("R")


def in_halves(work: Callable[[T], R], items: Sequence[T]) -> list[R]:
    """What `work` makes of every item, in their order. It changes nothing but what it returns."""
    if len(items) < MANY or not _can_copy():
        return [work(item) for item in items]
    middle = len(items) // 2
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        _deliver(writer, work, items[middle:])
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        first = [work(item) for item in items[:middle]]
        data = pipe.read()
    _, status = os.waitpid(child, 0)
    return first + (pickle.loads(data) if status == 0 else [work(item) for item in items[middle:]])


def _can_copy() -> bool:
    """Whether a copy is cheap, safe (no other thread holds anything), and finds a core of its own."""
    return sys.platform == "linux" and threading.active_count() == 1 and len(os.sched_getaffinity(0)) > 1


def _deliver(writer: int, work: Callable[[T], R], items: Sequence[T]) -> None:
    """The copy's part: work, hand over, and end without anything that a process does at its end."""
    try:
        gc.disable()
        with os.fdopen(writer, "wb") as pipe:
            pickle.dump([work(item) for item in items], pipe, protocol=pickle.HIGHEST_PROTOCOL)
        os._exit(0)
    finally:
        os._exit(1)
