"""The data-permissions matrix: what DCC has released to which organisation, and why."""
