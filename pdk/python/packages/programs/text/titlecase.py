# package: titlecase

from titlecase import titlecase

INPUTS = ["a thing of the past", "IN ALL CAPS: an essay", "o'reilly and the iPhone"]


def use(given):
    return titlecase(given)
