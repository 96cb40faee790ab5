"""`python -m hpcm_core.cli` is `hpcm`."""

from hpcm_core.cli.main import main

main()
