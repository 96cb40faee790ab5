"""No code of the product counts on what only POSIX systems have, unless it asks first where it runs."""

from __future__ import annotations

import ast

import pytest

from tests.paths import ROOT

SOURCES = sorted(path for folder in ("app", "hpcm_core", "coder") for path in (ROOT / folder).rglob("*.py"))

MODULES = {"fcntl", "resource", "pwd", "grp", "termios", "tty", "pty", "posix", "syslog", "crypt"}
OS_NAMES = {
    "fork", "forkpty", "wait", "waitpid", "wait3", "wait4", "getuid", "geteuid", "getgid", "getegid", "getgroups",
    "setuid", "setgid", "setsid", "getpgid", "getpgrp", "killpg", "chown", "lchown", "fchmod", "fchown", "chroot",
    "mkfifo", "mknod", "nice", "sysconf", "uname", "sched_getaffinity", "sched_setaffinity", "statvfs", "ttyname",
    "O_NOFOLLOW", "O_DIRECTORY", "O_CLOEXEC", "O_NONBLOCK", "pipe2", "sync", "getloadavg", "memfd_create",
    "posix_spawn",
    # These exist on Windows and do something else: rename does not replace, kill ends at once whatever the signal is,
    # startfile and symlink need rights or are missing elsewhere.
    "rename", "renames", "kill", "symlink", "startfile", "link",
}  # fmt: skip
SIGNALS = {"SIGINT", "SIGTERM", "SIGABRT", "SIGFPE", "SIGILL", "SIGSEGV", "SIGBREAK", "SIG_DFL", "SIG_IGN"}
FOLDERS = ("/tmp", "/proc", "/dev", "/var", "/etc", "/usr", "/run", "/home")
TEXT_METHODS = {"read_text", "write_text"}
START_METHODS = {"fork", "forkserver"}


def is_guard(test):
    """Whether a condition asks for the system: sys.platform, os.name, platform.system(), hasattr(os, ...)."""
    words = {ast.unparse(node) for node in ast.walk(test) if isinstance(node, ast.Attribute | ast.Call)}
    return bool(words & {"sys.platform", "os.name", "platform.system()"}) or any(
        w.startswith("hasattr(") for w in words
    )


def catches_absence(node):
    names = {ast.unparse(handler.type) for handler in node.handlers if handler.type is not None}
    return bool(names & {"ImportError", "ModuleNotFoundError", "AttributeError"})


def is_posix_folder(value):
    return isinstance(value, str) and any(value == folder or value.startswith(f"{folder}/") for folder in FOLDERS)


