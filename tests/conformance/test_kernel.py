"""The Jupyter project's own conformance tests, with every switch on: 12 tests of messages
and the one of the iopub welcome. None may be skipped (--none-skipped)."""

import jupyter_kernel_test as jkt


class TestKernel(jkt.KernelTests):
    kernel_name = "nabla"
    language_name = "lua"
    file_extension = ".lua"

    code_hello_world = "print('hello, world')"
    code_stderr = "io.stderr:write('oops\\n')"
    completion_samples = [
        {"text": "tostr", "matches": {"tostring"}},
        {"text": "string.gs", "matches": {"gsub"}},
        {"text": "local t = coroutine.isy", "matches": {"isyieldable"}},
    ]
    complete_code_samples = [
        "1",
        "x = 1",
        "",
        "-- a comment",
        "for i=1,3 do print(i) end",
        "?tostring",
        "local s = [[a\nb]]",
    ]
    incomplete_code_samples = [
        "for i=1,3 do",
        "f(",
        "s = [[abc",
        "function f(x)\n  return x",
        "x =",
        "nn.Dense{12,",
    ]
    invalid_code_samples = ["x = = 1", "end", "for i=1,3 do end end", "s = 'abc\n'"]
    code_page_something = "?tostring"
    code_generate_error = "error('boom')"
    code_execute_result = [
        {"code": "1+2+3", "result": "6"},
        {"code": "('ab'):rep(2)", "result": "abab"},
        {"code": "x = 1; x / 4", "result": "0.25"},
    ]
    code_display_data = [
        {"code": "html('<b>hola</b>')", "mime": "text/html"},
        {"code": "markdown('**hola**')", "mime": "text/markdown"},
        {"code": "latex('$$x^2$$')", "mime": "text/latex"},
        {"code": "svg('<svg xmlns=\"http://www.w3.org/2000/svg\"/>')",
         "mime": "image/svg+xml"},
        {"code": "display(plot.line{{1, 4, 9}})", "mime": "image/png"},
        {"code": "display(plot.line{{1, 4, 9}})", "mime": "application/vnd.vegalite.v5+json"},
        {"code": "vegalite{mark = 'bar', data = {values = {{a = 1}}}}",
         "mime": "application/vnd.vegalite.v5+json"},
        {"code": "display({1, 2})", "mime": "text/plain"},
    ]
    code_history_pattern = "1?2*"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "string.format"
    code_clear_output = "clear_output()"


class TestWelcome(jkt.IopubWelcomeTests):
    kernel_name = "nabla"
    support_iopub_welcome = True


# pytest would also collect the base classes through the module's names.
del jkt
