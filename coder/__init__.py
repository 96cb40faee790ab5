"""rANS coding of integer symbols, each with a probability table of its own choice.

    tables = Tables(cdf, lengths, offsets)
    encoder = Encoder(tables)
    encoder.push(symbols, indices)            # as often as wanted
    data = encoder.finish()

    decoder = Decoder(data, tables)
    symbols = decoder.pull(indices)           # in the same order, cut into pulls of any size
    decoder.finish()

Arrays of the right type (``int32`` symbols, ``uint8`` indices) are read in place if they are contiguous. Other threads
run meanwhile. The format of a stream is described in ``src/rans.hpp``.
"""

from coder._rans import CoderError, Decoder, Encoder, Tables

__all__ = ["CoderError", "Decoder", "Encoder", "Tables"]
