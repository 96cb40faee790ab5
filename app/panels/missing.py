"""What to do about a model that is not installed, or that this installation cannot compute with."""

from __future__ import annotations

import html

from app.ui import theme
from app.ui.translation import said, tr
from hpcm_core.errors import HpcmError
from hpcm_core.models.published import published

IMPORT = "import:"
"""The link that asks for an import; the others are addresses."""


def missing_hint(name: str) -> str:
    """How to get a model, as rich text with links."""
    found = published().get(name)
    how = tr("Ask whoever made it for its checkpoint, then {import_it}.")
    if found is not None:
        how = tr("Download its checkpoint from {page}, then {import_it}.")
    page = f'<a href="{html.escape(found.page)}">' + tr("this page") + "</a>" if found is not None else ""
    how = how.format(page=page, import_it=f'<a href="{IMPORT}">' + tr("import it") + "</a>")
    colour = theme.current().warning.name()
    return f'<span style="color: {colour}">' + tr("This model is not installed.") + f"</span> {how}"


def obstacle_hint(fault: HpcmError) -> str:
    """What `catalogue.obstacle` says, as rich text."""
    return f'<span style="color: {theme.current().warning.name()}">{html.escape(said(fault.phrase))}</span>'
