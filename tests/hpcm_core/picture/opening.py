"""Pictures opened from the bytes of a file."""

from hpcm_core.picture.picture import Picture


def opened(tmp_path, data, name="a.bin", **options):
    (tmp_path / name).write_bytes(data)
    return Picture.open(tmp_path / name, **options)


def text_of(picture):
    return "; ".join(picture.left_out)
