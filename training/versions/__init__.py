"""A folder of model versions, one of which is in service."""
