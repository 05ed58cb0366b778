"""Labels in and out: label files checked, brought in from labelling tools, taken to them, and what to label next."""
