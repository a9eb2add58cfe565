"""Golden conversations: whole talks with the real assistant over a real shop."""
