"""Every guard against hostile input, removed in turn: its test has to fail. `python -m tests.guards [WORD...]`

Each is taken out of a copy of the project, in which the test that docs/trust.md names for it then runs. Prints a table,
and ends with 1 if a test passes all the same. WORD: only guards with one of these in their description.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.paths import ROOT

_COPIED = ("app", "hpcm_core", "tests")
_SECONDS, _BYTES = 45, 12 << 30
"""Processor time and memory of one test; what takes more has noticed that nothing guards it."""


@dataclass(frozen=True)
class Guard:
    """What is kept off, the test (below tests/, as pytest names it), and what is replaced by what, by file."""

    what: str
    test: str
    changes: tuple[tuple[str, str, str], ...]


def _guard(what: str, test: str, *change: str) -> Guard:
    return Guard(what, test, tuple(zip(change[::3], change[1::3], change[2::3], strict=True)))


_PICKLED, _WEIGHTS, _FILE = (f"hpcm_core/models/{name}.py" for name in ("pickled", "weights", "checkpoint"))
_CONTAINER, _HEADER, _GAIN = (f"hpcm_core/format/{name}.py" for name in ("container", "header", "gain"))
_EXIF, _PARTS, _PNG, _JXL = (f"hpcm_core/picture/{name}.py" for name in ("metadata", "parts", "pngfile", "jxl"))
_CHECKS, _RECIPE, _PLACES = "hpcm_core/checks.py", "hpcm_core/recipe.py", "hpcm_core/cli/places.py"
_CHECKPOINTS = "hpcm_core/models/test_hostile_checkpoints.py"
_METADATA = "hpcm_core/picture/test_hostile_metadata.py"
_DAMAGE = "hpcm_core/format/test_container_damage.py"
_SOCKET = "app/desktop/single_instance.py"
_OTHERS = "app/desktop/test_other_users.py"
_RECIPES, _NAMES = "hpcm_core/test_recipe.py", "hpcm_core/cli/test_places.py"
_MAPS, _MEMORY = "hpcm_core/test_quality_map.py::test_damaged_maps", "hpcm_core/test_memory.py"
_UNREADABLE = '    except {}:\n        raise ModelError("{{name}} is not a checkpoint that'
_TOO_LARGE = "if max({0}width, {0}height) > limits.side or {0}width * {0}height > limits.pixels:"
_KINDS = "if not _KINDS.fullmatch(str(argument)):"
GUARDS = (
    # Checkpoints.
    _guard("pickles that run code", f"{_CHECKPOINTS}::test_nothing_runs",
           _PICKLED, _KINDS, "if False:", _PICKLED, "weights_only=True", "weights_only=False"),
    _guard("objects of any length in a pickle",
           f"{_CHECKPOINTS}::test_refused_before_torch_takes_memory[the same in an archive]",
           _PICKLED, _KINDS, "if False:"),
    _guard("compressed parts of a checkpoint",
           f"{_CHECKPOINTS}::test_refused_before_torch_takes_memory[compressed parts]",
           _PICKLED, "if not stored or sum(part.file_size for part in found) >", "if 0 >"),
    _guard("a shape of one stored number", f"{_CHECKPOINTS}::test_refused[a shape of one stored number]",
           _PICKLED, "> _MOST_SHARED * path", "> 1 << 60 or 0 * path"),
    _guard("a checkpoint in itself", f"{_CHECKPOINTS}::test_refused[something in itself]",
           _PICKLED, "for _ in range(_MOST_WRAPPINGS):", "while True:"),
    _guard("a head beyond the file", f"{_CHECKPOINTS}::test_refused[a head beyond the file]",
           _FILE, _UNREADABLE.format("Exception"), _UNREADABLE.format("ZeroDivisionError")),
    _guard("NaN and infinity in weights", f"{_CHECKPOINTS}::test_numbers_that_are_not_finite",
           _WEIGHTS, "if not all(np.isfinite(tensor).all() for tensor in result.values()):", "if False:"),
    _guard("names of tensors of any length and kind", f"{_CHECKPOINTS}::test_names_of_tensors_are_words_in_a_sentence",
           _WEIGHTS, "example=shown(wrong[0])", "example=wrong[0]"),
    # Files.
    _guard("pictures that need more memory than the limit",
           f"{_MEMORY}::test_limits_are_checked_before_weights_are_read",
           _CHECKS, "if needed > limits.memory:", "if False:"),
    _guard("as much memory as was promised and a byte more", "fuzz/test_corpus.py::test_memory_is_what_is_promised",
           _CHECKS, "if needed > limits.memory:", "if needed > limits.memory + 1:"),
    _guard("more pixels than the limit", f"{_DAMAGE}::test_pixels_and_sides_are_limited",
           _HEADER, _TOO_LARGE.format("header."), "if False:"),
    _guard("more chunks than the limit", f"{_DAMAGE}::test_chunks_are_limited",
           _CONTAINER, "if count > limits.chunks:", "if False:"),
    _guard("metadata that announce more than the limit", f"{_DAMAGE}::test_metadata_is_limited_by_its_sum",
           _CONTAINER, "self._left -= size", "pass"),
    _guard("metadata that unfold beyond what they announce", f"{_DAMAGE}::test_a_decompression_bomb_takes_no_memory",
           _CONTAINER, "stream.decompress(body[_U32.size :], size + 1)", "stream.decompress(body[_U32.size :])"),
    _guard("maps of qualities that unfold",
           "hpcm_core/test_quality_map.py::test_a_map_that_unfolds_takes_no_memory",
           _GAIN, "values = stream.decompress(payload, rows * columns + 1)", "values = stream.decompress(payload)"),
    _guard("qualities beyond all", _MAPS,
           _GAIN, "if np.abs(made.offsets.astype(int)).max() > MAX_QUALITY:", "if False:"),
    _guard("looks beyond natural", "hpcm_core/look/test_wish.py::test_damaged_wishes",
           "hpcm_core/format/look.py", "if look > NATURAL:", "if False:"),
    _guard("a preview of all memory",
           "hpcm_core/cli/test_thumbnail.py::test_a_huge_preview_is_refused_before_it_is_decoded",
           "hpcm_core/format/preview_reading.py", "if max(image.size) > MAX_SIDE:", "if False:"),
    # Pictures and what they carry.
    _guard("pictures of more pixels than the limit",
           "hpcm_core/picture/test_damage.py::test_limits_are_checked_before_decoding",
           _PARTS, _TOO_LARGE.format(""), "if False:"),
    _guard("profiles and texts of PNG that unfold", f"{_METADATA}::test_what_unfolds_in_a_png_file",
           _PNG, "content = stream.decompress(data, limit + 1)", "content = stream.decompress(data)"),
    _guard("many texts of PNG that unfold", f"{_METADATA}::test_many_small_texts_that_unfold",
           _PNG, 'left = max(0, left - len(text or b""))', "pass"),
    _guard("damaged texts of PNG without end", f"{_METADATA}::test_many_small_texts_that_unfold",
           _PNG, "_MOST_UNREAD = 16", "_MOST_UNREAD = 1 << 30"),
    _guard("pixels of PNG in thousands of pieces", f"{_METADATA}::test_pixels_of_png_in_thousands_of_pieces",
           _PNG, "number = bisect_right(self._starts, self._position) - 1",
           "number = max(i for i, start in enumerate(self._starts) if start <= self._position)"),
    _guard("EXIF in thousands of segments", f"{_METADATA}::test_exif_in_thousands_of_segments",
           "hpcm_core/picture/beside.py", "_MOST_EXIF = 256", "_MOST_EXIF = 1 << 30"),
    _guard("many boxes of JPEG XL that unfold", f"{_METADATA}::test_many_boxes_that_unfold_in_jpeg_xl",
           _JXL, "seen.add(kind)", "pass"),
    _guard("channels of JPEG XL without end", f"{_METADATA}::test_more_channels_of_jpeg_xl_than_memory",
           _JXL, "> _MOST_CHANNELS * limits.pixels", "> 1 << 60"),
    _guard("a colour profile larger than the limit", f"{_METADATA}::test_a_profile_larger_than_the_limit",
           _PARTS, "if len(self.icc) > limits.icc:", "if False:"),
    _guard("EXIF that points to thousands of directories", f"{_METADATA}::test_thousands_of_directories",
           _EXIF, "_MOST_POINTERS = 16", "_MOST_POINTERS = 1 << 30"),
    _guard("EXIF whose tags claim all of it", f"{_METADATA}::test_thousands_of_tags_that_claim_everything",
           _EXIF, "_zero(exif, max(start, done), start + size)", "_zero(exif, start, start + size)"),
    _guard("XMP of names without end", f"{_METADATA}::test_thousands_of_names_for_one_thing",
           "hpcm_core/picture/xmp.py", "_MOST_PREFIXES = 16", "_MOST_PREFIXES = 1 << 30"),
    # Recipes and settings.
    _guard("recipes that are lists without end", f"{_RECIPES}::test_invalid_json",
           _RECIPE, "except (ValueError, RecursionError):", "except ValueError:"),
    _guard("keys of recipes that nobody knows", f"{_RECIPES}::test_invalid_json",
           _RECIPE, "if unknown := sorted(set(values) - set(known)):", "if unknown := []:"),
    _guard("keys of recipes that come twice", f"{_RECIPES}::test_invalid_json",
           _RECIPE, "object_pairs_hook=_unique", "object_pairs_hook=dict"),
    _guard("recipes without end", f"{_RECIPES}::test_a_file_without_size_is_not_read_to_its_end",
           _RECIPE, "text = file.read(_MAX_FILE + 1)", "text = file.read()"),
    _guard("settings that are lists without end", "fuzz/test_corpus.py::test_corpus[settings]",
           "app/desktop/settings.py", "except (ValueError, RecursionError):", "except ValueError:"),
    # Names, links, sockets.
    _guard("control characters in names", f"{_NAMES}::test_a_name_that_is_no_text",
           "hpcm_core/cli/output.py", 'if unicodedata.category(character) not in _UNPRINTABLE', "if True"),
    _guard("names with a zero byte", f"{_NAMES}::test_an_empty_name",
           _PLACES, 'if "\\0" in value:', "if False:"),
    _guard("inputs that would be overwritten", f"{_NAMES}::test_two_spellings_of_one_output",
           _PLACES, "if any(os.path.samestat(found, status) for status in given):", "if False:"),
    _guard("links in an output folder that lead nowhere", f"{_NAMES}::test_links_in_an_output_folder_choose_no_place",
           _PLACES, "elif found is None and os.path.islink(target)", "elif False and os.path.islink(target)"),
    _guard("the same for batch", "hpcm_core/cli/test_batch.py::test_a_link_that_leads_nowhere_counts_as_there",
           "hpcm_core/storage.py", "return exists(path) or (is_local(path) and os.path.islink(path))",
           "return exists(path)"),
    _guard("other users who connect to the window", f"{_OTHERS}::test_others_cannot_connect",
           _SOCKET, "QLocalServer.SocketOption.UserAccessOption", "QLocalServer.SocketOption.WorldAccessOption"),
    _guard("other users who stand in for the window",
           f"{_OTHERS}::test_a_socket_that_another_user_has_put_there_hears_nothing",
           _SOCKET, "return bool(user == os.geteuid())", "return True"),
    _guard("what other users ask of the window", f"{_OTHERS}::test_requests_of_others_are_not_read",
           _SOCKET, "            if not _of_this_user(socket):", "            if False:"),
)  # fmt: skip


def fault(guard: Guard) -> str:
    """What of a guard is no more: what would be replaced is not there once, or the test is not. Empty for nothing."""
    for path, old, _ in guard.changes:
        if (ROOT / path).read_text("utf-8").count(old) != 1:
            return f"{path} does not have once {old!r}"
    path, _, name = guard.test.partition("::")
    if f"def {name.partition('[')[0]}(" not in (ROOT / "tests" / path).read_text("utf-8"):
        return f"there is no {guard.test}"
    return ""


def copied(folder: Path) -> None:
    """The project, its Python to be changed and all else as links."""
    for path in ROOT.iterdir():
        if path.name in _COPIED:
            shutil.copytree(path, folder / path.name, ignore=shutil.ignore_patterns("__pycache__"))
        elif path.name not in (".git", "build"):
            (folder / path.name).symlink_to(path)


def outcome(guard: Guard, folder: Path) -> str:
    """Of the test without the guard: "notices", "passes", or why it says nothing."""
    before = {path: (folder / path).read_text("utf-8") for path, _, _ in guard.changes}
    try:
        for path, old, new in guard.changes:
            (folder / path).write_text((folder / path).read_text("utf-8").replace(old, new), "utf-8")
        command = [sys.executable, "-B", "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", f"tests/{guard.test}"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, preexec_fn=_limited, check=False)
    finally:
        for path, text in before.items():
            (folder / path).write_text(text, "utf-8")
    if done.returncode == 1 or done.returncode < 0:
        return "notices"
    if done.returncode == 0:
        return "skipped" if " skipped" in done.stdout and " passed" not in done.stdout else "passes"
    return f"says nothing: {done.stdout[-300:]}{done.stderr[-300:]}"


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_BYTES, _BYTES))


def main() -> int:
    chosen = [guard for guard in GUARDS if not sys.argv[1:] or any(word in guard.what for word in sys.argv[1:])]
    if gone := [text for guard in chosen if (text := fault(guard))]:
        sys.exit("\n".join(gone))
    results = []
    print("| guard against | in | without it its test |\n| --- | --- | --- |")
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        copied(folder)
        for guard in chosen:
            results.append(outcome(guard, folder))
            files = ", ".join(f"`{path}`" for path in dict.fromkeys(path for path, _, _ in guard.changes))
            print(f"| {guard.what} | {files} | {results[-1]} |", flush=True)
    return int(any(result not in ("notices", "skipped") for result in results))


if __name__ == "__main__":
    sys.exit(main())
