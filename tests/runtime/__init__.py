"""Tests of bot/runtime: turns, trackers, locks, the import without TensorFlow."""
