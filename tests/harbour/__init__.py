"""Harbour Goods: a second shop, unlike the demo shop, that the assistant has to serve as well."""
