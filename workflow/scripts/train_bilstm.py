"""Train the biLSTM baseline, with the trainer, data and losses of train_glm (Extended Data 2)."""

from argparse import Namespace

from glm import command
from glm.model import BidirectionalLSTM, BidirectionalLSTMConfig
from glm.training import launch


def train_bilstm(arguments: Namespace) -> int:
    """Train, and write the model directory."""
    return launch.main(arguments, BidirectionalLSTMConfig, BidirectionalLSTM, "train_bilstm")


if __name__ == "__main__":
    command.run(launch.parser(__doc__), train_bilstm)
