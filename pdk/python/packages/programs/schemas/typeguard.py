# package: typeguard
# with: typing-extensions

from typing import Any

from typeguard import TypeCheckError, check_type

INPUTS = [{"a": [1, 2]}, {"a": ["x"]}, [1]]


def use(given):
    try:
        check_type(given, dict[str, list[int]])
    except TypeCheckError as error:
        return str(error)
    return check_type(given, Any)
