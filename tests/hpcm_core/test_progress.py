"""Native code that looks up at nothing: Ctrl+C ends the waiting for it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import pytest

from hpcm_core.progress import interruptible, looked_up

MINUTES_OF_NATIVE_CODE = """
import hashlib
from hpcm_core.progress import interruptible
print("begun", flush=True)
interruptible(lambda: hashlib.pbkdf2_hmac("sha256", b"a", b"b", 1 << 30))
"""


@pytest.mark.skipif(os.name != "posix", reason="sends a signal")
def test_ctrl_c_ends_the_wait_for_native_code():
    command = [sys.executable, "-c", MINUTES_OF_NATIVE_CODE]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "begun\n"
        process.send_signal(signal.SIGINT)
        try:
            _, said = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == -signal.SIGINT
    assert "KeyboardInterrupt" in said


def test_what_it_gives_and_what_it_raises_come_through():
    assert interruptible(lambda: 7) == 7
    with pytest.raises(KeyError, match="gone"):
        interruptible(lambda: {}["gone"])
    one, other = (interruptible(threading.current_thread) for _ in range(2))
    assert one is other is not threading.main_thread(), "each thread would keep memory of its own"
    inner = []
    thread = threading.Thread(target=lambda: inner.append(interruptible(threading.current_thread)))
    thread.start()
    thread.join()
    assert inner == [thread], "signals come to the main thread alone: another one does the work itself"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_a_forked_process_has_a_thread_of_its_own():
    code = (
        "import os; from hpcm_core.progress import interruptible\n"
        "assert interruptible(lambda: 1) == 1\n"
        "child = os.fork()\n"
        "if child == 0: os._exit(interruptible(lambda: 7))\n"
        "assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_code_that_looks_up_at_nothing_is_looked_up_for():
    """Between its calls, and never after it; whoever counts calls goes on counting."""

    def another(number):
        return abs(-number)

    def work():
        for number in range(1000):
            another(number)

    looks = []

    def check():
        looks.append(None)
        if len(looks) == 10:
            raise TimeoutError

    counted = []

    def counting(frame, event, argument):
        counted.append(event)

    before = sys.getprofile()
    sys.setprofile(counting)
    try:
        with pytest.raises(TimeoutError), looked_up(check):
            work()
        assert sys.getprofile() is counting
    finally:
        sys.setprofile(before)
    another(1)
    assert len(looks) == 10
    assert counted
