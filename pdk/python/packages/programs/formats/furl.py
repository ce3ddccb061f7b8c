# package: furl
# with: orderedmultidict six

# `six` imports them by names in a call, which a build cannot see.
import urllib.error
import urllib.parse

from furl import furl

INPUTS = ["https://example.com/a/b?x=1&x=2#top", "not a url"]


def use(given):
    url = furl(given)
    url.args["y"] = "ä"
    return url.url, url.host, str(url.path), url.args.allitems()
