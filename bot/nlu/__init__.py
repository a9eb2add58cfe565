"""Reading a message: what the shopper wants, which things are named, how sure we are."""
