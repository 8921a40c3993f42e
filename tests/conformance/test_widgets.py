"""Widgets without ipywidgets: jupyter_client plays the page. Its messages come through a
subshell, as JupyterLab sends them, so that they act while a cell trains."""

import json

import nbformat
import pytest
from nbclient import NotebookClient

import sandbox
from test_interrupt import FIT, reach, trained  # noqa: F401 (a fixture)

VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture
def shell(lab):
    return lab.finish(lab.control("create_subshell_request")).content["subshell_id"]


class Page:
    """The models that the kernel opened, as a widget manager holds them."""

    def __init__(self, lab, shell):
        self.lab, self.shell = lab, shell
        self.models, self.buffers = {}, {}

    def look(self, *cells):
        """Takes in what the cells published."""
        for cell in cells:
            for m in cell.messages:
                content = m["content"]
                if m["msg_type"] == "comm_open" and content["target_name"] == "jupyter.widget":
                    assert m["metadata"]["version"] == "2.1.0"
                    self.models[content["comm_id"]] = dict(content["data"]["state"])
                    self.buffers[content["comm_id"]] = m["buffers"]
                elif m["msg_type"] == "comm_msg" and content["comm_id"] in self.models:
                    if content["data"]["method"] in ("update", "echo_update"):
                        self.models[content["comm_id"]].update(content["data"]["state"])
                        self.buffers[content["comm_id"]] = m["buffers"]
                elif m["msg_type"] == "comm_close":
                    self.models.pop(content["comm_id"], None)
        return self

    def find(self, model, **fields):
        found = [i for i, s in self.models.items() if s["_model_name"] == model
                 and all(s.get(k) == v for k, v in fields.items())]
        assert len(found) == 1, (model, fields, found)
        return found[0]

    def say(self, comm, data):
        return self.lab.send_to(self.shell, "comm_msg", {"comm_id": comm, "data": data})

    def tell(self, comm, data):
        """Sends and waits for idle (a comm message has no reply)."""
        cell = self.say(comm, data)
        self.lab.until(lambda: cell.idle_at is not None, 20, "idle")
        self.look(cell)
        return cell

    def move(self, comm, **state):
        return self.tell(comm, {"method": "update", "state": state, "buffer_paths": []})

    def click(self, comm):
        return self.tell(comm, {"method": "custom", "content": {"event": "click"}})


@pytest.fixture
def page(lab, shell):
    return Page(lab, shell)


def test_a_slider_both_ways(lab, page):
    cell = lab.ok("s = widget.slider{value = 3, min = 1, max = 10, description = 'k'}\n"
                  "s:observe(function(c) print(c.old, c.new) end)\ns")
    page.look(cell)
    bundle = cell.of("execute_result")[0]["data"]
    slider = bundle[VIEW]["model_id"]
    assert bundle[VIEW]["version_major"] == 2 and bundle["text/plain"] == "k: 3"
    state = page.models[slider]
    for field, value in {"_model_module": "@jupyter-widgets/controls", "_model_name": "IntSliderModel",
                         "_view_name": "IntSliderView", "_model_module_version": "2.0.0",
                         "value": 3, "min": 1, "max": 10, "description": "k"}.items():
        assert state[field] == value
    for part, model in (("layout", "LayoutModel"), ("style", "SliderStyleModel")):
        assert page.models[state[part].removeprefix("IPY_MODEL_")]["_model_name"] == model
    moved = page.move(slider, value=8)
    assert moved.stdout == "3\t8\n"
    echo = moved.of("comm_msg")
    assert [m["data"]["method"] for m in echo] == ["echo_update"] and echo[0]["data"]["state"] == {"value": 8}
    assert lab.ok("s.value").result == "8"
    page.look(lab.ok("s.value = 2"))
    assert page.models[slider]["value"] == 2
    asked = page.tell(slider, {"method": "request_state"})
    assert asked.of("comm_msg")[0]["data"]["state"]["_view_name"] == "IntSliderView"
    page.look(lab.ok("s:close()"))
    assert slider not in page.models


