# package: python-slugify
# with: text-unidecode

# It is imported by a name in a call, which a build cannot see.
import text_unidecode

from slugify import slugify

INPUTS = ["Ein Müller & Söhne!", "影師嗎", "  a  b  "]


def use(given):
    return slugify(given), slugify(given, max_length=8, separator="_")
