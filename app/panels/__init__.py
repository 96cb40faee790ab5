"""The panels at the right of the canvas: recipe, readout, bits per step."""
