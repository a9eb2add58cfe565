"""Ways in which one-time codes reach customers."""
