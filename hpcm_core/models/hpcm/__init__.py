"""HPCM: hierarchical progressive context modelling (ICCV 2025), in all its variants."""
