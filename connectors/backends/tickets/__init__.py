"""Complaints and feedback: what shoppers tell the shop about itself."""
