"""Catalogue: what the shop sells."""
