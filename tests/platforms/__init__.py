"""Platforms in a box, and what they hold us to."""
