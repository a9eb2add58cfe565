"""The assistant: reads a message and decides what to do next."""