def test_every_kind_and_its_wire_form(lab, page):
    page.look(lab.ok("""
      r = widget.slider{log = true, value = 0.1, min = 0.001, max = 1}
      d = widget.dropdown{options = {'a', 'b'}, value = 'b'}
      i = widget.image(plot.line{{1, 2}})
      caja = widget.hbox{r, d}
      return caja"""))
    rate = page.models[page.find("FloatLogSliderModel")]
    assert (rate["min"], rate["max"], rate["value"]) == (-3, 0, 0.1)
    choice = page.find("DropdownModel")
    assert page.models[choice]["_options_labels"] == ["a", "b"] and page.models[choice]["index"] == 1
    picture = page.find("ImageModel")
    assert "value" not in page.models[picture] and bytes(page.buffers[picture][0][:4]) == b"\x89PNG"
    assert page.models[page.find("HBoxModel")]["children"] == [
        "IPY_MODEL_" + page.find("FloatLogSliderModel"), "IPY_MODEL_" + choice]
    page.move(choice, index=0)
    assert lab.ok("d.value").result == "a"
    lab.ok("r:close() d:close() i:close() caja:close()")


def test_a_reloaded_page_gets_all_states(lab, page):
    lab.ok("s = widget.slider{value = 6} i = widget.image(plot.line{{1, 2}})")
    opened = lab.send_to(page.shell, "comm_open", {"comm_id": "ctl", "data": {},
                                                   "target_name": "jupyter.widget.control"})
    lab.until(lambda: opened.idle_at is not None, 10)
    got = page.tell("ctl", {"method": "request_states"})
    message = next(m for m in got.messages if m["msg_type"] == "comm_msg")
    states, paths = message["content"]["data"]["states"], message["content"]["data"]["buffer_paths"]
    slider = states[lab.ok("return s.id").result]
    assert slider["model_name"] == "IntSliderModel" and slider["state"]["value"] == 6
    assert slider["state"]["layout"].removeprefix("IPY_MODEL_") in states
    assert len(paths) == len(message["buffers"]) >= 1 and paths[0][1:] == ["state", "value"]
    lab.ok("s:close() i:close()")


def test_errors_of_a_callback_go_to_their_message(lab, page):
    page.look(lab.ok("b = widget.button{'x', on_click = function(b)\nlocal t = nil\nreturn t.y end}"))
    clicked = page.click(page.find("ButtonModel", description="x"))
    assert "línea 3" in clicked.stderr
    lab.ok("b:close()")


def places(cell):
    """display_id -> the text that it shows last."""
    return {c["transient"]["display_id"]: c["data"]["text/plain"]
            for c in cell.of("display_data", "update_display_data") if c["transient"].get("display_id")}


def test_interact_replaces_its_output(lab, page):
    cell = lab.ok("""interact{k = {1, 9}, modo = {'a', 'b'}, on = true, function(p)
        print(p.k, p.modo, p.on)
        plot.line{{p.k, 2 * p.k}}
        if p.k > 7 then print('grande') end
        if p.k == 8 then error('no me gusta') end
      end}""")
    page.look(cell)
    cell.may_be_late = True
    first = places(cell)
    assert list(first.values())[0] == "5\ta\ttrue" and len(first) == 2
    assert any("image/png" in c["data"] for c in cell.of("display_data"))
    slider = page.find("IntSliderModel", description="k")
    moved = page.move(slider, value=3)
    assert [c["transient"]["display_id"] for c in moved.of("update_display_data")] == list(first)
    assert places(moved)[list(first)[0]] == "3\ta\ttrue" and not moved.of("display_data")
    moved = page.move(page.find("DropdownModel", description="modo"), index=1)
    assert list(places(moved).values())[0] == "3\tb\ttrue"
    # A third output is shown in the cell that began, not under the message.
    moved = page.move(slider, value=9)
    lab.until(lambda: "grande" in places(cell).values(), 10)
    # A shorter output empties the place that it does not need; an error is told in its place.
    moved = page.move(slider, value=2)
    assert list(places(moved).values())[-1] == ""
    moved = page.move(slider, value=8)
    assert "no me gusta" in " ".join(places(moved).values()) and "no me gusta" in moved.stderr


