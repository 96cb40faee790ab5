"""Four steps of a quadtree: the entropy models of DCVC-DC intra* and of Quad-Prior."""
