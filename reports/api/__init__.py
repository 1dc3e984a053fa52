"""The API: every registered report for programs, from its declaration and the engine's rows alone."""