def test_stop_pause_and_rate_act_during_training(trained, page):  # noqa: F811
    lab = trained
    cell = lab.begin(FIT.replace("batch_size = 32", "batch_size = 32, controls = true"))
    reach(lab, cell, "picture")
    lab.until(lambda: cell.shown(VIEW), 10)
    page.look(cell)
    rate = page.find("FloatLogSliderModel", description="tasa de aprendizaje")
    page.move(rate, value=0.0005)
    asked = lab.finish(lab.send_to(page.shell, "execute_request", {"code": "return 1"}))
    assert asked.status == "ok" and not cell.done
    pause = page.find("ButtonModel", description="Pausar")
    page.click(pause)
    assert page.models[pause]["description"] == "Continuar" and not cell.done
    # In the pause everything is answered, and a second click goes on.
    asked = lab.finish(lab.send_to(page.shell, "execute_request", {"code": "return 2"}))
    assert asked.status == "ok" and not cell.done
    page.click(pause)
    assert page.models[pause]["description"] == "Pausar" and not cell.done
    page.click(pause)
    page.say(page.find("ButtonModel", description="Detener"),
             {"method": "custom", "content": {"event": "click"}})
    lab.finish(cell, 20)
    assert cell.status == "ok" and "detenido" in cell.stdout
    assert "0.0005" in [c["data"]["text/plain"] for c in cell.of("update_display_data")
                        if "tasa de aprendizaje" in c["data"]["text/plain"]][-1]
    page.look(cell)
    assert "FloatLogSliderModel" not in [m["_model_name"] for m in page.models.values()
                                         if m.get("description") == "tasa de aprendizaje"]
    assert float(lab.ok("curva.history.learning_rate[#curva.history.learning_rate]").result) == \
        pytest.approx(0.0005)


def test_an_interrupt_ends_a_pause(trained, page):  # noqa: F811
    lab = trained
    cell = lab.begin(FIT.replace("batch_size = 32", "batch_size = 32, controls = true"))
    reach(lab, cell, "picture")
    lab.until(lambda: cell.shown(VIEW), 10)
    page.look(cell).click(page.find("ButtonModel", description="Pausar"))
    lab.interrupt_by_message()
    lab.finish(cell, 20)
    assert cell.status == "ok" and "detenido" in cell.stdout


def test_without_a_page_plain_output_stays(kernelspec, tmp_path):
    """nbclient: what the function shows at first is an ordinary output, and the state of the
    widgets in the notebook is whole."""
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(
        "interact{k = {1, 9}, function(p) plot.line{{p.k, 2}} return p.k end}"),
        nbformat.v4.new_code_cell(
        "m = nn.Sequential{nn.Dense(2)} m:compile{loss = 'sparse_categorical_crossentropy'}\n"
        "h = m:fit{data.gauss{n = 40}, epochs = 2, controls = true}")])
    NotebookClient(book, kernel_name=sandbox.KERNEL, timeout=120,
                   resources={"metadata": {"path": str(tmp_path)}}).execute()
    texts = [o["data"]["text/plain"] for o in book.cells[0].outputs]
    assert texts[0] == "k: 5" and "5" in texts
    assert any("image/png" in o["data"] for o in book.cells[0].outputs)
    last = [o["data"] for o in book.cells[1].outputs]
    assert last[0] == {"text/plain": "tasa de aprendizaje: 0.001"}
    states = book.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"]
    shown = book.cells[0].outputs[0]["data"][VIEW]["model_id"]
    assert states[shown]["model_name"] == "VBoxModel"
    assert all(c.removeprefix("IPY_MODEL_") in states for c in states[shown]["state"]["children"])
    nbformat.validate(json.loads(nbformat.writes(book)))
