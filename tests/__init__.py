"""Tests through the doors that Kefu promises."""