class Finder(ast.NodeVisitor):
    """Collects "line: what" for every place that only POSIX systems understand."""

    def __init__(self):
        self.found = []
        self.guards = 0
        self.folders = set()  # constants that name a folder of POSIX: what counts is where they are used

    def guarded(self, nodes):
        self.guards += 1
        for node in nodes:
            self.visit(node)
        self.guards -= 1

    def say(self, node, what):
        if not self.guards:
            self.found.append(f"{node.lineno}: {what}")

    def visit_If(self, node):
        if is_guard(node.test):
            self.guarded([*node.body, *node.orelse])
        else:
            self.generic_visit(node)

    def visit_IfExp(self, node):
        if is_guard(node.test):
            self.guarded([node.body, node.orelse])
        else:
            self.generic_visit(node)

    def visit_Try(self, node):
        if catches_absence(node):
            self.guarded(node.body)
            for other in (*node.handlers, *node.orelse, *node.finalbody):
                self.visit(other)
        else:
            self.generic_visit(node)

    def visit_Import(self, node):
        for alias in node.names:
            if alias.name.split(".")[0] in MODULES:
                self.say(node, f"import {alias.name}")

    def visit_ImportFrom(self, node):
        module = (node.module or "").split(".")[0]
        if module in MODULES:
            self.say(node, f"from {node.module} import")
        for alias in node.names:
            if (module == "os" and alias.name in OS_NAMES) or (module == "signal" and self.is_foreign(alias.name)):
                self.say(node, f"from {module} import {alias.name}")

    @staticmethod
    def is_foreign(name):
        return name.startswith("SIG") and name not in SIGNALS

    def visit_Attribute(self, node):
        if isinstance(node.value, ast.Name):
            if node.value.id == "os" and node.attr in OS_NAMES:
                self.say(node, f"os.{node.attr}")
            if node.value.id == "signal" and self.is_foreign(node.attr):
                self.say(node, f"signal.{node.attr}")
        self.generic_visit(node)

    def visit_Assign(self, node):
        names = [target.id for target in node.targets if isinstance(target, ast.Name) and target.id.isupper()]
        if names and isinstance(node.value, ast.Constant) and is_posix_folder(node.value.value):
            self.folders.update(names)
        else:
            self.generic_visit(node)

    def visit_Name(self, node):
        if node.id in self.folders:
            self.say(node, f"the path {node.id}")

    def visit_Constant(self, node):
        if is_posix_folder(node.value):
            self.say(node, f"the path {node.value!r}")

    def visit_Call(self, node):
        name = ast.unparse(node.func)
        keywords = {keyword.arg for keyword in node.keywords}
        values = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
        method = name.rsplit(".", 1)[-1]
        if method in TEXT_METHODS and "encoding" not in keywords:
            wanted = 1 if method == "read_text" else 2
            if len(node.args) < wanted:
                self.say(node, f"{method} without an encoding: that of Windows is not UTF-8")
        if method == "open" and self.is_text(node, name) and "encoding" not in keywords:
            self.say(node, "open for text without an encoding: that of Windows is not UTF-8")
        if method == "NamedTemporaryFile" and "delete" not in keywords:
            self.say(node, "NamedTemporaryFile: on Windows nobody else can open it")
        if method in ("get_context", "set_start_method") and set(values) & START_METHODS:
            self.say(node, f"{method} of a method that Windows has not")
        if method == "rename" and not name.startswith(("os.", "self.")) and len(node.args) == 1:
            self.say(node, "rename: on Windows it does not replace")
        self.generic_visit(node)

    @staticmethod
    def is_text(node, name):
        """Whether a call opens a file for text, as far as can be told: `open(path, "w")`, `path.open("w")`."""
        if name not in ("open", "io.open", "os.fdopen") and not isinstance(node.func, ast.Attribute):
            return False
        if name in ("Image.open", "Picture.open", "os.open", "webbrowser.open") or name.startswith("self."):
            return False
        plain = node.args[1:] if name in ("open", "io.open", "os.fdopen") else node.args
        mode = next((kw.value for kw in node.keywords if kw.arg == "mode"), plain[0] if plain else None)
        if mode is None:
            return name in ("open", "io.open")
        return isinstance(mode, ast.Constant) and isinstance(mode.value, str) and "b" not in mode.value and (
            set(mode.value) <= set("rwaxt+"))  # fmt: skip


def found_in(source):
    finder = Finder()
    finder.visit(ast.parse(source))
    return finder.found


def test_there_is_something_to_look_at():
    assert len(SOURCES) > 80


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_portable(path):
    assert found_in(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("import fcntl", "import fcntl"),
        ("from os import fork", "from os import fork"),
        ("import os\nos.rename(a, b)", "os.rename"),
        ("os.getuid()", "os.getuid"),
        ("os.kill(pid, signal.SIGKILL)", "signal.SIGKILL"),
        ("Path('/tmp/x')", "the path '/tmp/x'"),
        ("open('/dev/null', 'wb')", "the path '/dev/null'"),
        ("FOLDER = '/dev/shm'\ndisk_usage(FOLDER)", "2: the path FOLDER"),
        ("path.read_text()", "read_text without"),
        ("path.write_text(text)", "write_text without"),
        ("open(path)", "open for text"),
        ("path.open('w')", "open for text"),
        ("multiprocessing.get_context('fork')", "Windows has not"),
        ("tempfile.NamedTemporaryFile()", "NamedTemporaryFile"),
        ("part.rename(target)", "does not replace"),
        ("if debug:\n    import resource", "import resource"),
    ],
)
def test_what_is_not_portable_is_found(source, what):
    assert any(what in found for found in found_in(source))


@pytest.mark.parametrize(
    "source",
    [
        "if sys.platform != 'win32':\n    import fcntl",
        "try:\n    import resource\nexcept ImportError:\n    resource = None",
        "if hasattr(os, 'sched_getaffinity'):\n    n = len(os.sched_getaffinity(0))",
        "n = os.getuid() if os.name == 'posix' else 0",
        "signal.signal(signal.SIGINT, signal.SIG_IGN)",
        "path.read_text('utf-8')",
        "path.write_text(text, encoding='utf-8')",
        "open(path, 'rb')\npath.open('rb')\nImage.open(file)\nopen(path, encoding='utf-8')",
        "os.replace(a, b)",
        "text.rename(columns={})",
        "FOLDER = '/dev/shm'\nif sys.platform == 'linux' and disk_usage(FOLDER).free < size:\n    stop()",
    ],
)
def test_what_is_portable_passes(source):
    assert found_in(source) == []
