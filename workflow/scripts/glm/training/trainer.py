"""The training loop, of gLM and of the biLSTM baseline: on one GPU, on four, or on several nodes.

The batch is the same however many processes share it: each takes its micro-batches, gradients
accumulate over them, and the loss is divided by the masked genes of the whole batch. A run that
ends before its last step, by a kill or by itself, is started again with the same command and goes
on from its last checkpoint; it ends with the same weights as one that was never stopped (bit for
bit on CPU in float32). Exit status: 0 finished; 85 saved and to be started again (SIGTERM,
SIGUSR1, Ctrl-C, wall time; torchrun turns any status but 0 into 1); 1 an error.
"""

from __future__ import annotations

import math
import time
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from glm import logs, tables
from glm.configuration.section import Reduction
from glm.errors import GlmError
from glm.model.accuracy import pseudo_accuracy
from glm.model.kernel_check import check_kernels
from glm.model.loss import Loss, masked_gene_loss
from glm.model.output import GenomicOutput
from glm.model.performance import PromptAdamW
from glm.training.checkpoint import Checkpoints, pack, unpack
from glm.training.checkpoint_writer import CheckpointWriter
from glm.training.distributed import Processes
from glm.training.interruption import RESUBMIT, Interruption
from glm.training.loading import Inputs, Share, TrainingData
from glm.training.metrics import DivergenceWatch, LossLedger, Metrics, logger, peak_memory
from glm.training.settings import Settings

HALF = {"bf16": torch.bfloat16, "fp16": torch.float16}
STEPS_BETWEEN_AGREEMENTS = 10  # when processes ask each other whether one of them must stop
SECONDS_BETWEEN_FILES = 30.0  # when the metrics so far are written for whoever watches


@dataclass(frozen=True)
class Run:
    """All that a training run works with.

    held_out: what is validated on, by the name of its split in metrics.parquet.
    """

    settings: Settings
    model: nn.Module
    train: TrainingData
    held_out: dict[str, TrainingData]
    processes: Processes
    checkpoints: Checkpoints
    interruption: Interruption
    stamp: dict[str, Any]


