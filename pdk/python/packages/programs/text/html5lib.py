# package: html5lib
# with: six webencodings

import html5lib
from html5lib.serializer import serialize

INPUTS = ["<p>one<p>two <b>x</p>", "<table><tr><td>1<td>2</table>"]


def use(given):
    tree = html5lib.parse(given, treebuilder="etree", namespaceHTMLElements=False)
    return [element.tag for element in tree.iter()], serialize(tree, tree="etree")
