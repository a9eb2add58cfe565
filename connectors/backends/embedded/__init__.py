"""The embedded shop: every port on one database, with a demo shop to start from."""
