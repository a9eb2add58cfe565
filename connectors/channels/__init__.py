"""Where shoppers write."""
