"""The demo's mail: kept on a page instead of sent."""
