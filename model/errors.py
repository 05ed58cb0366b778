"""The exceptions of quotestance: everything a caller may want to catch derives from `QuotestanceError`."""


class QuotestanceError(Exception):
    """Base of every error raised on purpose; its text is one line that says where and what to do."""


class InputError(QuotestanceError, ValueError):
    """The input cannot be used: a field is missing, of the wrong type, or over a limit."""


class ModelError(QuotestanceError):
    """A model folder cannot be used: a file is missing, damaged, or of another format."""


class LabelError(InputError):
    """A label file cannot be used; the text names the file and the line."""
