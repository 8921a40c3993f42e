"""What a cell may expect, seen by a real client: counting, silence, order of messages,
errors and their queue, expressions, completion, inspection, input and printed text."""

import time

import pytest

import sandbox

BUSY_03 = "local t = os.clock() while os.clock() - t < 0.3 do end "
BRAINS = "🧠🧠 = nil"  # astral characters: one code point, two UTF-16 units, four bytes


# -- counting and silence


def test_the_first_cell_is_number_one(fresh_lab):
    assert fresh_lab.ok("1").content["execution_count"] == 1
    assert fresh_lab.ok("2").content["execution_count"] == 2
    unstored = fresh_lab.ok("3", store_history=False)
    assert unstored.content["execution_count"] == 2
    assert fresh_lab.fails("error('x')").content["execution_count"] == 3
    assert fresh_lab.ok("4").content["execution_count"] == 4


@pytest.mark.parametrize("code", ["print('hola')", "1 + 1", "display('hola')"])
def test_silent_publishes_nothing(lab, code):
    before = lab.ok("0").content["execution_count"]
    code += " -- callado"
    cell = lab.ok(code, silent=True)
    assert [m["msg_type"] for m in cell.messages] == ["status", "status"]
    assert cell.content["execution_count"] == before
    assert lab.ok("0").content["execution_count"] == before + 1
    assert code not in [line for _, _, line in lab.history("tail", n=5)]


def test_silent_error_is_in_the_reply_alone(lab):
    cell = lab.fails("error('callado')", silent=True)
    assert cell.outputs == [] and "callado" in cell.content["evalue"]


def test_order_of_messages(lab):
    cell = lab.ok("print('a'); display('b'); 'c'")
    kinds = [m["msg_type"] for m in cell.messages]
    assert kinds == ["status", "execute_input", "stream", "display_data", "execute_result", "status"]
    count = cell.content["execution_count"]
    assert cell.of("execute_input")[0]["execution_count"] == count
    assert cell.of("execute_result")[0]["execution_count"] == count
    assert "started" in cell.reply["metadata"], "JupyterLab's cell timing reads it"


def test_one_session_for_the_kernel_and_none_of_the_client(lab):
    sessions = {m["header"]["session"] for m in lab.ok("print(1)").messages}
    assert len(sessions) == 1 and sessions != {lab.client.session.session}


# -- errors


def test_error_ends_what_was_queued(lab):
    first = lab.begin(BUSY_03 + "error('alto')")
    queued = [lab.begin(f"llegado{i} = true") for i in range(3)]
    question = lab.shell("complete_request", {"code": "tostr", "cursor_pos": 5})
    lab.finish(first)
    for cell in queued:
        lab.finish(cell)
        assert cell.status == "error" and cell.content["ename"] == "ExecutionAborted"
        assert cell.content["traceback"] == [] and cell.outputs == []
    assert lab.finish(question).content["matches"] == ["tostring"]
    lab.ok("llegado_despues = true")
    lab.fails("llegado1")


def test_stop_on_error_false_lets_the_queue_run(lab):
    first = lab.begin(BUSY_03 + "error('sigue')", stop_on_error=False)
    second = lab.begin("6 * 7")
    assert lab.finish(first).status == "error"
    assert lab.finish(second).result == "42"


def test_a_hundred_queued_cells_are_aborted_at_once(lab):
    first = lab.begin(BUSY_03 + "error('alto')")
    queued = [lab.begin(f"x = {i}") for i in range(100)]
    lab.finish(first)
    for cell in queued:
        lab.finish(cell)
        assert cell.content["ename"] == "ExecutionAborted"
    last = max(cell.idle_at for cell in queued)
    sandbox.note(f"100 queued cells aborted in {1000 * (last - first.idle_at):.0f} ms")


def test_misspelt_name_is_suggested(lab):
    lab.ok("exactitud_final = 0.98")
    error = lab.fails("exactitud_finl").error
    assert "exactitud_finl" in error["evalue"] and "exactitud_final" in error["evalue"]
    error = lab.fails("nn.Dens(3)").error
    assert "Dense" in error["evalue"]
    error = lab.fails("nn.Dense{3, activacion = 'relu'}").error
    assert "activation" in error["evalue"]


def test_a_local_of_an_earlier_cell_is_explained(lab):
    lab.ok("local oculta = 3")
    assert "local" in lab.fails("oculta + 1").error["evalue"]


def test_traceback_tells_cell_and_line(lab):
    cell = lab.fails("local x = 1\nlocal function f(t)\n  return t.a.b\nend\nf({})")
    count = cell.content["execution_count"]
    text = "\n".join(cell.error["traceback"])
    assert f"celda {count}" in text.lower() and "línea 3" in text.lower()
    assert "return t.a.b" in text, "the offending line is shown"
    assert cell.error == {k: cell.content[k] for k in ("ename", "evalue", "traceback")}
    assert len(cell.outputs) == 1, "the error is the only output"


