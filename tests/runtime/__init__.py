"""Tests of bot/runtime: turns, trackers, locks, the light import of Rasa."""
