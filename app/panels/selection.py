"""Figures of the selection, below those of the picture; there only while something is selected."""

from __future__ import annotations

import math

from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.session.selection_meter import Measured
from app.ui import theme
from app.ui.buttons import Figure
from app.ui.translation import number, tr
from app.ui.widgets import ElidedLabel
from app.ui.words import format_bits, format_decibels
from hpcm_core.results import Metrics


class SelectionFigures(QWidget):
    """Four figures in the order of the picture's; a click on one copies it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bits = Figure(tr("Bits of the payload"))
        self.bpp = Figure(tr("Bits per pixel"))
        self.psnr = Figure("PSNR")
        self.ms_ssim = Figure("MS-SSIM")
        self.figures = (self.bits, self.bpp, self.psnr, self.ms_ssim)
        self.place = ElidedLabel()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(4)
        row = QHBoxLayout()
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(8)
        title = QLabel(tr("Selection"))
        title.setFont(theme.heading_font())
        row.addWidget(title)
        row.addStretch()
        row.addWidget(self.place)
        column.addLayout(row)
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        for index, figure in enumerate(self.figures):
            grid.addWidget(figure, index // 2, index % 2)
        column.addLayout(grid)
        self.hide()

    def show_measured(self, measured: Measured | None, has_original: bool) -> None:
        """Show what is known; hidden when nothing is selected."""
        self.setVisible(measured is not None)
        if measured is None:
            return
        rect = measured.rect
        self.place.setText(
            tr("{size} at {place}").format(size=f"{rect.width()} × {rect.height()}", place=f"{rect.x()}, {rect.y()}")
        )
        if math.isnan(measured.bits):
            self.bits.show_value("", "")
            self.bpp.show_value("", "")
        else:
            value, unit = format_bits(measured.bits).split(" ")
            self.bits.show_value(
                value, unit, f"{measured.bits:.1f}", tr("From the bit map, without header and metadata")
            )
            self.bpp.show_value(number(measured.bpp, ".4f"), "bpp", f"{measured.bpp:.6f}", tr("Payload only"))
        show_fidelity(self.psnr, self.ms_ssim, measured.metrics, waiting=has_original)


def show_fidelity(psnr: Figure, ms_ssim: Figure, metrics: Metrics | None, waiting: bool) -> None:
    """Fill two figures; waiting: they are being measured."""
    psnr.show_value("", "")
    ms_ssim.show_value("", "")
    if metrics is None:
        for figure in (psnr, ms_ssim):
            figure.setToolTip(tr("Being measured") if waiting else tr("Needs the original"))
        return
    psnr.show_value(
        format_decibels(metrics.psnr), "dB", f"{metrics.psnr:.4f}", tr("Of the codec's samples, over all channels")
    )
    if metrics.ms_ssim is None or metrics.ms_ssim_db is None:
        ms_ssim.setToolTip(tr("Too small for five scales: both sides need 161 pixels"))
        return
    decibel = format_decibels(metrics.ms_ssim_db)
    ms_ssim.show_value(number(metrics.ms_ssim, ".4f"), f"{decibel} dB", f"{metrics.ms_ssim:.6f}")
