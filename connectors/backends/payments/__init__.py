"""Payments: what became of each attempt to pay an order."""
