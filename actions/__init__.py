"""What the assistant can do for a shopper, one module a journey."""
