"""Scoring archives of articles."""
