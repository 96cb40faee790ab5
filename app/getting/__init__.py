"""Published checkpoints: which there are, and getting them."""
