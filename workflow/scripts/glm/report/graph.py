"""A directed graph as SVG: layers from top to bottom, few crossings, readable in dark and light."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from html import escape

import networkx as nx
import numpy as np
from sklearn.isotonic import isotonic_regression

CHARACTER, PADDING, HEIGHT = 6.6, 12, 24  # of a box: width of a letter, margins, height
ROW, GAP, MARGIN = 58, 14, 10  # distance of layers, of boxes, from the edge
SWEEPS = 12
BEND = 22  # how far a line runs straight down before it turns

# Colours follow the page's, or the reader's preference where the picture stands alone.
STYLE = """
.graph{font:11px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
.graph .box{fill:var(--surface,#f3f6f8);stroke:var(--line,#8496a5)}
.graph text{fill:var(--text,#16202a);text-anchor:middle}
.graph .edge{fill:none;stroke:var(--muted,#5b6b79);stroke-width:1.1;opacity:.75}
"""
STYLE_ALONE = (
    STYLE
    + """
@media (prefers-color-scheme:dark){.graph .box{fill:#1d2730;stroke:#6f8394}
.graph text{fill:#e8eef3}.graph .edge{stroke:#9fb0be}}
"""
)


def layers_of(graph: nx.DiGraph) -> list[list[Hashable]]:
    """Nodes by the longest way from a source; an edge over layers passes through a waypoint each.

    Waypoints are tuples (edge, layer). The order within layers minimises crossings greedily.
    """
    rank = {
        node: depth for depth, nodes in enumerate(nx.topological_generations(graph))
        for node in nodes
    }  # fmt: skip
    # a source stands just above the first that needs it, not at the very top
    for node in reversed(list(nx.topological_sort(graph))):
        followers = [rank[other] for other in graph.successors(node)]
        if followers and not list(graph.predecessors(node)):
            rank[node] = min(followers) - 1
    layers: list[list[Hashable]] = [[] for _ in range(max(rank.values(), default=-1) + 1)]
    for node in sorted(graph, key=str):
        layers[rank[node]].append(node)
    for edge in sorted(graph.edges, key=str):
        for depth in range(rank[edge[0]] + 1, rank[edge[1]]):
            layers[depth].append((edge, depth))
    chain = with_waypoints(layers, graph)
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        order = range(1, len(layers)) if down else range(len(layers) - 2, -1, -1)
        for depth in order:
            fixed = layers[depth - 1 if down else depth + 1]
            at = {node: index / max(1, len(fixed) - 1) for index, node in enumerate(fixed)}
            means = {}
            for node in layers[depth]:
                beside = chain.predecessors(node) if down else chain.successors(node)
                means[node] = np.mean([at[other] for other in beside] or 0.5)
            layers[depth].sort(key=means.__getitem__)
    return layers


def place(layers: list[list[Hashable]], graph: nx.DiGraph) -> dict[Hashable, float]:
    """Where each node's middle stands: near those that it is joined to, boxes apart.

    Layer by layer each node wants the mean of its neighbours; what comes nearest to that and keeps
    order and distances is an isotonic regression. Waypoints weigh more, so that lines run straight.
    """
    chain = with_waypoints(layers, graph)
    places: dict[Hashable, float] = {}
    offsets = []
    for layer in layers:
        widths = np.array([width_of(node) + GAP for node in layer])
        offsets.append(np.cumsum(widths) - widths / 2)
        places |= dict(zip(layer, offsets[-1] - widths.sum() / 2, strict=True))
    for _ in range(SWEEPS):
        for layer, offset in zip(layers, offsets, strict=True):
            wanted = [
                np.mean([places[other] for other in nx.all_neighbors(chain, node)] or places[node])
                for node in layer
            ]
            weights = [4.0 if isinstance(node, tuple) else 1.0 for node in layer]
            settled = isotonic_regression(np.array(wanted) - offset, sample_weight=weights)
            places |= dict(zip(layer, (settled + offset).tolist(), strict=True))
    left = min((x - width_of(node) / 2 for node, x in places.items()), default=0.0)
    return {node: x - left + MARGIN for node, x in places.items()}


def with_waypoints(layers: list[list[Hashable]], graph: nx.DiGraph) -> nx.DiGraph:
    """The graph whose edges join neighbouring layers only."""
    chain = nx.DiGraph()
    chain.add_nodes_from(graph)
    through: dict[Hashable, list[Hashable]] = {}
    for layer in layers:
        for node in layer:
            if isinstance(node, tuple):
                through.setdefault(node[0], []).append(node)
    for edge in graph.edges:
        nx.add_path(chain, [edge[0], *through.get(edge, []), edge[1]])
    return chain


def width_of(node: Hashable) -> float:
    """Width of a node's box; a waypoint is narrow."""
    return 8.0 if isinstance(node, tuple) else CHARACTER * len(str(node)) + 2 * PADDING


def draw_graph(
    graph: nx.DiGraph, title: str, description: str, style: str = STYLE, name: str = "graph"
) -> str:
    """The graph as an SVG element; nodes are strings, and become boxes."""
    layers = layers_of(graph)
    places = place(layers, graph)
    total = max((x + width_of(node) / 2 for node, x in places.items()), default=0.0) + MARGIN
    centre = {
        node: (places[node], MARGIN + HEIGHT / 2 + depth * ROW)
        for depth, layer in enumerate(layers)
        for node in layer
    }
    lines = [path_of(edge, centre) for edge in graph.edges]
    boxes = [
        f'<g><rect class="box" x="{x - width_of(node) / 2:.1f}" y="{y - HEIGHT / 2:.1f}" rx="5" '
        f'width="{width_of(node):.1f}" height="{HEIGHT}"/>'
        f'<text x="{x:.1f}" y="{y + 4:.1f}">{escape(str(node))}</text></g>'
        for node, (x, y) in centre.items()
        if not isinstance(node, tuple)
    ]
    height = len(layers) * ROW - ROW + HEIGHT + 2 * MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="graph" role="img" '
        f'aria-labelledby="{name}-title {name}-about" viewBox="0 0 {total:.0f} {height}" '
        f'width="{total:.0f}" height="{height}"><title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-about">{escape(description)}</desc><style>{style}</style>'
        f"{''.join(lines)}{''.join(boxes)}</svg>"
    )


def path_of(edge: tuple[Hashable, Hashable], centre: Mapping[Hashable, tuple[float, float]]) -> str:
    """A line from box to box, through the edge's waypoints."""
    source, target = edge
    through = sorted(
        (place for node, place in centre.items() if isinstance(node, tuple) and node[0] == edge),
        key=lambda place: place[1],
    )
    x, y = centre[source]
    y += HEIGHT / 2
    last_x, last_y = centre[target]
    path = f"M{x:.1f} {y:.1f}"
    for next_x, next_y in [*through, (last_x, last_y - HEIGHT / 2)]:
        path += (
            f"C{x:.1f} {y + BEND:.1f} {next_x:.1f} {next_y - BEND:.1f} {next_x:.1f} {next_y:.1f}"
        )
        x, y = next_x, next_y
    return f'<path class="edge" d="{path}"/>'
