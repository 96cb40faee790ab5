"""The codec process, and the thread in the window's process that owns it."""
