"""The shop's rules, one by one, without a database."""
