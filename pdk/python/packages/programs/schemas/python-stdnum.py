# package: python-stdnum

from stdnum import iban, isbn, luhn
from stdnum.de import vat
from stdnum.exceptions import ValidationError

INPUTS = ["GR16 0110 1050 0000 1054 7023 795", "978-0-471-11709-4", "7894", "DE 136,695 976", "nothing"]


def use(given):
    found = []
    for check in (iban, isbn, luhn, vat):
        try:
            found.append(check.validate(given))
        except ValidationError as error:
            found.append(type(error).__name__)
    return found
