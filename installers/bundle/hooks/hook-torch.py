"""What of torch goes into the bundle: its modules and libraries; no headers, tests or tools.

Takes the place of the hook that PyInstaller's contributors keep, which collects the whole package.
"""

from pathlib import Path, PurePath

from PyInstaller.utils.hooks import PY_DYLIB_PATTERNS, collect_dynamic_libs, collect_submodules, get_package_paths

PACKAGE = Path(get_package_paths("torch")[1])

# Modules of settings and overloaded functions read their own source while they are imported.
module_collection_mode = "pyz+py"
warn_on_missing_hiddenimports = False

LEFT_OUT = (
    "torch.test",
    "torch.testing._internal",
    "torch.utils.benchmark",
    "torch.utils.bottleneck",
    "torch.utils.tensorboard",
)
TEST_LIBRARIES = ("test", "backend_with_compiler", "aoti_custom_ops")

hiddenimports = collect_submodules("torch", filter=lambda name: not name.startswith(LEFT_OUT))
binaries = [
    (source, target)
    for source, target in collect_dynamic_libs("torch", search_patterns=[*PY_DYLIB_PATTERNS, "*.so.*"])
    if not any(word in PurePath(source).name for word in TEST_LIBRARIES)
    and not {"test", "bin"} & set(PurePath(target).parts)
]
# Never run here, but torch cannot be imported without it.
manager = PACKAGE / "bin" / "torch_shm_manager"
if manager.is_file():
    binaries.append((str(manager), "torch/bin"))
# torch looks its libraries up beside its own.
bindepend_symlink_suppression = ["**/torch/lib/*.so*"]
