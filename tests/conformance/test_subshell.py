"""Subshells: what a front end can ask while a cell trains."""

import pytest

from test_interrupt import FIT, MODEL, reach, trained  # noqa: F401 (a fixture)


@pytest.fixture
def shell(lab):
    return lab.finish(lab.control("create_subshell_request")).content["subshell_id"]


def ask(lab, shell, code):
    """Runs code in the subshell."""
    return lab.finish(lab.send_to(shell, "execute_request", {"code": code}))


@pytest.fixture
def training(trained, shell):  # noqa: F811
    cell = trained.begin(FIT)
    reach(trained, cell, "picture")
    yield cell
    if not cell.done:
        trained.interrupt_by_message()
        trained.finish(cell, 10)


def test_variables_and_progress(trained, shell, training):  # noqa: F811
    assert ask(trained, shell, "1 + 1").result == "2"
    assert "3 capas" in ask(trained, shell, "tostring(red)").result
    assert not training.done


def test_completion_and_inspection(trained, shell, training):  # noqa: F811
    got = trained.finish(trained.send_to(shell, "complete_request",
                                         {"code": "digit", "cursor_pos": 5}))
    assert got.content["matches"] == ["digitos"]
    got = trained.finish(trained.send_to(shell, "inspect_request",
                                         {"code": "nn.Dense", "cursor_pos": 5}))
    assert got.content["found"] and not training.done


def test_the_network_in_training_answers(trained, shell, training):  # noqa: F811
    got = ask(trained, shell, "red:evaluate(digitos).accuracy")
    assert float(got.result) > 0.5 and not training.done


@pytest.mark.parametrize("code", [
    "red:fit{digitos, epochs = 1, verbose = 0}",
    "red:compile{optimizer = 'sgd', loss = 'mse'}"])
def test_it_cannot_be_changed(trained, shell, training, code):  # noqa: F811
    got = ask(trained, shell, code)
    assert got.status == "error" and "se está entrenando" in got.content["evalue"]
    assert not training.done


def test_another_network_trains_beside_it(trained, shell, training):  # noqa: F811
    got = ask(trained, shell, MODEL.replace("red", "otra").replace("digitos =", "mas ="))
    assert got.status == "ok", got.content
    assert not training.done


def test_same_curve_with_and_without_visits(trained, shell):  # noqa: F811
    """A visit changes nothing of what it interrupts."""
    code = MODEL.replace("verbose = 0", "verbose = 0").replace("red:fit", "h = red:fit") + \
        "\ntable.concat(h.history.loss, ' ')"
    alone = trained.ok(code).result
    cell = trained.begin(code)
    while not cell.done:
        ask(trained, shell, "1")
        trained.pump(0)
    assert cell.result == alone


def test_a_loop_and_a_command(lab, shell):
    for code in ("print('ya'); while not libre do end", "print('ya'); os.execute('sleep 30')"):
        lab.ok("libre = false")
        cell = lab.begin(code)
        reach(lab, cell, "print")
        assert ask(lab, shell, "2 + 2").result == "4"
        ask(lab, shell, "libre = true")
        if "execute" in code:
            lab.interrupt_by_message()
        lab.finish(cell, 10)


def test_the_traceback_says_which_shell(lab, shell):
    got = ask(lab, shell, "local x = nil\nreturn x.y")
    assert got.status == "error"
    assert any("subshell" in line for line in got.content["traceback"])
