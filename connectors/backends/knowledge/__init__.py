"""Knowledge: what the shop has written down for its shoppers."""
