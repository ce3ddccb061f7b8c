# package: emoji

import emoji

INPUTS = ["Python is 👍", "nothing"]


def use(given):
    return emoji.demojize(given), emoji.emoji_count(given), emoji.emojize(":red_heart:")
