"""The engine: a bounded queue, and one thread that owns the model."""
