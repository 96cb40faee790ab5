"""Garbage is collected on the window's thread only."""

from __future__ import annotations

import gc
import threading

import pytest

from app.desktop.garbage_collector import Collector


class Knot:
    """Garbage that only the cyclic collector finds; tells which thread freed it."""

    freed: list[str]

    def __init__(self, freed):
        self.me = self
        self.freed = freed

    def __del__(self):
        self.freed.append(threading.current_thread().name)


@pytest.fixture
def collector(qapp):
    was_on = gc.isenabled()
    yield Collector(qapp)
    if was_on:
        gc.enable()


def test_a_worker_thread_never_collects(collector, qtbot):
    freed = []

    def work():
        for _ in range(3000):
            Knot(freed)

    thread = threading.Thread(target=work, name="worker")
    thread.start()
    thread.join()
    assert freed == []
    qtbot.waitUntil(lambda: len(freed) == 3000, timeout=5000)
    assert set(freed) == {threading.main_thread().name}


def test_nothing_is_collected_before_it_is_due(collector):
    gc.collect()
    assert collector.check() is None
