"""The debugger, as JupyterLab drives it: each request on control, each event on iopub."""

import time

import pytest

import proc
from ipykernel.compiler import murmur2_x86

TEXT = """local function suma(a, b)
  local s = a + b
  return s
end
local total = 0
for i = 1, 10 do
  total = suma(total, i)
end
total"""

SOON = 2.0 * proc.SLACK  # seconds, for an interrupt


class Debugger:
    """What JupyterLab's debugger service does, in its order."""

    def __init__(self, lab):
        self.lab = lab
        self.seq = 0
        self.info = self.ask("debugInfo")

    def send(self, command, **arguments):
        self.seq += 1
        return self.lab.control("debug_request", {"type": "request", "seq": self.seq,
                                                  "command": command, "arguments": arguments})

    def raw(self, command, **arguments):
        content = self.lab.finish(self.send(command, **arguments), 10).content
        assert content["type"] == "response" and content["command"] == command
        assert content["request_seq"] == self.seq
        return content

    def ask(self, command, **arguments):
        content = self.raw(command, **arguments)
        assert content["success"], content
        return content["body"]

    def start(self):
        caps = self.ask("initialize", clientID="jupyterlab", adapterID="lua", pathFormat="path",
                        linesStartAt1=True, columnsStartAt1=True, locale="en",
                        supportsVariableType=True, supportsRunInTerminalRequest=True)
        self.ask("attach")
        return caps

    def stop(self):
        self.ask("disconnect", restart=False, terminateDebuggee=False)

    def path(self, code):
        hashed = murmur2_x86(code, self.info["hashSeed"])
        path = f"{self.info['tmpFilePrefix']}{hashed}{self.info['tmpFileSuffix']}"
        assert self.ask("dumpCell", code=code)["sourcePath"] == path
        return path

    def breakpoints(self, code, *points):
        points = [p if isinstance(p, dict) else {"line": p} for p in points]
        got = self.ask("setBreakpoints", source={"path": self.path(code)}, breakpoints=points,
                       sourceModified=False)["breakpoints"]
        self.ask("configurationDone")
        return [(b["verified"], b["line"]) for b in got]

    def events(self, cell, name):
        return [e["body"] for e in cell.of("debug_event") if e["event"] == name]

    def stopped(self, cell, times=1):
        """Waits for a stop; its reason."""
        self.lab.until(lambda: len(self.events(cell, "stopped")) >= times or cell.done, 20,
                       f"stop number {times}")
        assert not cell.done, cell.content
        body = self.events(cell, "stopped")[times - 1]
        assert body["threadId"] == 1
        return body["reason"]

    def frames(self):
        return self.ask("stackTrace", threadId=1)["stackFrames"]

    @property
    def line(self):
        return self.frames()[0]["line"]

    def scope(self, frame, number):
        scopes = self.ask("scopes", frameId=frame["id"])["scopes"]
        ref = scopes[number]["variablesReference"]
        return {v["name"]: v for v in self.ask("variables", variablesReference=ref)["variables"]}

    def evaluate(self, expression, frame=0):
        return self.ask("evaluate", context="repl", expression=expression,
                        frameId=self.frames()[frame]["id"])["result"]


@pytest.fixture
def debugger(lab):
    d = Debugger(lab)
    d.caps = d.start()
    yield d
    if lab.manager.is_alive():
        d.stop()


def test_the_kernelspec_and_kernel_info_say_so(lab):
    assert lab.manager.kernel_spec.metadata["debugger"] is True
    assert "debugger" in lab.ask("kernel_info_request")["supported_features"]


def test_the_whole_sequence(lab, debugger):
    assert debugger.info["isStarted"] is False and debugger.info["hashMethod"] == "Murmur2"
    assert [f["filter"] for f in debugger.caps["exceptionBreakpointFilters"]] == ["error", "nan"]
    assert debugger.breakpoints(TEXT, 1, 5, 10) == [(True, 2), (True, 5), (False, 10)]
    assert debugger.breakpoints(TEXT, 2) == [(True, 2)]
    debugger.ask("setExceptionBreakpoints", filters=[])
    debugger.ask("inspectVariables")
    assert debugger.ask("modules") == {"modules": [], "totalModules": 0}
    cell = lab.begin(TEXT)
    assert debugger.stopped(cell) == "breakpoint"
    info = debugger.ask("debugInfo")
    assert info["isStarted"] and info["stoppedThreads"] == [1]
    assert [b["line"] for b in info["breakpoints"][0]["breakpoints"]] == [2]
    top, below = debugger.frames()
    assert (top["name"], top["line"], below["line"]) == ("suma", 2, 7)
    assert top["source"]["path"] == debugger.path(TEXT)
    assert debugger.scope(top, 0)["b"]["value"] == "1"
    assert set(debugger.scope(below, 0)) == {"suma", "total", "i"}
    assert debugger.ask("source", source={"path": top["source"]["path"]})["content"] == TEXT
    assert debugger.evaluate("a + b + 1") == "2"
    debugger.evaluate("total = 100", 1)
    debugger.evaluate("a = 100")
    assert not debugger.raw("evaluate", context="repl", expression="import os",
                            frameId=top["id"])["success"]
    debugger.ask("continue", threadId=1)
    assert debugger.stopped(cell, 2) == "breakpoint"
    assert debugger.breakpoints(TEXT) == []
    debugger.ask("continue", threadId=1)
    assert lab.finish(cell).result == "155"
    assert len(debugger.events(cell, "continued")) == 2
    assert debugger.ask("debugInfo")["stoppedThreads"] == []


