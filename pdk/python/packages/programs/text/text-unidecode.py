# package: text-unidecode

from text_unidecode import unidecode

INPUTS = ["Straße", "北京", "plain"]


def use(given):
    return unidecode(given)
