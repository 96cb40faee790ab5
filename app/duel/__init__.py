"""The duel: the result beside other codecs at equal bytes or equal quality, with names or blind."""
