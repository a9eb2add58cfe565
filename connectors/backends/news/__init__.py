"""News: what has happened to a customer's order, and who wants to know of it."""
