from __future__ import annotations

from itertools import combinations
from xml.etree import ElementTree

import networkx as nx
import numpy as np

from glm.report.graph import draw_graph

SVG = "{http://www.w3.org/2000/svg}"
# A diamond, with an edge that passes over it.
DIAMOND = nx.DiGraph([("a", "b"), ("a", "c"), ("b", "d"), ("c", "d"), ("a", "e"), ("e", "d"),
                      ("d", "f"), ("a", "f<g>")])  # fmt: skip


def corners(path: str) -> np.ndarray:
    """Points of a path of moves and curves, (points, 2)."""
    numbers = path.replace("M", "").replace("C", " ").replace(",", " ").split()
    return np.array(numbers, float).reshape(-1, 2)


def drawn_paths(kind: str, graph: nx.DiGraph) -> dict[str, np.ndarray]:
    """Points of each node's box or edge's line by its title."""
    drawn = ElementTree.fromstring(draw_graph(graph, "A & B", "what it is"))
    return {
        str(group.findtext(f"{SVG}title")): corners(group.findall(f"{SVG}path")[0].attrib["d"])
        for group in drawn.iter(f"{SVG}g")
        if group.get("class") == kind
    }


def test_every_line_leads_down_and_boxes_do_not_touch() -> None:
    boxes = drawn_paths("node", DIAMOND)
    assert set(boxes) == set(DIAMOND)
    for source, target in DIAMOND.edges:
        assert boxes[source][:, 1].max() < boxes[target][:, 1].min()
    for one, other in combinations(boxes.values(), 2):
        apart = (one.max(0) < other.min(0)) | (other.max(0) < one.min(0))
        assert apart.any()
    assert len(drawn_paths("edge", DIAMOND)) == DIAMOND.number_of_edges()


def test_it_is_svg_that_says_what_it_is() -> None:
    drawn = ElementTree.fromstring(draw_graph(DIAMOND, "A & B", "what it is"))
    assert drawn.get("aria-label") == drawn.findtext(f"{SVG}title") == "A & B"
    assert drawn.findtext(f"{SVG}desc") == "what it is"
    assert {text.text for text in drawn.iter(f"{SVG}text")} == set(DIAMOND)


def test_nothing_to_draw_is_drawn() -> None:
    assert "svg" in draw_graph(nx.DiGraph(), "empty", "nothing")