def test_traceback_follows_into_earlier_cells(lab):
    made = lab.ok("function rompe(n)\n  return n + nil\nend").content["execution_count"]
    called = lab.fails("\n\nrompe(1)")
    text = "\n".join(called.error["traceback"]).lower()
    assert f"celda {made}" in text and f"celda {called.content['execution_count']}" in text


@pytest.mark.parametrize("code", [
    "x = = 1", "error(nil)", "error({codigo = 3})", "error()", "local a <const> = 1; a = 2",
    "coroutine.wrap(function() error('dentro') end)()", "goto nada",
    "setmetatable({}, {__tostring = function() error('peor') end})",
    "local function f() return f() + 1 end f()", "('x'):rep(1e15)",
    "string.format('%d', 1.5)", "tensor.zeros(1000000, 1000000)",
    "local t = setmetatable({}, {__index = function(t, k) return t[k] end}); return t.x",
    "require('no_existe')", "os.exit(1)", "error('\\xff\\xfe')",
])
def test_every_error_is_an_error_and_the_kernel_lives(lab, code):
    cell = lab.fails(code)
    assert cell.error["ename"] and cell.error["evalue"]


# -- values


@pytest.mark.parametrize("code, shown", [
    ("1 + 1", "2"), ("10 / 4", "2.5"), ("'hola'", "hola"), ("x = 3", None), ("nil", "nil"),
    ("x = 3; x * 2", "6"), ("local a = 1\na + 1", "2"), ("true", "true"),
    ("assert(1 == 1)", None), ("print('a')", None), ("for i = 1, 3 do end", None),
    ("return 5", "5"), ("-- nada", None), ("2^10", "1024.0"), ("'ñandú'", "ñandú"),
])
def test_the_last_expression_is_shown(lab, code, shown):
    assert lab.ok(code).result == shown


def test_not_a_number_is_text_and_never_json(lab):
    """The client refuses NaN in any message: see strict_json."""
    assert "nan" in lab.ok("0/0").result.lower()
    assert "inf" in lab.ok("1/0").result.lower()
    lab.ok("display(plot.line{{1, 0/0, 3, 1/0, -1/0}})")
    lab.ok("tensor{1, 0/0, 1/0}")
    lab.ok("1", user_expressions={"a": "0/0"})


def test_user_expressions_fail_one_by_one(lab):
    lab.ok("base = 20")
    asked = {"bien": "base + 1", "mal": "base + nil", "nadie": "no_existe_este_nombre"}
    answer = lab.ok("base = base + 1", user_expressions=asked).content["user_expressions"]
    assert answer["bien"]["status"] == "ok" and answer["bien"]["data"]["text/plain"] == "22"
    for name in ("mal", "nadie"):
        assert answer[name]["status"] == "error" and answer[name]["ename"]
    assert lab.fails("error('x')", user_expressions=asked).content.get("user_expressions", {}) == {}


# -- completion and inspection


def test_completion_replaces_what_stands_before_the_cursor(lab):
    code = f"-- {BRAINS}\ns = '🧠' .. string.form .. 'fin'"
    cursor = code.index(".form") + len(".form")
    answer = lab.complete(code, cursor)
    done = code[:answer["cursor_start"]] + answer["matches"][0] + code[answer["cursor_end"]:]
    assert done == code.replace("string.form", "string.format")


def test_completion_inside_braces_offers_the_options(lab):
    code = "nn.Dense{12, activ"
    answer = lab.complete(code)
    assert any(m.startswith("activation") for m in answer["matches"]), answer
    assert answer["cursor_end"] == len(code)
    names = " ".join(lab.complete("nn.Dense{12, ")["matches"])
    assert "activation" in names


def test_completion_knows_live_values(lab):
    lab.ok("experimento = {tasa_de_aprendizaje = 0.1, epocas = 3}")
    assert any("tasa_de_aprendizaje" in m for m in lab.complete("experimento.tas")["matches"])
    assert any("experimento" in m for m in lab.complete("print(experim")["matches"])


def test_completion_types_are_index_aligned(lab):
    answer = lab.complete("string.")
    types = answer["metadata"]["_jupyter_types_experimental"]
    assert [t["text"] for t in types] == answer["matches"]
    assert all(t["start"] == answer["cursor_start"] and t["end"] == answer["cursor_end"]
               for t in types)


def test_completion_knows_shapes_and_files(lab, tmp_path):
    """Shapes beside the names of tensors; files inside of a command's string."""
    lab.ok("pesos_uno = tensor.zeros(784, 30)")
    answer = lab.complete("pesos_")
    (kind,) = answer["metadata"]["_jupyter_types_experimental"]
    assert kind["text"] == "pesos_uno" and "(784, 30)" in kind["signature"]
    (tmp_path / "casas.csv").write_text("a\n1\n")
    answer = lab.complete(f'data.csv("{tmp_path}/ca')
    assert answer["matches"] == [f"{tmp_path}/casas.csv"]


