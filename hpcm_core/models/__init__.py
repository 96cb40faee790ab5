"""Which codecs there are, and where their weights are kept. Importing this package imports no torch."""
