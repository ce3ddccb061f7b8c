# package: semver

from semver import Version

INPUTS = [["1.2.3", "1.10.0"], ["1.0.0-rc.1", "1.0.0"], ["1", "2"]]


def use(given):
    try:
        one, other = (Version.parse(each) for each in given)
    except ValueError as error:
        return str(error)
    return one < other, str(one.bump_minor()), one.match(">=1.0.0"), one.to_dict()
