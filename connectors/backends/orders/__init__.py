"""Orders: what a shopper bought, paid and was sent."""
