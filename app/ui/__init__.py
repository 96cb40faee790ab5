"""Colours, style, icons, widgets and words that every part of the window shares."""
