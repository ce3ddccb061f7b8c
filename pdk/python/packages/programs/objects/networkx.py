# package: networkx

import networkx

INPUTS = [[["a", "b"], ["b", "c"], ["a", "d"], ["d", "c"]]]


def use(given):
    graph = networkx.DiGraph(given)
    return networkx.shortest_path(graph, "a", "c"), list(networkx.topological_sort(graph)), networkx.density(graph)
