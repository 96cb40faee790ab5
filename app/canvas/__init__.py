"""Looking: what the pictures are drawn with."""
