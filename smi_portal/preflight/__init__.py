"""What would refuse a service request, said before it is sent: SRV 8.4 (Update Inventory) and 12.2 (Pre-notification)."""
