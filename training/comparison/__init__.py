"""Is one model better than another, and how sure is that."""
