"""The documentation as a site: `make docs` builds it into site/, to be read from disk too."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util.logging import getLogger

DOCS = Path(__file__).parent.resolve()
ROOT = DOCS.parent
sys.path[:0] = [str(DOCS), str(ROOT / "workflow" / "scripts")]

import generate  # noqa: E402

project = "gLM"
html_title = "gLM"
html_theme = "furo"
html_static_path = html_css_files = ["style.css"]
html_show_copyright = html_show_sphinx = html_copy_source = False
extensions = ["myst_parser"]
exclude_patterns = ["*.py"]
myst_heading_anchors = 4
myst_disable_syntax = ["html_inline", "html_block"]  # results/<run> is text

OUTSIDE = re.compile(r"\[([^\]]+)\]\((\.\./[^)#]+)(#[^)]*)?\)")
SECTION = re.compile(r"^## (.+?)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
PAGE = re.compile(r"\[([^\]]+)\]\(([\w-]+)\.md\)")
logger = getLogger("docs")


def name_files_outside(app: Sphinx, page: str, source: list[str]) -> None:
    """Name files that are not part of the site instead of linking to them; warn of missing ones."""

    def named(link: re.Match[str]) -> str:
        text, path = link[1], (DOCS / link[2]).resolve()
        if not path.exists():
            logger.warning("no such file: %s", link[2], location=page)
        name = str(path.relative_to(ROOT))
        return f"`{name}`" if text.strip("`") == name else f"{text} (`{name}`)"

    source[0] = OUTSIDE.sub(named, source[0])


def list_pages(app: Sphinx, page: str, source: list[str]) -> None:
    """The navigation is the list of pages in index.md."""
    if page != "index":
        return
    for heading, part in SECTION.findall(source[0]):
        listed = "\n".join(f"{title} <{name}>" for title, name in PAGE.findall(part))
        source[0] += f"\n```{{toctree}}\n:hidden:\n:caption: {heading}\n\n{listed}\n```\n"


def setup(app: Sphinx) -> None:
    """Write the generated pages before any page is read."""
    generate.write(DOCS)
    app.connect("source-read", name_files_outside)
    app.connect("source-read", list_pages)
