"""Dialogs beside the main window."""
