"""Rasa policies that decide the next action."""
