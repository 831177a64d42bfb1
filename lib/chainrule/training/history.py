"""What a training run measured."""

from __future__ import annotations

from dataclasses import dataclass, field

from chainrule.tables import Table, table


@dataclass
class History:
    """What :func:`~chainrule.training.fit` measured, one entry per epoch.

    Attributes
    ----------
    loss : list of float
        Mean loss over the epoch's mini-batches, each taken before its update.
    validation_loss : list of float
        On the validation data after the epoch; empty without validation data.
    metric, validation_metric : list of float
        The metric on all training data, and on the validation data, after the epoch; empty
        without a metric.
    learning_rate : list of float
        That of the epoch's last update; empty without a schedule.
    gradient_norm : list of float
        The largest norm of the gradients in the epoch, before it was clipped; empty without
        ``clip_norm``.
    best_epoch : int or None
        The epoch, counted from 0, whose weights early stopping put back, which the model now has.
    stopped_early : bool
        Whether early stopping ended the run.
    interrupted : bool
        Whether the reader stopped it (Ctrl-C, or the stop button of a notebook).

    Examples
    --------
    >>> from chainrule.training import History
    >>> history = History(loss=[0.9, 0.4], validation_loss=[0.8, 0.5])
    >>> history
    History(2 epochs, last: loss=0.4, validation_loss=0.5)
    >>> history.table()
    epoch  loss  validation loss
        0   0.9              0.8
        1   0.4              0.5
    """

    loss: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    metric: list[float] = field(default_factory=list)
    validation_metric: list[float] = field(default_factory=list)
    learning_rate: list[float] = field(default_factory=list)
    gradient_norm: list[float] = field(default_factory=list)
    best_epoch: int | None = None
    stopped_early: bool = False
    interrupted: bool = False

    def table(self) -> Table:
        """Tabulate the run: a row per epoch, a column for all that was measured."""
        columns = {name.replace("_", " "): values for name, values in self._columns().items()}
        caption = "" if self.best_epoch is None else f"Weights: epoch {self.best_epoch}"
        return table({"epoch": range(len(self.loss)), **columns}, caption=caption)

    def _columns(self) -> dict[str, list[float]]:
        return {
            name: values
            for name, values in vars(self).items()
            if isinstance(values, list) and values
        }

    def _append(self, **measured: float) -> None:
        # All of an epoch or nothing: interrupted measurements leave no lists of unequal length.
        for name, value in measured.items():
            getattr(self, name).append(value)

    def last(self) -> str:
        """Say in one line what was measured after the last epoch."""
        return "  ".join(
            f"{name.replace('_', ' ')} {values[-1]:.4g}" for name, values in self._columns().items()
        )

    def __repr__(self) -> str:
        last = ", ".join(f"{name}={values[-1]:.4g}" for name, values in self._columns().items())
        notes = [f"{len(self.loss)} epochs"]
        notes += [f"last: {last}"] if last else []
        notes += [] if self.best_epoch is None else [f"best epoch {self.best_epoch}"]
        notes += ["stopped early"] if self.stopped_early else []
        notes += ["interrupted"] if self.interrupted else []
        return f"History({', '.join(notes)})"
