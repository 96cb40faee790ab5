"""The readout: size and fidelity of the result, always in sight."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QPushButton, QWidget

from app.panels.frames import FrameChoice
from app.panels.look import LookControl
from app.panels.selection import SelectionFigures
from app.session.document import Outcome, Shown
from app.ui.buttons import Figure
from app.ui.translation import number, said, tr
from app.ui.widgets import Card, ElidedLabel, muted_label, row_of, set_role
from app.ui.words import format_bytes, format_decibels
from hpcm_core.errors import listed
from hpcm_core.picture.picture import Picture


class ReadoutPanel(Card):
    """Six figures; a click on one copies it."""

    original_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Result"), parent)
        self.file_size = Figure(tr("File size"))
        self.bpp = Figure(tr("Bits per pixel"))
        self.psnr = Figure("PSNR")
        self.ms_ssim = Figure("MS-SSIM")
        self.encoding = Figure(tr("Encoding"))
        self.decoding = Figure(tr("Decoding"))
        self.figures = (self.file_size, self.bpp, self.psnr, self.ms_ssim, self.encoding, self.decoding)
        self.note = ElidedLabel(Qt.TextElideMode.ElideMiddle)
        self.corner.addWidget(self.note)
        self._grid = grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        self.saved = ElidedLabel()
        self.saved.setContentsMargins(8, 0, 8, 4)
        self.saved.setAccessibleName(tr("Size beside the original's"))
        self.saved.hide()
        for index, figure in enumerate(self.figures):
            grid.addWidget(figure, index // 2 + (index > 1), index % 2)
        grid.addWidget(self.saved, 1, 0, 1, 2)
        self.body.setContentsMargins(8, 12, 8, 8)
        self.body.setSpacing(8)
        self.title.setContentsMargins(8, 0, 0, 0)
        self.note.setContentsMargins(0, 0, 8, 0)
        self.body.addLayout(grid)
        self.look = LookControl()
        self.body.addWidget(self.look)
        self.kept = muted_label(wrap=True)
        self.kept.setContentsMargins(8, 0, 8, 4)
        self.kept.hide()
        self.body.addWidget(self.kept)
        self.advice = muted_label(wrap=True)
        self.advice.setContentsMargins(8, 0, 8, 4)
        set_role(self.advice, "warning")
        self.advice.hide()
        self.body.addWidget(self.advice)
        self.frames = FrameChoice()
        self.body.addWidget(self.frames)
        self.left_out = muted_label(wrap=True)
        self.left_out.setContentsMargins(8, 0, 8, 4)
        self.left_out.hide()
        self.body.addWidget(self.left_out)
        self.selection = SelectionFigures()
        self.body.addWidget(self.selection)
        self.choose = QPushButton(tr("Compare with original…"))
        self.choose.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.choose.setAccessibleName(tr("Choose the original to compare with"))
        self.choose.setToolTip(tr("PSNR and MS-SSIM need the picture that this file was made from"))
        self.choose.clicked.connect(self.original_wanted)
        row = row_of(self.choose, wide=self.choose)
        row.setContentsMargins(8, 0, 8, 0)
        self.body.addLayout(row)

    @property
    def still_to_come(self) -> int:
        """Height of the line that comes with a result, as long as it is not there."""
        return self.saved.sizeHint().height() + self._grid.verticalSpacing() if self.saved.isHidden() else 0

    def show_outcome(self, outcome: Outcome | None, stale: bool, has_original: bool, look: str = "") -> None:
        """Show the figures of a result; stale: the recipe has changed since; look: what is on show where that is not
        the faithful picture, which the figures are of.
        """
        self.choose.setVisible(outcome is not None and not has_original)
        words = tr("Of the faithful picture") if look else outcome.description if outcome is not None else ""
        self.note.setText(tr("Outdated") if stale else words)
        set_role(self.note, "warning" if stale or look else "muted")
        advice = outcome.advice if outcome is not None and not stale else None
        self.advice.setText(said(advice) if advice is not None else "")
        self.advice.setVisible(advice is not None)
        coder = outcome.lossless_coder if outcome is not None else None
        self.kept.setText("" if coder is None else tr("Every pixel is kept, by {coder}.").format(coder=said(coder)))
        self.kept.setVisible(coder is not None)
        for figure in self.figures:
            figure.set_dim(stale)
        if outcome is None:
            for figure in self.figures:
                figure.show_value("", "")
            return
        self.file_size.show_value(
            *_split(format_bytes(outcome.size_bytes)),
            str(outcome.size_bytes),
            tr("{count} bytes, header and metadata included").format(count=number(outcome.size_bytes)),
        )
        self.bpp.show_value(number(outcome.bpp, ".4f"), "bpp", f"{outcome.bpp:.6f}", _ratio_tip(outcome))
        metrics = outcome.metrics
        if metrics is None:
            self.psnr.show_value("", "")
            self.ms_ssim.show_value("", "")
        else:
            psnr = format_decibels(metrics.psnr)
            self.psnr.show_value(psnr, "dB", f"{metrics.psnr:.4f}", tr("Of the codec's RGB samples, over all channels"))
            if metrics.ms_ssim is None or metrics.ms_ssim_db is None:
                self.ms_ssim.show_value("", "")
                self.ms_ssim.setToolTip(tr("The picture is too small for five scales"))
            else:
                decibel = format_decibels(metrics.ms_ssim_db)
                self.ms_ssim.show_value(number(metrics.ms_ssim, ".4f"), f"{decibel} dB", f"{metrics.ms_ssim:.6f}")
        self._show_seconds(self.encoding, outcome.encode_seconds, outcome)
        self._show_seconds(self.decoding, outcome.decode_seconds, outcome)

    def show_original(self, original: Shown | None, outcome: Outcome | None) -> None:
        """Say how large the original's file is, and how much smaller the result. Of a file with several pictures the
        result is only one, and no comparison is fair.
        """
        size = original.file_bytes if original is not None and original.picture.frames == 1 else None
        self.saved.setVisible(bool(size) and outcome is not None)
        if not size or outcome is None:
            return
        percent = 100 * (1 - outcome.size_bytes / size)
        words = tr("of {size}, {percent} % smaller") if percent >= 0 else tr("of {size}, {percent} % larger")
        self.saved.setText(words.format(size=format_bytes(size), percent=number(abs(percent), ".0f")))
        self.saved.setToolTip(tr("Size of the original's file, and what the result saves of it"))
        set_role(self.saved, "muted" if percent >= 0 else "warning")

    def show_notes(self, picture: Picture | None) -> None:
        """Say what of the open picture's file is not shown, and what is shown otherwise than it is."""
        notes = []
        if picture is not None and picture.left_out:
            notes.append(tr("Not in the picture: {things}.").format(things=said(listed(picture.left_out))))
        if picture is not None and picture.hdr is not None:
            notes.append(tr("High dynamic range is shown toned down."))
        self.left_out.setText(" ".join(notes))
        self.left_out.setVisible(bool(notes))

    def _show_seconds(self, figure: Figure, seconds: float | None, outcome: Outcome) -> None:
        if seconds is None:
            figure.show_value("", "")
            return
        value, unit = (number(seconds * 1000, ".0f"), "ms") if seconds < 1 else (number(seconds, ".2f"), "s")
        megapixels = outcome.shown.picture.width * outcome.shown.picture.height / 1e6
        tip = tr("Without loading the model")
        if seconds > 0:
            rate = number(megapixels / seconds, ".2f")
            tip = tr("{rate} megapixels per second, without loading the model").format(rate=rate)
        figure.show_value(value, unit, f"{seconds:.4f}", tip)


def _split(text: str) -> tuple[str, str]:
    value, unit = text.split(" ")
    return value, unit


def _ratio_tip(outcome: Outcome) -> str:
    picture = outcome.shown.picture
    raw = picture.width * picture.height * picture.channels * picture.bit_depth / 8
    ratio = "1 : " + number(raw / max(outcome.size_bytes, 1), ",.0f")
    return tr("{ratio} of the uncompressed samples").format(ratio=ratio)
