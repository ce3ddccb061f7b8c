"""Stands in for a module of the terminal, so that packages can import `pydoc`, which has other uses."""


def _refuse(*arguments, **others):
    raise PermissionError("a plugin has no terminal")


def plain(text):
    return text


get_pager = pipe_pager = plain_pager = tempfile_pager = tty_pager = _refuse
