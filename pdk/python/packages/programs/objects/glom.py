# package: glom
# with: attrs boltons face

from glom import Coalesce, T, glom

INPUTS = [{"user": {"name": "Ada", "tags": ["a", "b"]}}, {"user": {"tags": []}}]


def use(given):
    return glom(given, {"name": Coalesce("user.name", default="none"), "tags": ("user.tags", [T.upper()])})
