"""What those who answer for an organisation may look into: its part of the audit, and its people's use."""