@pytest.mark.parametrize("command,lines", [
    ("next", [7, 6, 7, 6]), ("stepIn", [7, 2, 3, 6]), ("stepOut", [7])])
def test_steps(lab, debugger, command, lines):
    debugger.breakpoints(TEXT, {"line": 7, "hitCondition": "1"})
    cell = lab.begin(TEXT)
    seen = []
    for n in range(len(lines)):
        debugger.stopped(cell, n + 1)
        seen.append(debugger.line)
        debugger.ask(command if n + 1 < len(lines) or command == "stepOut" else "continue",
                     threadId=1)
    assert seen == lines
    assert lab.finish(cell).result == "55"


def test_conditions(lab, debugger):
    debugger.breakpoints(TEXT, {"line": 7, "condition": "i == 8"})
    cell = lab.begin(TEXT)
    debugger.stopped(cell)
    assert debugger.evaluate("i") == "8" and debugger.evaluate("total") == "28"
    debugger.ask("continue", threadId=1)
    assert lab.finish(cell).result == "55"


def test_copy_to_globals(lab, debugger):
    debugger.breakpoints(TEXT, 3)
    cell = lab.begin(TEXT)
    debugger.stopped(cell)
    debugger.ask("copyToGlobals", srcVariableName="s", dstVariableName="s_copiada",
                 srcFrameId=debugger.frames()[0]["id"])
    debugger.breakpoints(TEXT)
    debugger.ask("continue", threadId=1)
    lab.finish(cell)
    assert lab.ok("s_copiada").result == "1"


def test_variables_without_a_debugger(lab):
    d = Debugger(lab)
    lab.ok("exploro = {1, {2, x = 'hola'}}; tensorial = tensor.zeros(3, 4)")
    found = {v["name"]: v for v in d.ask("inspectVariables")["variables"]}
    # The tree of JupyterLab shows the type, where there is one, in place of the value.
    assert "(3, 4)" in found["tensorial"]["value"] and "type" not in found["tensorial"]
    inner = d.ask("variables", variablesReference=found["exploro"]["variablesReference"])
    assert [v["value"] for v in inner["variables"]] == ["1", '{2, x = "hola"}']
    rich = d.ask("richInspectVariables", variableName="tensorial")
    assert rich["data"]["text/plain"]
    assert d.ask("modules")["modules"] == []
    assert not d.raw("stackTrace", threadId=1)["success"]


def test_variables_while_a_cell_runs(lab):
    d = Debugger(lab)
    lab.ok("vista = 1; libre = false")
    cell = lab.begin("print('ya'); while not libre do end")
    lab.until(lambda: cell.stdout, 20, "the print")
    assert "vista" in [v["name"] for v in d.ask("inspectVariables")["variables"]]
    d.start()
    d.ask("evaluate", context="repl", expression="libre = true", frameId=0)
    lab.finish(cell)
    d.stop()


def test_errors(lab, debugger):
    code = "local function f(t)\n  return t.x.y\nend\npcall(f, {})\nlocal t = {z = 3}\nf(t)"
    debugger.ask("setExceptionBreakpoints", filters=["error"])
    cell = lab.begin(code)
    assert debugger.stopped(cell) == "exception"
    assert "x" in debugger.events(cell, "stopped")[0]["text"]
    top, below = debugger.frames()
    assert (top["line"], below["line"]) == (2, 6)
    assert debugger.scope(top, 0)["t"]["value"] == "{z = 3}"
    debugger.ask("continue", threadId=1)
    assert lab.finish(cell).content["ename"] == "TypeError"


def test_an_error_in_a_callback(lab, debugger):
    """Inside of what a command calls, and once."""
    debugger.ask("setExceptionBreakpoints", filters=["error"])
    cell = lab.begin("local m = nn.Sequential{nn.Dense{1}}\n"
                     "m:compile{optimizer = 'sgd', loss = 'mse'}\n"
                     "m:fit{tensor.zeros(4, 2), tensor.zeros(4, 1), epochs = 1, verbose = 0,\n"
                     "  callbacks = {function(e)\n"
                     "    local cuenta = 3\n"
                     "    return cuenta.x.y\n"
                     "  end}}")
    assert debugger.stopped(cell) == "exception"
    assert debugger.line == 6
    assert debugger.scope(debugger.frames()[0], 0)["cuenta"]["value"] == "3"
    debugger.ask("continue", threadId=1)
    assert lab.finish(cell).status == "error"
    assert len(debugger.events(cell, "stopped")) == 1


