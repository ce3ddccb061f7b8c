# package: mistune

import mistune

INPUTS = ["# Title\n\nSome *text* with `code`.\n\n- one\n- two\n", "<script>alert(1)</script>\n\n[link](javascript:a)"]


def use(given):
    return mistune.html(given), mistune.create_markdown(escape=True)(given)
