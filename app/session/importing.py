"""From a checkpoint to an installed model."""

from __future__ import annotations

from collections.abc import Callable

from app.session.session import Session
from app.ui.notices import notice_of
from app.worker.model_tasks import ImportJob, Weights
from hpcm_core.errors import Phrase
from hpcm_core.models.catalogue import ModelInfo
from hpcm_core.models.checkpoint import install


def import_model(session: Session, job: ImportJob, done: Callable[[ModelInfo], None]) -> None:
    """Have a checkpoint checked, and install it; done is called unless it fails or is cancelled."""

    def install_checked(result: Weights) -> None:
        session.background.run(lambda: install(result.name, result.data.data), done, failed, must_finish=True)

    def failed(error: Exception, details: str) -> None:
        session.noticed.emit(notice_of(error, details, Phrase("The model could not be installed")))

    session.submit(job, install_checked)
