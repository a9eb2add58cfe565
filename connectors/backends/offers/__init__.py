"""Coupons, price protection: what makes a purchase cheaper."""
