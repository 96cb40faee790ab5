"""The `hpcm` command."""
