"""Stands in for a module in C, so that packages can import `selectors` and `subprocess`. There is nothing to wait for."""

error = OSError


def select(*arguments):
    raise PermissionError("a plugin has no files to wait for")
