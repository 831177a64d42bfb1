"""The record of a run: its one-line form and its table."""

from chainrule.training import History


def test_repr_of_a_history():
    assert repr(History()) == "History(0 epochs)"
    history = History(loss=[1.0, 0.25], metric=[0.5, 0.75])
    assert repr(history) == "History(2 epochs, last: loss=0.25, metric=0.75)"


def test_repr_says_how_the_run_ended():
    history = History(loss=[1.0], best_epoch=0, stopped_early=True, interrupted=True)
    expected = "History(1 epochs, last: loss=1, best epoch 0, stopped early, interrupted)"
    assert repr(history) == expected


def test_the_table_has_a_row_per_epoch_and_no_empty_column():
    history = History(loss=[1.0, 0.5], validation_loss=[2.0, 1.5], best_epoch=1)
    table = history.table()
    assert table.columns == ("epoch", "loss", "validation loss")
    assert table.rows == (("0", "1", "2"), ("1", "0.5", "1.5"))
    assert table.caption == "Weights: epoch 1"
    assert History().table().rows == ()
