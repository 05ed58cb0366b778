"""Training and measuring: label files in, models and figures out."""
