"""A directed graph as SVG, laid out by Graphviz's dot, readable in dark and light."""

from __future__ import annotations

import re
from html import escape

import networkx as nx
import pygraphviz

CHARACTER, PADDING = 6.6, 24  # points, of a box: width of a letter, both margins
POINTS_PER_INCH = 72

# Colours follow the page's, or the reader's preference where the picture stands alone.
STYLE = """
.graph text{font:11px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:var(--text,#16202a)}
.graph .node path{fill:var(--surface,#f3f6f8);stroke:var(--line,#8496a5)}
.graph .edge path{stroke:var(--muted,#5b6b79);stroke-width:1.1;opacity:.75}
"""
STYLE_ALONE = (
    STYLE
    + """
@media (prefers-color-scheme:dark){.graph .node path{fill:#1d2730;stroke:#6f8394}
.graph text{fill:#e8eef3}.graph .edge path{stroke:#9fb0be}}
"""
)


def draw_graph(graph: nx.DiGraph, title: str, description: str, style: str = STYLE) -> str:
    """The graph as an SVG element, from top to bottom; nodes are strings, and become boxes."""
    drawn = pygraphviz.AGraph(
        directed=True, bgcolor="transparent", nodesep=0.2, ranksep=0.45, pad=0.1
    )
    drawn.node_attr.update(
        shape="box", style="rounded", fontname="monospace", fontsize=11, fixedsize=True, height=0.33
    )
    drawn.edge_attr.update(arrowhead="none")
    # widths are counted, so that the layout is the same whatever fonts there are
    for node in sorted(graph):
        drawn.add_node(node, width=(CHARACTER * len(node) + PADDING) / POINTS_PER_INCH)
    drawn.add_edges_from(sorted(graph.edges))
    svg = drawn.draw(format="svg", prog="dot").decode().replace('pt"', 'px"')
    about = f"<title>{escape(title)}</title><desc>{escape(description)}</desc>"
    head = f'<svg class="graph" role="img" aria-label="{escape(title)}" '
    svg = head + svg[svg.index("<svg ") + len("<svg ") :]
    return re.sub(r"(<svg [^>]*>)", rf"\1{about}<style>{style}</style>", svg, count=1)
