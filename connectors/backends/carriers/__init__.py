"""Carriers: where a parcel is and what that means."""
