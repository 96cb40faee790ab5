"""CHARM*: latents slice by slice of their channels, as the HPCM paper compares itself with."""
