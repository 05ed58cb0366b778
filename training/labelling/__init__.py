"""Label files: checked, brought in and out, and chosen for labelling."""
