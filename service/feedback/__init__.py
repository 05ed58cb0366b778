"""Corrections by users: stored, and exported as labels."""
