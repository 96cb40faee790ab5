"""The local socket of the one window: other users of the machine neither reach it nor stand in for it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from PySide6.QtCore import QDir

from app.desktop import single_instance

NOBODY = 65534

pytestmark = [
    pytest.mark.trust,
    pytest.mark.skipif(
        sys.platform != "linux" or os.geteuid() != 0, reason="only root of a Linux machine can be somebody else"
    ),
]


def somebody_else(script: str, *arguments: str) -> subprocess.Popen[str]:
    script = f"import os, socket, sys\nos.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY})\n{script}"
    return subprocess.Popen([sys.executable, "-c", script, *arguments], stdout=subprocess.PIPE, text=True)


def place(name: str) -> str:
    return QDir(QDir.tempPath()).absoluteFilePath(name)


def test_others_cannot_connect(qapp, tmp_path):
    name = single_instance.name_of(tmp_path)
    first = single_instance.Instance(name)
    assert first.listen()
    script = """
try:
    socket.socket(socket.AF_UNIX).connect(sys.argv[1])
except PermissionError:
    print("refused")
"""
    assert somebody_else(script, place(name)).communicate(timeout=60)[0] == "refused\n"
    first.close()


def test_a_socket_that_another_user_has_put_there_hears_nothing(qapp, tmp_path):
    """It answers as a window would; but names of files are not for its ears, and the start is one of its own."""
    name = single_instance.name_of(tmp_path)
    script = """
listening = socket.socket(socket.AF_UNIX)
listening.bind(sys.argv[1])
os.chmod(sys.argv[1], 0o777)
listening.listen()
print("ready", flush=True)
connection, _ = listening.accept()
try:
    connection.sendall(b"ok\\n")
    print(connection.recv(1000), flush=True)
except (BrokenPipeError, ConnectionResetError):
    print(b"", flush=True)
"""
    squatter = somebody_else(script, place(name))
    try:
        assert squatter.stdout.readline() == "ready\n"
        assert not single_instance.hand_over(name, [tmp_path / "secret.png"])
        assert squatter.stdout.readline() == "b''\n"
    finally:
        squatter.kill()
        squatter.communicate()
        os.unlink(place(name))


def test_requests_of_others_are_not_read(qapp, tmp_path, qtbot, monkeypatch):
    """Should the socket's permissions ever let them in."""
    name = single_instance.name_of(tmp_path)
    first, wanted = single_instance.Instance(name), []
    first.wanted.connect(wanted.append)
    assert first.listen()
    os.chmod(place(name), 0o777)
    script = """
connection = socket.socket(socket.AF_UNIX)
connection.connect(sys.argv[1])
try:
    connection.sendall(b'{"files": ["/etc/passwd"]}\\n')
    print(connection.recv(10))
except OSError:
    print(b"")
"""
    other = somebody_else(script, place(name))
    qtbot.waitUntil(lambda: other.poll() is not None, timeout=60_000)
    assert other.communicate()[0] == "b''\n"
    assert wanted == []
    first.close()
