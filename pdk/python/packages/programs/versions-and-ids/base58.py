# package: base58

import base58

INPUTS = ["hello world", "", "ä"]


def use(given):
    text = base58.b58encode_check(given.encode()).decode()
    return text, base58.b58decode_check(text).decode()
