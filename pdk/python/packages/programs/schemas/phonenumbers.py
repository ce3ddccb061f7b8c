# package: phonenumbers

import phonenumbers

# A region's metadata is imported by a name that is made in the call, which a build cannot see.
from phonenumbers.data import region_DE, region_GB, region_US

INPUTS = ["030 123456", "+44 20 8366 1177", "+1 650 253 0000", "12", "call me"]


def use(given):
    try:
        number = phonenumbers.parse(given, "DE")
    except phonenumbers.NumberParseException as error:
        return str(error)
    return (
        phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164),
        phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL),
        phonenumbers.is_valid_number(number),
        phonenumbers.region_code_for_number(number),
    )
