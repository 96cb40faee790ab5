"""What to do about a model that is not installed, or that this installation cannot compute with."""

from __future__ import annotations

import html

from app.ui import theme
from app.ui.translation import said, tr
from hpcm_core.errors import HpcmError
from hpcm_core.models.published import published

IMPORT = "import:"
"""The link that asks for an import."""
GET = "get:"
"""The link that asks for a download."""


def missing_hint(name: str) -> str:
    """How to get a model, as rich text with links."""
    how = tr("Ask whoever made it for its checkpoint, then {import_it}.")
    if name in published():
        how = tr("{get_it}; or, if you have its checkpoint, {import_it}.")
    links = {
        "get_it": f'<a href="{GET}">' + tr("Get it") + "</a>",
        "import_it": f'<a href="{IMPORT}">' + tr("import it") + "</a>",
    }
    how = how.format(**links)
    colour = theme.current().warning.name()
    return f'<span style="color: {colour}">' + tr("This model is not installed.") + f"</span> {how}"


def obstacle_hint(fault: HpcmError) -> str:
    """What `catalogue.obstacle` says, as rich text."""
    return f'<span style="color: {theme.current().warning.name()}">{html.escape(said(fault.phrase))}</span>'
