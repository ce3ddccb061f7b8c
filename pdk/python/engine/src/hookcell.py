"""What a plugin can import. hookcell.pyi has the types, which cost a plugin nothing."""


class Reject(Exception):
    """Raised by a hook that says no."""

    def __init__(self, error, details=None, status=None):
        super().__init__(error)
        self.error = str(error)
        if isinstance(details, (str, bytes, dict)):
            raise TypeError(f"details of a Reject are a list, and no {type(details).__name__}")
        details = None if details is None else list(details)
        self.details = details if status is None else [{"status": status}, *(details or ())]


User = Context = Answer = dict
