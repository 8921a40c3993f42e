"""What the conformance table needs to say in each language. A word that a language has not
got makes its rows "not offered"."""

LUA = {
    "value": ("1 + 1", "2"),
    "set": "guardado = {}",
    "get": "guardado",
    "print": "print('{}')",
    "stderr": "io.stderr:write('oops\\n')",
    "error": "error('boom')",
    "loop": "print('ya'); while true do end",
    "inside C": "print('ya'); local n = 0; while true do n = n + #('nabla'):rep(200000) end",
    "pattern": "print('ya'); while true do (('x'):rep(1000000)):gsub('x', 'y') end",
    "sleep": "print('ya'); os.execute('exec sleep 30')",
    "short sleep": "print('ya'); os.execute('exec sleep 0.5')",
    "flood": "while true do print('una línea que no termina nunca') end",
    "training": """lab.seed(1); m = nn.Sequential{nn.Flatten(), nn.Dense{10}}
m:compile{loss = "sparse_categorical_crossentropy"}; print('ya')
while true do m:fit{data.digits(), epochs = 1, verbose = 0} end""",
    "input": "input('¿? ')",
    "password": "input{'¿? ', password = true}",
    "lines": "for i = 1, {} do print(i) end",
    "child": "os.execute('echo hijo')",
    "not a number": "{0/0, 1/0}",
    "display": "h = display{'uno', display_id = true}",
    "update": "h:update('dos')",
    "clear": "clear_output()",
    "page": "?tostring",
    "incomplete": "for i = 1, 3 do", "invalid": "x = = 1", "complete": "x = 1",
    "name": "string.form", "match": "format", "object": "string.format",
    "astral": "s = '😀😀'; string.form",
    "steps": "local a = 7\nlocal b = a + 1\nprint(b)",
    "comm": """comm.register_target('eco', function(c)
    c.on_msg = function(data, buffers) c:send(data, buffers) end
end)""",
}

PYTHON = {
    "value": ("1 + 1", "2"),
    "set": "guardado = {}",
    "get": "guardado",
    "print": "print('{}')",
    "stderr": "import sys; print('oops', file=sys.stderr)",
    "error": "raise ValueError('boom')",
    "loop": "print('ya', flush=True)\nwhile True: pass",
    "inside C": "print('ya', flush=True)\nwhile True: len('nabla' * 200000)",
    "pattern": "import re\nprint('ya', flush=True)\nre.match('(a+)+b', 'a' * 40)",
    "sleep": "import time\nprint('ya', flush=True)\ntime.sleep(30)",
    "short sleep": "import time\nprint('ya', flush=True)\ntime.sleep(0.5)",
    "flood": "while True: print('a line that never ends')",
    "input": "input('? ')",
    "password": "import getpass\ngetpass.getpass('? ')",
    "lines": "for i in range({}): print(i)",
    "child": "import os\nos.system('echo hijo')",
    "not a number": "[float('nan'), float('inf')]",
    "display": "from IPython.display import HTML, display\n"
               "h = display(HTML('<b>uno</b>'), display_id='fila')",
    "update": "h.update(HTML('<b>dos</b>'))",
    "clear": "from IPython.display import clear_output\nclear_output()",
    "page": "?print",
    "incomplete": "for i in range(3):", "invalid": "x = = 1", "complete": "x = 1",
    "name": "str.form", "match": "format", "object": "print",
    "astral": "s = '😀😀'; str.form",
    "steps": "a = 7\nb = a + 1\nprint(b)",
    "comm": """def eco(comm, message):
    comm.on_msg(lambda m: comm.send(m['content']['data'], buffers=m['buffers']))
get_ipython().kernel.comm_manager.register_target('eco', eco)""",
}

BASH = {
    "set": "guardado={}",
    "get": "echo $guardado",
    "print": "echo '{}'",
    "stderr": "echo oops >&2",
    "error": "false",
    "loop": "echo ya; while true; do :; done",
    "sleep": "echo ya; sleep 30",
    "short sleep": "echo ya; sleep 0.5",
    "flood": "while true; do echo line; done",
    "lines": "for i in $(seq {}); do echo $i; done",
    "child": "sh -c 'echo hijo'",
    "incomplete": "for i in 1 2; do", "complete": "x=1",
    "name": "ech", "match": "echo", "object": "echo",
}

BY_LANGUAGE = {"lua": LUA, "python": PYTHON, "bash": BASH}
