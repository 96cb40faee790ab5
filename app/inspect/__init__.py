"""Looking into the file on show: latents at a place, and figures of what its streams hold."""
