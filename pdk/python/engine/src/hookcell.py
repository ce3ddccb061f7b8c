"""What a plugin can import. hookcell.pyi has the types, which cost a plugin nothing."""


class Reject(Exception):
    """Raised by a hook that says no."""

    def __init__(self, error, details=None, status=None):
        super().__init__(error)
        self.error = str(error)
        details = None if details is None else list(details)
        self.details = details if status is None else [{"status": status}, *(details or ())]


User = Context = Answer = dict
