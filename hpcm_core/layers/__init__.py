"""Building blocks of networks, and transforms made from a description."""
