"""Comms, both ways: opened by the front end, opened by a cell, with buffers."""
from client import text_of, types_of


def say(kernel, msg_type, content, **kw):
    msg_id = kernel.send("shell", msg_type, content, **kw)
    return kernel.until_idle(msg_id)


def comms(kernel, **content):
    reply, _ = kernel.request("comm_info_request", content)
    assert reply.content["status"] == "ok"
    return reply.content["comms"]


def test_unknown_target_is_closed(kernel):
    out = say(kernel, "comm_open", {"comm_id": "c1", "target_name": "unknown", "data": {}})
    assert types_of(out) == ["busy", "comm_close", "idle"]
    assert out[1].content == {"comm_id": "c1", "data": {}}
    assert comms(kernel) == {} and kernel.quiet("shell", 0.05), "comm messages have no reply"


def test_life_of_a_comm(kernel):
    assert types_of(say(kernel, "comm_open", {"comm_id": "c", "target_name": "echo",
                                              "data": {}})) == ["busy", "idle"]
    assert comms(kernel) == {"c": {"target_name": "echo"}}
    assert comms(kernel, target_name="other") == {}
    out = say(kernel, "comm_msg", {"comm_id": "c", "data": {"ñ": [1, None]}},
              buffers=[b"\0\xff", b""])
    assert types_of(out) == ["busy", "stream", "comm_msg", "idle"]
    assert out[2].content == {"comm_id": "c", "data": {"ñ": [1, None]}}
    assert out[2].buffers == [b"\0\xff", b""] and text_of(out) == "heard"
    assert types_of(say(kernel, "comm_close", {"comm_id": "c", "data": {}})) == [
        "busy", "stream", "idle"]
    assert comms(kernel) == {}


def test_messages_for_nobody(kernel):
    for content in ({"comm_id": "x", "data": {}}, {}, {"comm_id": 3}, {"comm_id": None}):
        for name in ("comm_msg", "comm_close", "comm_open"):
            assert types_of(say(kernel, name, content))[0] == "busy"
    assert kernel.alive()


def test_an_id_twice(kernel):
    for _ in range(2):
        say(kernel, "comm_open", {"comm_id": "c", "target_name": "echo", "data": {}})
    assert comms(kernel) == {"c": {"target_name": "echo"}}


def test_a_long_id(kernel):
    out = say(kernel, "comm_open", {"comm_id": "c" * 1000, "target_name": "echo"})
    assert types_of(out) == ["busy", "comm_close", "idle"]


def test_data_that_is_no_object(kernel):
    say(kernel, "comm_open", {"comm_id": "c", "target_name": "echo", "data": 3})
    out = say(kernel, "comm_msg", {"comm_id": "c", "data": [1]})
    assert out[2].content["data"] == {}


def test_opened_by_a_cell(kernel):
    reply, out = kernel.run("comm w1")
    assert reply.content["status"] == "ok"
    opened = [m for m in out if m.type == "comm_open"][0]
    assert opened.content == {"comm_id": "w1", "target_name": "jupyter.widget",
                              "data": {"state": {}}}
    assert opened.metadata == {"version": "2.1.0"} and opened.buffers == [b"\0\1"]
    assert comms(kernel) == {"w1": {"target_name": "jupyter.widget"}}
    reply, _ = kernel.run("comm w1")
    assert reply.content["status"] == "error", "open already"


def test_a_limit(kernel):
    for i in range(4096):
        kernel.send("shell", "comm_open", {"comm_id": f"c{i}", "target_name": "echo"})
    out = say(kernel, "comm_open", {"comm_id": "more", "target_name": "echo"})
    assert types_of(out) == ["busy", "comm_close", "idle"]
    assert len(comms(kernel)) == 4096


def test_through_a_subshell_while_a_cell_runs(kernel):
    reply, _ = kernel.request("create_subshell_request", channel="control")
    header = {"subshell_id": reply.content["subshell_id"]}
    say(kernel, "comm_open", {"comm_id": "c", "target_name": "echo"}, header=header)
    long = kernel.execute("sleep 30")
    kernel.wait_for("execute_input", long)
    out = say(kernel, "comm_msg", {"comm_id": "c", "data": {"value": 2}}, header=header)
    assert "comm_msg" in types_of(out)
    kernel.send("control", "interrupt_request")
    assert kernel.reply(long).content["ename"] == "KeyboardInterrupt"
