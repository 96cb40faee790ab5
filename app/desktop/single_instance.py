"""One window per user: a second start hands its files to the first and ends."""

from __future__ import annotations

import getpass
import hashlib
import json
import logging
import os
import socket as sockets
import struct
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

log = logging.getLogger("hpcm.instance")

WAIT_MS = 1500
"""How long a second start waits for the first before it opens a window of its own."""

_LIMIT = 1 << 24
"""Bytes of a message: more than an operating system takes as arguments."""


def name_of(folder: Path) -> str:
    """The name of the local socket: one for each user and settings folder."""
    try:
        user = getpass.getuser()
    except (ImportError, KeyError, OSError):
        user = ""  # Neither a variable nor the system tells it; the folder alone tells users apart.
    key = f"{user}\0{folder.resolve()}".encode()
    return f"hpcm-studio-{hashlib.blake2b(key, digest_size=8).hexdigest()}"


def hand_over(name: str, files: Sequence[Path]) -> bool:
    """Give files to a window that is open already, and bring that to the front; False if there is none."""
    socket = QLocalSocket()
    socket.connectToServer(name)
    if not socket.waitForConnected(WAIT_MS):
        return False
    if not _of_this_user(socket):  # Names of sockets can be foreseen, and anybody may have taken one.
        return False
    message = {"files": [str(file.absolute()) for file in files]}
    socket.write(json.dumps(message).encode() + b"\n")
    socket.flush()
    # The answer proves that a window took it, not a socket that a crash has left.
    taken = socket.waitForReadyRead(WAIT_MS) and bytes(socket.readAll().data()).startswith(b"ok")
    socket.disconnectFromServer()
    return taken


def _of_this_user(socket: QLocalSocket) -> bool:
    """Whether who is at the other end of a connection is this user, as far as the system tells."""
    if sys.platform == "linux":
        with sockets.socket(fileno=os.dup(int(socket.socketDescriptor()))) as connection:
            credentials = connection.getsockopt(sockets.SOL_SOCKET, sockets.SO_PEERCRED, struct.calcsize("3i"))
        _process, user, _group = struct.unpack("3i", credentials)
        return bool(user == os.geteuid())
    return True


class Instance(QObject):
    """Listens for later starts."""

    wanted = Signal(object)  # list of the paths to open; an empty one only brings the window to the front

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._connected)

    def listen(self) -> bool:
        """Become the first; a socket left by a crash is replaced."""
        if self._server.listen(self._name):
            return True
        QLocalServer.removeServer(self._name)
        listening = self._server.listen(self._name)
        if not listening:
            log.warning("Later starts cannot be heard: %s", self._server.errorString())
        return listening

    def close(self) -> None:
        """Stop listening; the socket's file goes."""
        self._server.close()

    def _connected(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.readyRead.connect(self._ready)
            socket.disconnected.connect(socket.deleteLater)
            if not _of_this_user(socket):
                socket.abort()
                continue
            if socket.canReadLine():
                self._read(socket)

    def _ready(self) -> None:
        socket = self.sender()
        if isinstance(socket, QLocalSocket):
            self._read(socket)

    def _read(self, socket: QLocalSocket) -> None:
        if socket.bytesAvailable() > _LIMIT:
            socket.abort()
            return
        if not socket.canReadLine():
            return
        try:
            names = json.loads(bytes(socket.readLine().data()))["files"]
            paths = [Path(name) for name in names]
        except (ValueError, KeyError, TypeError, RecursionError):
            socket.abort()
            return
        socket.write(b"ok\n")
        socket.flush()
        self.wanted.emit(paths)
