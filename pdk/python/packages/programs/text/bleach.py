# package: bleach
# with: webencodings

import bleach

INPUTS = ["<b>bold</b> <script>alert(1)</script>", '<a href="javascript:x" onclick="y">see</a> <i>unclosed', "https://example.com & co"]


def use(given):
    return bleach.clean(given), bleach.clean(given, tags={"i"}, strip=True), bleach.linkify(given)
