"""The service desk itself: conversations, who owns them, what waits to be sent, the agents."""
