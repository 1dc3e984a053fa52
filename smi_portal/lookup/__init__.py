"""Finding devices: Read Inventory, a device's page, and lists of identifiers looked up together."""
