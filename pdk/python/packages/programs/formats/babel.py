# package: babel
# because: it opens its own files, which a plugin does not have

from babel.numbers import format_currency

INPUTS = [1234.5]


def use(given):
    return format_currency(given, "EUR", locale="de_DE")
