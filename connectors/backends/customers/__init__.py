"""Customers: who shops here, and how somebody proves to be one of them."""
