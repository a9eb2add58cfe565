"""The counters that `/metrics` shows."""

from prometheus_client import Counter, Histogram

TURNS = Counter("kefu_turns_total", "Turns of the assistant by outcome.", ["outcome"])
TURN_SECONDS = Histogram(
    "kefu_turn_seconds",
    "Duration of a turn of the assistant.",
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10),
)
MESSAGES = Counter("kefu_messages_total", "Messages by author.", ["author"])
DELIVERIES = Counter("kefu_deliveries_total", "Messages handed to channels, by result.", ["result"])
REQUESTS = Counter("kefu_http_requests_total", "HTTP requests by status class.", ["status"])
