"""What of imagecodecs goes into the bundle: its coders of AVIF and JPEG XL, which it imports by name when asked."""

from PyInstaller.utils.hooks import collect_data_files

hiddenimports = [
    "imagecodecs._avif",
    "imagecodecs._brotli",
    "imagecodecs._jpegxl",
    "imagecodecs._shared",
    "imagecodecs._shared_cython",
    "imagecodecs.imagecodecs",
]
datas = collect_data_files("imagecodecs", subdir="licenses")
