"""A window whose model has a natural look, with a stand-in's weights."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QGuiApplication

from app.worker.codec_worker import CodecWorker
from hpcm_core import codec
from hpcm_core.look import NATURAL
from tests.app.conftest import LONG, open_and_encode
from tests.hpcm_core.standin_look import install_look


@pytest.fixture(scope="module")
def weights(tmp_path_factory, qapp):
    """A look for the bundled model, for this process and those that it starts."""
    with pytest.MonkeyPatch.context() as patch:
        home = tmp_path_factory.mktemp("looks")
        patch.setenv("HPCM_DATA_DIR", str(home))
        install_look(home)
        yield home


@pytest.fixture(scope="module")
def looking_worker(weights):
    worker = CodecWorker()
    worker.start()
    yield worker
    worker.stop()
    QGuiApplication.clipboard().clear()


@pytest.fixture(scope="module")
def made():
    return []


@pytest.fixture
def looked(make_window, looking_worker, picture_file, made, qtbot):
    """A window with the small picture, encoded and checked; of these tests' own, since others have no look."""
    window = make_window(worker=looking_worker)
    for result in made:
        window.session.cache.put(*result)
    open_and_encode(window, picture_file, qtbot)
    if not made:
        made.append((window.session.original.pixels, window.session.recipe, window.session.outcome))
    window.activateWindow()
    window.canvas.setFocus()
    return window


@pytest.fixture(scope="module")
def natural_of():
    """The natural picture of a file, from the codec itself; made once."""
    found = {}

    def of(data):
        if data not in found:
            found[data] = codec.decode(data, look=NATURAL).picture.pixels
        return found[data]

    return of


def settled(window, look, qtbot):
    natural = window.session.natural
    qtbot.waitUntil(lambda: natural.shown == natural.wanted == look and window.session.idle, timeout=LONG)


def jobs_of(window, monkeypatch):
    """The kinds of jobs that are asked for from now on."""
    asked, submit = [], window.session.submit
    monkeypatch.setattr(
        window.session,
        "submit",
        lambda job, *rest, **more: (asked.append(type(job).__name__), submit(job, *rest, **more)),
    )
    return asked