class Trainer:
    """The loop: batches in, weights, metrics and checkpoints out."""

    def __init__(self, run: Run) -> None:
        """Make the optimiser and go back to where the last start of this run got to."""
        self.run, self.settings, self.processes = run, run.settings, run.processes
        self.device = run.processes.device
        self.model = run.model.to(self.device)
        self.optimizer = PromptAdamW(
            self.model.parameters(),
            lr=self.settings.learning_rate,
            eps=self.settings.epsilon,
            weight_decay=self.settings.weight_decay,
        )
        # fp16 loses small gradients: they are scaled up, and back before the optimiser's step
        self.scaler = torch.amp.GradScaler(
            self.device.type, enabled=self.settings.precision == "fp16"
        )
        self.autocast = torch.autocast(
            self.device.type,
            dtype=HALF.get(self.settings.precision),
            enabled=self.settings.precision in HALF,
        )
        # a GPU's time for one parameter after another is longer than for all at once
        self.prompt = (
            self.device.type == "cpu"
            and self.processes.world == 1
            and self.settings.gradient_clip is None
            and not self.scaler.is_enabled()
        )
        self.ledger = LossLedger(self.processes)
        self.writer = CheckpointWriter(run.checkpoints, ahead=self.device.type == "cuda")
        self.validation = {
            name: source.share(source.sampler.held_out(self.settings.validation_subcontigs), False)
            for name, source in run.held_out.items()
        }
        self.resume()
        # the LSTM has neither kernels of ours nor anything to compile: it is one kernel already
        check_kernels(self.model)
        if self.settings.compile and self.device.type == "cuda":
            getattr(self.model, "compile_layers", lambda: None)()
        self.parallel: nn.Module = self.model
        if self.processes.world > 1:
            self.parallel = DistributedDataParallel(self.model, gradient_as_bucket_view=True)

    def resume(self) -> None:
        """Take up the newest sound checkpoint; all processes the same one."""
        first_found = self.run.checkpoints.latest() if self.processes.first else None
        self.done = self.processes.agree(first_found.step if first_found else 0)
        counters: dict[str, Any] = {"seconds": 0.0, "recent_losses": [], "scaler": {}}
        rows = None
        if self.done:
            checkpoint = self.run.checkpoints.at(self.done)
            unpack(checkpoint.tensors(), self.model, self.optimizer)
            counters, rows = checkpoint.counters(), checkpoint.metrics()
            logger.info("resuming after step %d, from %s", self.done, checkpoint.folder)
        else:
            logger.info("starts anew; states go to %s", self.run.checkpoints.folder)
        if counters["scaler"]:
            self.scaler.load_state_dict(counters["scaler"])
        self.watch = DivergenceWatch(
            self.settings.spike_deviations, self.settings.spike_window, counters["recent_losses"]
        )
        tensorboard = self.settings.tensorboard and self.processes.first
        self.metrics = Metrics(rows, self.run.checkpoints.folder if tensorboard else None)
        self.losses_since_row: list[list[float]] = counters.get("losses_since_row", [])
        self.seconds_before, self.last_checkpoint = counters["seconds"], self.done

    def train(self) -> int:
        """Train to the last step, or until something asks to stop. Returns the exit status."""
        settings = self.settings
        self.started = self.row_started = self.file_written = time.monotonic()
        bar = logs.progress_bar(
            total=settings.steps * settings.batch_size,
            unit="subcontigs",
            initial=self.done * settings.batch_size,
            disable=not self.processes.first,
        )
        stop = False
        for share in self.run.train.shares(self.done, settings.steps, settings.workers):
            stop = self.must_stop()
            step = self.done + 1
            last = stop or step == settings.steps
            periodic = step % settings.checkpoint_every == 0
            save = last or periodic
            validate = step % settings.validate_every == 0 or step == settings.steps
            row = periodic or validate or step % settings.log_every == 0
            look = row or last

            found = self.step(share, look)
            self.done = step
            if look:
                loss = self.look(found, share.hidden_genes, row)
                bar.set_description_str(f"step {step}/{settings.steps}, loss {loss:.4f}", False)
            bar.update(settings.batch_size)
            if validate:
                self.validate()
            if save:
                self.save()
            if look:
                self.row_started = time.monotonic()
            if last:
                break
        bar.close()
        self.writer.wait()
        if stop and self.done < settings.steps:
            logger.warning(
                "%s: saved after step %d of %d; the same command resumes from there",
                self.run.interruption.reason or "another process was told to stop",
                self.done,
                settings.steps,
            )
            return RESUBMIT
        return 0

    def must_stop(self) -> bool:
        """Whether this process, or one of the others, has been asked to stop."""
        if self.processes.world > 1 and self.done % STEPS_BETWEEN_AGREEMENTS:
            return False
        return self.processes.any(self.run.interruption.requested())

    def step(self, share: Share, look: bool) -> list[Tensor]:
        """One step of the optimiser over one batch.

        Returns, if the step is looked at, for each micro-batch how many masked genes were found
        (2,): by the most likely prediction, and by the closest. Nothing here waits for the device.
        """
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(self.done, self.settings)
        losses, found = [], []
        for index, micro in enumerate(share.micro_batches):
            synchronise = index == len(share.micro_batches) - 1
            with nullcontext() if synchronise else self.accumulate():
                inputs = self.run.train.inputs(micro, all_labels=look)
                torch.manual_seed(micro.seed)
                output = self.forward(self.parallel, inputs)
                loss = self.loss(output, inputs, share, self.settings.loss_reduction)
                # DDP takes the mean over processes, but the batch's loss is the sum of theirs
                scaled = self.scaler.scale(loss.loss * self.processes.world)
                with self.optimizer.during_backward(self.prompt and synchronise):
                    scaled.backward()
            losses.append(loss)
            if look:
                found.append(count_found(output, inputs))
        if self.settings.gradient_clip is not None:
            self.scaler.unscale_(self.optimizer)
            nn.utils.clip_grad_norm_(self.model.parameters(), self.settings.gradient_clip)
        self.scaler.step(self.optimizer)  # of what was not updated during the backward pass
        self.scaler.update()
        self.optimizer.zero_grad(set_to_none=True)
        self.ledger.add(losses)
        return found

    def accumulate(self) -> Any:
        """Keep gradients to this process: a later micro-batch of the same batch exchanges them."""
        if isinstance(self.parallel, DistributedDataParallel):
            return self.parallel.no_sync()
        return nullcontext()

    def forward(self, model: nn.Module, inputs: Inputs) -> GenomicOutput:
        """Predictions for the masked genes, in the run's precision."""
        with self.autocast:
            output: GenomicOutput = model(inputs.features, inputs.layout, masked=inputs.masked)
        return output

    def loss(
        self, output: GenomicOutput, inputs: Inputs, share: Share, reduction: Reduction
    ) -> Loss:
        """A micro-batch's part of the batch's loss: the parts of all of them add up to it."""
        assert output.predictions is not None
        assert output.likelihoods is not None
        return masked_gene_loss(
            output.predictions,
            output.likelihoods,
            inputs.masked_labels,
            alpha=self.settings.alpha,
            reduction=reduction,
            positions=share.positions,
            masked_genes=share.masked_genes,
        )

    def look(self, found: list[Tensor], hidden_genes: int, row: bool) -> float:
        """Read the losses since the last look, stop if they went wrong, perhaps note a row.

        The row's loss is the mean over the steps since the last row, whatever interrupted them, so
        that a resumed run tells what an undisturbed one does; its accuracies are of the last step.
        Returns that loss.
        """
        losses = self.ledger.collect()
        for step, (loss, _, _) in enumerate(losses, self.done - len(losses) + 1):
            if fault := self.watch.fault(loss):
                raise self.diverged(step, fault)
        self.losses_since_row += losses
        seconds = time.monotonic() - self.row_started
        count = len(self.losses_since_row)
        means = [sum(part) / count for part in zip(*self.losses_since_row, strict=True)]
        if row:
            self.note(
                "train",
                means,
                self.processes.sum(torch.stack(found).sum(0)).tolist(),
                hidden_genes,
                subcontigs_per_second=len(losses) * self.settings.batch_size / seconds,
            )
            self.losses_since_row = []
        return means[0]

    def diverged(self, step: int, fault: str) -> GlmError:
        """The error that names step, batch and the last good state."""
        sampler = self.run.train.sampler
        chosen = self.run.train.corpus.subcontig[sampler.batch(step - 1).chosen]
        return self.run.checkpoints.diverged(step, fault, chosen.tolist(), self.last_checkpoint)

    @torch.no_grad()
    def validate(self) -> None:
        """Note a row for each held-out corpus: always the same subcontigs, the same masks."""
        self.model.eval()
        for name, share in self.validation.items():
            sums = torch.zeros(5, device=self.device)
            for micro in share.micro_batches:
                inputs = self.run.held_out[name].inputs(micro, all_labels=True)
                output = self.forward(self.model, inputs)
                loss = self.loss(output, inputs, share, "masked")
                sums += torch.cat([torch.stack(loss), count_found(output, inputs)])
            totals = self.processes.sum(sums).tolist()
            self.note(name, totals[:3], totals[3:], share.hidden_genes)
        self.model.train()

    def note(
        self, split: str, losses: list[float], found: list[float], masked: int, **more: float
    ) -> None:
        """Add a row to the metrics, and write what there is from time to time."""
        seen = self.done * self.settings.batch_size
        self.metrics.add(
            {
                "step": self.done,
                "epoch": seen / len(self.run.train.corpus),
                "subcontigs": seen,
                "seconds": self.seconds(),
                "split": split,
                "loss": losses[0],
                "mean_squared_error": losses[1],
                "cross_entropy": losses[2],
                "pseudo_accuracy": found[0] / max(masked, 1),
                "pseudo_accuracy_closest": found[1] / max(masked, 1),
                "learning_rate": learning_rate(self.done - 1, self.settings),
                "memory": peak_memory(self.device),
                **more,
            }
        )
        if split != "train":
            logger.info(
                "step %d, %s: loss %.4f, pseudo-accuracy %.3f (closest %.3f) of %d masked genes",
                *(self.done, split, losses[0], found[0] / max(masked, 1)),
                *(found[1] / max(masked, 1), masked),
            )
        if self.processes.first and time.monotonic() - self.file_written > SECONDS_BETWEEN_FILES:
            self.file_written = time.monotonic()
            path = self.run.checkpoints.folder / "metrics.parquet"
            tables.write(self.metrics.table(), path, tables.METRICS, self.run.stamp)

    def seconds(self) -> float:
        """Seconds of training, over all starts of this run."""
        return self.seconds_before + time.monotonic() - self.started

    def save(self) -> None:
        """Begin to write a checkpoint, unless the weights are not worth it."""
        norms = torch.stack([value.isfinite().all() for value in self.model.parameters()])
        if not bool(norms.all()):
            raise self.diverged(self.done, "the weights are no longer finite after this step")
        if self.processes.first:
            counters = {
                "step": self.done,
                "seconds": self.seconds(),
                "recent_losses": list(self.watch.recent),
                "losses_since_row": list(self.losses_since_row),
                "scaler": self.scaler.state_dict(),
            }
            tensors = pack(self.model, self.optimizer)
            self.writer.save(self.done, tensors, counters, self.metrics.table(), self.run.stamp)
        self.last_checkpoint = self.done
        self.processes.wait()


