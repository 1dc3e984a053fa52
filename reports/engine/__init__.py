"""What every report shares: the declaration, the one path to rows, and what is made of them."""
