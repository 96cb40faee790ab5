"""Looking into what a file's code streams hold: latents under a place, and the figures of the HPCM paper."""
