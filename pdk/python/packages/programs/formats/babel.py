# package: babel
# because: its data files have 33 MB

from babel.numbers import format_currency

INPUTS = [1234.5]


def use(given):
    return format_currency(given, "EUR", locale="de_DE")
