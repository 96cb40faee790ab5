"""JPEG XL as the coder of pictures without loss: a family without weights."""
