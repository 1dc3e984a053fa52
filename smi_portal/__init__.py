"""SMI Portal: a self-service reporting site over the Smart Metering Inventory (synthetic data only)."""