def learning_rate(step: int, settings: Settings) -> float:
    """The rate of a step, from 0: linear warm-up, then constant, or to zero at the last step."""
    if step < settings.warmup_steps:
        return settings.learning_rate * (step + 1) / settings.warmup_steps
    way = (step - settings.warmup_steps) / max(settings.steps - settings.warmup_steps, 1)
    share = {
        "constant": 1.0,
        "linear": 1 - way,
        "cosine": (1 + math.cos(math.pi * way)) / 2,
    }
    return settings.learning_rate * share[settings.schedule]


def count_found(output: GenomicOutput, inputs: Inputs) -> Tensor:
    """Hidden genes found by the most likely prediction, and by the closest: (2,) float32."""
    assert output.predictions is not None
    assert output.likelihoods is not None
    assert inputs.labels is not None
    layout, genes = inputs.layout, len(inputs.present)
    slots = torch.arange(genes, device=inputs.present.device)
    if layout.slots is not None:
        slots = layout.slots
    accuracy = pseudo_accuracy(
        output.predictions,
        output.likelihoods,
        inputs.labels,
        slots // layout.longest,
        inputs.masked,
        inputs.present,
        layout.longest,
    )
    found = torch.stack([accuracy.most_likely, accuracy.closest_of_four])
    return (found & inputs.hidden).sum(1).float()
