# package: python-box

from box import Box

INPUTS = [{"user": {"name": "Ada", "first login": "never"}}]


def use(given):
    box = Box(given, box_dots=True)
    return box.user.name, box["user.name"], box.user.first_login, box.to_dict()