def test_completion_of_nothing_and_of_broken_code(lab):
    for code in ("", "))))", "for i=1,", "'abc", "x = [[", "nn.Dense{{{", "a.b.c.d.", "\x00", "é"):
        answer = lab.complete(code)
        assert answer["status"] == "ok" and isinstance(answer["metadata"], dict)


def test_inspection(lab):
    code = f"-- {BRAINS}\nnn.Dense(3)"
    answer = lab.inspect(code, code.index("Dense") + 2)
    assert answer["found"] and "activation" in answer["data"]["text/plain"]
    inside = lab.inspect("nn.Dense{12, ", 13)
    assert inside["found"] and "Dense" in inside["data"]["text/plain"]
    nothing = lab.inspect("no_hay_tal_cosa")
    assert (nothing["status"], nothing["found"], nothing["data"]) == ("ok", False, {})
    lab.ok("function saluda(quien)\n  return 'hola ' .. quien\nend")
    assert "'hola ' .. quien" in lab.inspect("saluda", detail=1)["data"]["text/plain"]


def test_help_in_a_pager(lab):
    cell = lab.ok("?nn.Dense")
    assert "activation" in cell.content["payload"][0]["data"]["text/plain"]


# -- text and input


def test_printed_lines_come_whole_and_together(lab):
    cell = lab.ok("for i = 1, 20000 do print(i, 'ñ') end")
    assert cell.stdout == "".join(f"{i}\tñ\n" for i in range(1, 20001))
    assert len(cell.of("stream")) < 300, "the server drops more than 1000 messages in a second"


def test_print_and_write_keep_their_order(lab):
    cell = lab.ok("io.write('a'):write('b'); print('c'); io.stdout:write('d\\n')")
    assert cell.stdout == "abc\nd\n"


def test_output_before_the_end_of_the_cell(lab):
    cell = lab.begin("print('ya'); while true do end")
    lab.until(lambda: "ya" in cell.stdout, 5, "the text printed before the loop")
    lab.interrupt_by_message()
    lab.finish(cell)


def test_text_is_clean(lab):
    cell = lab.ok(r"print('a\b\0\x1b[2Jb\xff\xc3(', '\27[31mrojo\27[0m')")
    assert not set(cell.stdout) & {"\b", "\0", "\x07"} and "\x1b[2J" not in cell.stdout
    assert "\x1b[31mrojo\x1b[0m" in cell.stdout


def test_input(lab):
    cell = lab.begin("nombre = input('¿Cómo te llamas? '); 'Hola, ' .. nombre", allow_stdin=True)
    lab.until(lambda: cell.input_requests, 10, "input_request")
    request = cell.input_requests[0]
    assert request["content"] == {"prompt": "¿Cómo te llamas? ", "password": False}
    assert request["parent_header"]["msg_id"] == cell.msg_id
    lab.answer(cell, "Ñandú 🧠")
    assert lab.finish(cell).result == "Hola, Ñandú 🧠"


def test_input_without_a_front_end_fails_at_once(lab):
    began = time.monotonic()
    lab.fails("input('¿?')", allow_stdin=False)
    assert time.monotonic() - began < 10


# -- other requests


def test_kernel_info_on_both_channels(lab):
    for reply in (lab.ask("kernel_info_request"),
                  lab.finish(lab.control("kernel_info_request")).content):
        language = reply["language_info"]
        assert reply["protocol_version"] == "5.5" and reply["implementation"] == "nabla"
        assert (language["name"], language["file_extension"], language["mimetype"],
                language["pygments_lexer"], language["codemirror_mode"],
                language["nbconvert_exporter"]) == ("lua", ".lua", "text/x-lua", "lua", "lua", "script")


def test_unknown_request_gets_busy_and_idle(lab):
    cell = lab.shell("no_such_request", {"a": 1})
    lab.until(lambda: cell.idle_at, 5, "idle")
    assert cell.reply is None


def test_comm_requests(lab):
    assert lab.ask("comm_info_request")["comms"] == {}
    opened = lab.shell("comm_open", {"comm_id": "c1", "target_name": "nadie", "data": {}})
    lab.until(lambda: opened.idle_at, 5, "idle")
    assert opened.of("comm_close")[0]["comm_id"] == "c1"


def test_clear_output_waits(lab):
    cell = lab.ok("print('a'); clear_output{wait = true}; print('b')")
    kinds = [(m["msg_type"], m["content"].get("text", m["content"].get("wait")))
             for m in cell.outputs]
    assert kinds == [("stream", "a\n"), ("clear_output", True), ("stream", "b\n")]
