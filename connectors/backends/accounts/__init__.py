"""Accounts: how a customer signs in, and how an account ends."""
