from __future__ import annotations

from itertools import pairwise
from xml.etree import ElementTree

import networkx as nx

from glm.report.graph import draw_graph, layers_of, place, width_of

# A diamond, with an edge that passes over it.
DIAMOND = nx.DiGraph([("a", "b"), ("a", "c"), ("b", "d"), ("c", "d"), ("a", "e"), ("e", "d"),
                      ("d", "f"), ("a", "f<g>")])  # fmt: skip


def test_every_line_leads_down_by_one_layer() -> None:
    layers = layers_of(DIAMOND)
    depth = {node: number for number, layer in enumerate(layers) for node in layer}
    assert all(depth[source] < depth[target] for source, target in DIAMOND.edges)
    far = nx.DiGraph([("a", "b"), ("b", "c"), ("c", "d"), ("a", "d")])
    waypoints = [node for layer in layers_of(far) for node in layer if isinstance(node, tuple)]
    assert waypoints == [(("a", "d"), 1), (("a", "d"), 2)]


def test_boxes_of_a_layer_do_not_touch() -> None:
    layers = layers_of(DIAMOND)
    places = place(layers, DIAMOND)
    for layer in layers:
        for left, right in pairwise(layer):
            assert places[right] - places[left] > (width_of(left) + width_of(right)) / 2


def test_it_is_svg_that_says_what_it_is() -> None:
    drawn = ElementTree.fromstring(draw_graph(DIAMOND, "A & B", "what it is"))
    space = "{http://www.w3.org/2000/svg}"
    assert drawn.findtext(f"{space}title") == "A & B"
    assert len(drawn.findall(f"{space}path")) == DIAMOND.number_of_edges()
    names = {box.findtext(f"{space}text") for box in drawn.findall(f"{space}g")}
    assert names == set(DIAMOND)


def test_nothing_to_draw_is_drawn() -> None:
    assert "svg" in draw_graph(nx.DiGraph(), "empty", "nothing")
