# package: ftfy
# with: wcwidth

import ftfy

INPUTS = ["âœ” No problems", "schÃ¶n", "plain"]


def use(given):
    return ftfy.fix_text(given)
