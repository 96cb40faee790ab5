"""Rate-distortion curves beside other codecs."""
