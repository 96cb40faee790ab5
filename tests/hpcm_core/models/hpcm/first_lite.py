"""The first configuration of Lite. Its reference activations, and golden files made with it, stay as they are whatever
becomes of the bundled model.
"""

from hpcm_core.models.hpcm.config import EARLIER

FIRST_LITE = EARLIER["b8f94f8ce47fc10d"]
