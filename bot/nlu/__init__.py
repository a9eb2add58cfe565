"""Rasa components that turn a message into intents and entities."""
