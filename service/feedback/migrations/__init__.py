"""The tables of the feedback store, version by version."""
