"""The .hpcm file; docs/format.md is the specification."""