def test_a_loss_that_is_no_number(lab, debugger):
    debugger.ask("setExceptionBreakpoints", filters=["nan"])
    cell = lab.begin("local x = tensor.zeros(8, 2) + 1e30\nlocal y = tensor.zeros(8, 1)\n"
                     "m = nn.Sequential{nn.Dense{4}, nn.Dense{1}}\n"
                     "m:compile{optimizer = optim.SGD{learning_rate = 1e6}, loss = 'mse'}\n"
                     "m:fit{x, y, epochs = 50, batch_size = 4, verbose = 0}")
    assert debugger.stopped(cell) == "exception"
    assert debugger.line == 5
    assert "x" in debugger.scope(debugger.frames()[0], 0)
    debugger.ask("continue", threadId=1)
    assert lab.finish(cell).status == "error"


@pytest.mark.parametrize("code, line, words", [
    ("local a = var(tensor{0.0, 1.0})\nlocal b = log(a)\nb:sum()", 2, ["-inf", "log: (2,)"]),
    ("local x = var(0.0)\nlocal y = x ^ 0.5\ny:backward()", 3, ["gradiente", "pow hacia atrás"]),
    ("local m = nn.Sequential{nn.Dense{40, activation = 'relu'}, nn.Dense{1}}\n"
     "m:compile{optimizer = optim.SGD{learning_rate = 1e3}, loss = 'mse'}\n"
     "m:fit{tensor.randn(64, 20) * 10, tensor.zeros(64, 1), epochs = 50, verbose = 0}",
     3, ["inf", "(40, 1)", "finito"])], ids=["value", "gradient", "training"])
def test_the_op_that_made_no_number(lab, debugger, code, line, words):
    lab.ok("lab.seed(1)")
    debugger.ask("setExceptionBreakpoints", filters=["nan"])
    cell = lab.begin(code)
    assert debugger.stopped(cell) == "exception"
    assert debugger.line == line
    said = debugger.events(cell, "stopped")[0]["text"]
    assert all(word in said for word in words), said
    debugger.ask("setExceptionBreakpoints", filters=[])
    debugger.ask("continue", threadId=1)
    lab.finish(cell)


@pytest.mark.parametrize("code", [
    "print('ya'); while true do end",
    "print('ya'); coroutine.wrap(function() while true do end end)()"])
def test_pause_in_an_endless_loop(lab, debugger, code):
    cell = lab.begin(code)
    lab.until(lambda: cell.stdout, 20, "the print")
    debugger.ask("pause", threadId=1)
    assert debugger.stopped(cell) == "pause"
    assert debugger.line == 1
    began = time.monotonic()
    lab.interrupt_by_message()
    assert lab.finish(cell, 10).content["ename"] == "KeyboardInterrupt"
    assert cell.idle_at - began < SOON


@pytest.mark.parametrize("method", ["interrupt_by_message", "interrupt_by_signal"])
def test_interrupt_while_stopped(lab, debugger, method):
    debugger.breakpoints(TEXT, 2)
    cell = lab.begin(TEXT)
    debugger.stopped(cell)
    began = time.monotonic()
    getattr(lab, method)()
    assert lab.finish(cell, 10).content["ename"] == "KeyboardInterrupt"
    assert cell.idle_at - began < SOON
    assert debugger.ask("debugInfo")["stoppedThreads"] == []


def test_disconnect_lets_the_cell_go_on(lab, debugger):
    debugger.breakpoints(TEXT, 2)
    cell = lab.begin(TEXT)
    debugger.stopped(cell)
    debugger.stop()
    assert lab.finish(cell).result == "55"
    assert lab.ok(TEXT).result == "55"


def test_in_a_subshell(lab, debugger):
    """A cell of a subshell stops as well."""
    shell = lab.finish(lab.control("create_subshell_request")).content["subshell_id"]
    debugger.breakpoints(TEXT, 7)
    visitor = lab.send_to(shell, "execute_request", {"code": TEXT})
    debugger.stopped(visitor)
    assert debugger.line == 7
    debugger.breakpoints(TEXT)
    debugger.ask("continue", threadId=1)
    assert lab.finish(visitor).result == "55"


def test_a_subshell_while_stopped(lab, debugger):
    shell = lab.finish(lab.control("create_subshell_request")).content["subshell_id"]
    debugger.breakpoints(TEXT, 7)
    cell = lab.begin(TEXT)
    debugger.stopped(cell)
    other = lab.finish(lab.send_to(shell, "execute_request", {"code": TEXT}), 10)
    assert other.result == "55", "what runs beside a stop does not stop"
    done = lab.finish(lab.send_to(shell, "complete_request", {"code": "tens", "cursor_pos": 4}))
    assert "tensor" in done.content["matches"]
    debugger.breakpoints(TEXT)
    debugger.ask("continue", threadId=1)
    assert lab.finish(cell).result == "55"


def test_restart_and_shutdown_while_stopped(fresh_lab):
    lab = fresh_lab
    for last in (lab.restart, lab.close):
        d = Debugger(lab)
        d.start()
        d.breakpoints(TEXT, 2)
        d.stopped(lab.begin(TEXT))
        began = time.monotonic()
        last()
        assert time.monotonic() - began < 5 * proc.SLACK
