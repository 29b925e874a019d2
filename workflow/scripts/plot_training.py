"""Plot validation accuracy against training steps, gLM beside biLSTM (Extended Data 1)."""

import argparse
from pathlib import Path

from glm import command, tables
from glm.evaluation.curves import baselines_on_reference, caption_of, collect_curves, draw
from glm.provenance import stamp


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    made.add_argument("--glm", type=Path, required=True, help="metrics.parquet of the gLM")
    made.add_argument("--bilstm", type=Path, required=True, help="metrics.parquet of the biLSTM")
    made.add_argument("--accuracy", type=Path, required=True, help="for the baselines' lines")
    made.add_argument("--curves", type=Path, required=True, help="table of what is drawn")
    made.add_argument("--figures", type=Path, nargs="+", required=True, help=".png, .pdf")
    return made


def main(arguments: argparse.Namespace) -> None:
    """Collect the curves, write them, and draw them."""
    inputs = [arguments.glm, arguments.bilstm, arguments.accuracy]
    curves = collect_curves({"glm": arguments.glm, "bilstm": arguments.bilstm})
    tables.write(curves, arguments.curves, tables.CURVES, stamp("plot_training", inputs=inputs))
    caption = caption_of(curves, arguments.accuracy)
    draw(curves, baselines_on_reference(arguments.accuracy), arguments.figures, caption)


if __name__ == "__main__":
    command.run(parser(), main)
