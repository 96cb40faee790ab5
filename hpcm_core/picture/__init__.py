"""Pixels and picture files."""
