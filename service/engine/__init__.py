"""The engine: a bounded queue, and threads that share the model."""
