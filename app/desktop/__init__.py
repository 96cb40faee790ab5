"""What ties the program to the desktop around it: settings, clipboard, one instance, reports."""
