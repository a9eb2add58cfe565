"""Invoices (fapiao): what the shop issues for what was paid."""
