"""Reports that arrive by themselves: when they are due, what is asked then, and who is told."""
