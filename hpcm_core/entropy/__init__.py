"""Distributions, tables and the entropy model that encoder and decoder share."""
