"""What the program remembers between two starts, and the folders it writes to.

A damaged value is replaced by its default.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import appdirs
from PySide6.QtCore import QByteArray, QLockFile, QSettings

from hpcm_core.errors import HpcmError, InvalidRecipe
from hpcm_core.picture.size import Size
from hpcm_core.recipe import Recipe

log = logging.getLogger("hpcm.settings")

APP_NAME = "hpcm-studio"
CONFIG_DIR_VARIABLE = "HPCM_CONFIG_DIR"
DIFFERENCES = ("absolute", "signed", "relative", "structure", "flip")
DEVICES = ("cpu", "cuda")
PRIORITIES = ("low",)
ENGINES = ("fast", "reference")
RECENT = 10
"""Files that are remembered."""
THEMES = ("system", "light", "dark")


def config_dir() -> Path:
    """Folder of the settings; the environment can name another one."""
    override = os.environ.get(CONFIG_DIR_VARIABLE)
    return Path(override) if override else Path(appdirs.user_config_dir(APP_NAME))


def log_dir() -> Path:
    """Folder of the log files."""
    override = os.environ.get(CONFIG_DIR_VARIABLE)
    return Path(override) / "log" if override else Path(appdirs.user_log_dir(APP_NAME))


def blind_file() -> Path:
    """Where the judgements of blind tests are kept, as CSV."""
    return config_dir() / "blind-tests.csv"


D = TypeVar("D", bound=int | None)


class Settings:
    """Typed access to the settings file. Reading never fails; writing that fails is logged and otherwise ignored."""

    def __init__(self, folder: Path | None = None) -> None:
        folder = folder or config_dir()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            log.warning("No settings folder: %s", error)
        self.path = folder / "settings.ini"
        _tidy(self.path)
        self._store = QSettings(str(self.path), QSettings.Format.IniFormat)
        if self._store.status() == QSettings.Status.FormatError:
            kept = self.path.with_suffix(".damaged.ini")
            log.warning(
                "The settings file %s is damaged; starting from the defaults. It is kept as %s", self.path, kept
            )
            with suppress(OSError):
                shutil.copyfile(self.path, kept)
            self._store.clear()
        elif self._store.status() != QSettings.Status.NoError:
            # What cannot be read now, as without rights, may be whole.
            log.warning("The settings file %s cannot be read; starting from the defaults", self.path)

    def sync(self) -> None:
        """Write to disk now."""
        self._store.sync()
        if self._store.status() == QSettings.Status.AccessError:
            log.warning("The settings could not be written to %s", self.path)

    @property
    def theme(self) -> str:
        value = self._text("window/theme")
        return value if value in THEMES else "system"

    @theme.setter
    def theme(self, value: str) -> None:
        self._store.setValue("window/theme", value)

    @property
    def geometry(self) -> QByteArray:
        """Window geometry as Qt saved it; empty if there is none."""
        return QByteArray.fromBase64(self._text("window/geometry").encode("ascii", "ignore"))

    @geometry.setter
    def geometry(self, value: QByteArray) -> None:
        self._store.setValue("window/geometry", value.toBase64().toStdString())

    @property
    def last_folder(self) -> str:
        value = self._text("files/last_folder")
        return value if value and Path(value).is_dir() else str(Path.home())

    @last_folder.setter
    def last_folder(self, value: str) -> None:
        self._store.setValue("files/last_folder", value)

    @property
    def device(self) -> str:
        """`cpu` or `cuda`; empty for the codec's own choice."""
        value = self._text("codec/device")
        return value if value in DEVICES else ""

    @device.setter
    def device(self, value: str) -> None:
        self._store.setValue("codec/device", value)

    @property
    def engine(self) -> str:
        """Engine of exact arithmetic by name; empty for the codec's own choice."""
        value = self._text("codec/engine")
        return value if value in ENGINES else ""

    @engine.setter
    def engine(self, value: str) -> None:
        self._store.setValue("codec/engine", value)

    @property
    def threads(self) -> int:
        """Threads of the codec; 0 for its own choice."""
        return self._number("codec/threads", 0, 0, 64)

    @threads.setter
    def threads(self, value: int) -> None:
        self._store.setValue("codec/threads", str(value))

    @property
    def recent_files(self) -> list[Path]:
        """Files that were opened last, the newest first; some may be gone, or on a drive that is. The disk is not
        asked: one that does not answer would have the window wait.
        """
        try:
            names = json.loads(self._text("files/recent") or "[]")
        except (ValueError, RecursionError):
            return []
        names = names if isinstance(names, list) else []
        return [Path(name) for name in names[:RECENT] if isinstance(name, str)]

    def add_recent(self, path: Path) -> None:
        """Remember a file that was opened."""
        path = path.absolute()
        names = [str(path), *(str(other) for other in self.recent_files if other != path)]
        self._store.setValue("files/recent", json.dumps(names[:RECENT]))

    def clear_recent(self) -> None:
        self._store.remove("files/recent")

    @property
    def encode_on_change(self) -> bool:
        """Encode as soon as the quality slider is released or another model is chosen."""
        return self._text("recipe/encode_on_change") != "false"

    @encode_on_change.setter
    def encode_on_change(self, value: bool) -> None:
        self._store.setValue("recipe/encode_on_change", _word(value))

    @property
    def ask_before_quit(self) -> bool:
        """Ask before the window closes and work is lost."""
        return self._text("window/ask_before_quit") != "false"

    @ask_before_quit.setter
    def ask_before_quit(self, value: bool) -> None:
        self._store.setValue("window/ask_before_quit", _word(value))

    @property
    def batch_folder(self) -> Path | None:
        """Folder of the batch's output; None: each file beside its picture. One that is gone is forgotten."""
        value = self._text("batch/folder")
        return Path(value) if value and Path(value).is_dir() else None

    @batch_folder.setter
    def batch_folder(self, value: Path | None) -> None:
        self._store.setValue("batch/folder", "" if value is None else str(value))

    @property
    def export_folder(self) -> str:
        """Where pictures were exported to last, else where files were last."""
        value = self._text("export/folder")
        return value if value and Path(value).is_dir() else self.last_folder

    @export_folder.setter
    def export_folder(self, value: str) -> None:
        self._store.setValue("export/folder", value)

    @property
    def export_suffix(self) -> str:
        """Ending of names of the format that was exported last; empty if there is none."""
        return self._text("export/suffix")

    @export_suffix.setter
    def export_suffix(self, value: str) -> None:
        self._store.setValue("export/suffix", value)

    def export_quality(self, suffix: str, default: int | None) -> int | None:
        """The quality that a format was exported at last, None if that was without loss. default: if there is none."""
        key = f"export/quality_{suffix.lstrip('.')}"
        return None if self._text(key) == "lossless" else self._number(key, default, 0, 100)

    def set_export_quality(self, suffix: str, value: int | None) -> None:
        self._store.setValue(f"export/quality_{suffix.lstrip('.')}", "lossless" if value is None else str(value))

    @property
    def export_size(self) -> Size:
        """The size that was chosen last."""
        try:
            return Size.parse(self._text("export/size"))
        except HpcmError:
            return Size()

    @export_size.setter
    def export_size(self, value: Size) -> None:
        self._store.setValue("export/size", str(value))

    @property
    def mirror(self) -> str:
        """Address or folder that models are got from; empty: their authors' links."""
        return self._text("models/mirror")

    @mirror.setter
    def mirror(self, value: str) -> None:
        self._store.setValue("models/mirror", value)

    @property
    def priority(self) -> str:
        """`low` where the codec leaves the processor to other programs; else empty."""
        value = self._text("codec/priority")
        return value if value in PRIORITIES else ""

    @priority.setter
    def priority(self, value: str) -> None:
        self._store.setValue("codec/priority", value)

    @property
    def panel_shown(self) -> bool:
        """The panel is beside the picture."""
        return self._text("window/panel") != "false"

    @panel_shown.setter
    def panel_shown(self, value: bool) -> None:
        self._store.setValue("window/panel", _word(value))

    @property
    def language(self) -> str:
        """Code of the window's language; empty for that of the system."""
        value = self._text("window/language")
        return value if value.isascii() and value.isalpha() else ""

    @language.setter
    def language(self, value: str) -> None:
        self._store.setValue("window/language", value)

    @property
    def keep_metadata(self) -> bool:
        """Files get what a picture says about itself."""
        return self._text("files/keep_metadata") != "false"

    @keep_metadata.setter
    def keep_metadata(self, value: bool) -> None:
        self._store.setValue("files/keep_metadata", _word(value))

    @property
    def keep_place(self) -> bool:
        """Files get where a picture was taken."""
        return self._text("files/keep_place") != "false"

    @keep_place.setter
    def keep_place(self, value: bool) -> None:
        self._store.setValue("files/keep_place", _word(value))

    @property
    def recipe(self) -> Recipe:
        text = self._text("recipe/last")
        if not text:
            return Recipe()
        try:
            return Recipe.from_json(text)
        except InvalidRecipe as error:
            log.warning("The saved recipe is not valid (%s); starting from the default", error)
            return Recipe()

    @recipe.setter
    def recipe(self, value: Recipe) -> None:
        self._store.setValue("recipe/last", value.to_json())

    @property
    def overlay_opacity(self) -> int:
        """Opacity of the bit map over the picture, in percent."""
        return self._number("view/overlay_opacity", 75, 0, 100)

    @overlay_opacity.setter
    def overlay_opacity(self, value: int) -> None:
        self._store.setValue("view/overlay_opacity", str(value))

    @property
    def difference_gain(self) -> int:
        """Exponent of the gain of the difference view: 0 is ×1, 6 is ×64."""
        return self._number("view/difference_gain", 3, 0, 6)

    @difference_gain.setter
    def difference_gain(self, value: int) -> None:
        self._store.setValue("view/difference_gain", str(value))

    @property
    def difference_mode(self) -> str:
        """What of the difference is shown: one of DIFFERENCES."""
        value = self._text("view/difference_mode")
        return value if value in DIFFERENCES else DIFFERENCES[0]

    @difference_mode.setter
    def difference_mode(self, value: str) -> None:
        self._store.setValue("view/difference_mode", value)

    @property
    def difference_luma(self) -> bool:
        """Whether the difference is of luma only."""
        return self._text("view/difference_luma") == "true"

    @difference_luma.setter
    def difference_luma(self, value: bool) -> None:
        self._store.setValue("view/difference_luma", _word(value))

    @property
    def bits_cumulative(self) -> bool:
        """Whether a step of the bit map is shown together with all before it."""
        return self._text("view/bits_cumulative") == "true"

    @bits_cumulative.setter
    def bits_cumulative(self, value: bool) -> None:
        self._store.setValue("view/bits_cumulative", _word(value))

    def _text(self, key: str) -> str:
        value = self._store.value(key)
        return value if isinstance(value, str) else ""

    def _number(self, key: str, default: D, low: int, high: int) -> int | D:
        try:
            value = int(self._text(key))
        except ValueError:
            return default
        return value if low <= value <= high else default


def codec_environment(settings: Settings) -> dict[str, str]:
    """Environment variables of the codec process that the settings ask for."""
    wanted: dict[str, str] = {}
    if settings.device:
        wanted["HPCM_DEVICE"] = settings.device
    if settings.threads:
        wanted["OMP_NUM_THREADS"] = str(settings.threads)
    if settings.engine in ENGINES:
        wanted["HPCM_ENGINE"] = settings.engine
    if settings.priority:
        wanted["HPCM_PRIORITY"] = settings.priority
    return wanted


def _tidy(path: Path) -> None:
    """Remove what Qt was writing settings into when a process was killed: settings.ini and six letters. Where another
    process is writing them, it holds Qt's lock.
    """
    lock = QLockFile(f"{path}.lock")
    with suppress(OSError):
        left = [other for other in path.parent.glob(f"{path.name}.??????") if other.suffix[1:].isalnum()]
        if left and lock.tryLock(0):
            for other in left:
                other.unlink()
    lock.unlock()


def _word(value: bool) -> str:
    return "true" if value else "false"
