"""Telling shoppers what they asked to be told: when, where, together with what."""
