"""Measures Kefu against stock Rasa, in one run on one machine."""
