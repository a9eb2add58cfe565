"""Platforms in a box: their servers, simulated over real HTTP, and a phone to look at."""
