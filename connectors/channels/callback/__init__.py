"""Rasa's callback channel: a message in, replies posted to the address of another server."""
