"""Simulated shoppers: seeded goals, many ways to say them, and the shop compared afterwards."""
