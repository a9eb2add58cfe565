"""Existing Rasa web clients write here: the same events as Rasa's Socket.IO channel."""
