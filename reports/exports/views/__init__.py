"""Pages of the files and of the schedules."""
