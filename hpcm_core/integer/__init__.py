"""Arithmetic profile 2: whole codecs in integers with static shifts, the same pixels on every machine."""
