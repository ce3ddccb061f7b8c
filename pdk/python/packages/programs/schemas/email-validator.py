# package: email-validator
# with: dnspython idna

from email_validator import EmailNotValidError, validate_email

INPUTS = ["Ada@Example.com", "ada@bücher.example.org", "ada@", "a..b@example.com", "ada@example.com " * 20]


def use(given):
    try:
        found = validate_email(given, check_deliverability=False)
    except EmailNotValidError as error:
        return str(error)
    return found.normalized, found.ascii_email, found.domain
