# package: inflect
# with: more-itertools typeguard typing-extensions
# because: typeguard reads its sources, which a plugin does not have

import inflect

engine = inflect.engine()

INPUTS = [["cat", 1], ["child", 3], ["mouse", 42], ["apple", 1_000_001]]


def use(given):
    word, count = given
    return engine.plural(word, count), engine.a(word), engine.number_to_words(count), engine.ordinal(count)
