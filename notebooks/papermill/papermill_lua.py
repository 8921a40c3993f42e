"""papermill for notebooks in Lua: it asks a translator of the language to write the
parameters as a cell, and has none for Lua. This module registers one.

    python notebooks/papermill/papermill_lua.py in.ipynb out.ipynb -p epochs 3

takes papermill's own options; in a program of Python, `import papermill_lua` is enough
before papermill.execute_notebook(...).
"""

import math
import re

from papermill.models import Parameter
from papermill.translators import Translator, papermill_translators

KEYWORDS = set("and break do else elseif end false for function goto if in local nil not or "
               "repeat return then true until while".split())
ASSIGNMENT = re.compile(r"^([A-Za-z_]\w*)\s*=\s*(.+?)\s*(?:--\s*(.*?)\s*)?$")


def is_name(text):
    return re.fullmatch(r"[A-Za-z_]\w*", text) is not None and text not in KEYWORDS


class LuaTranslator(Translator):
    @classmethod
    def translate_none(cls, val):
        return "nil"

    @classmethod
    def translate_int(cls, val):
        return f"{val}" if -2**63 < val < 2**63 else f"{float(val)!r}"

    @classmethod
    def translate_float(cls, val):
        if math.isnan(val):
            return "0/0"
        if math.isinf(val):
            return "math.huge" if val > 0 else "-math.huge"
        return repr(val)

    @classmethod
    def translate_escaped_str(cls, str_val):
        out = []
        for char in str(str_val):
            plain = char not in '"\\' and (char >= " " and char != "\x7f")
            out.append(char if plain else f"\\{ord(char):03d}")
        return '"' + "".join(out) + '"'

    @classmethod
    def translate_list(cls, val):
        return "{" + ", ".join(cls.translate(x) for x in val) + "}"

    @classmethod
    def translate_dict(cls, val):
        pairs = (f"{k if is_name(str(k)) else '[' + cls.translate(k) + ']'} = {cls.translate(v)}"
                 for k, v in val.items())
        return "{" + ", ".join(pairs) + "}"

    @classmethod
    def comment(cls, cmt_str):
        return f"-- {cmt_str}".strip()

    @classmethod
    def assign(cls, name, str_val):
        if not is_name(name):
            raise ValueError(f"«{name}» is no name of a variable in Lua")
        return f"{name} = {str_val}"

    @classmethod
    def inspect(cls, parameters_cell):
        """`name = value -- what it is`, one a line: what papermill --help-notebook lists."""
        found = []
        for line in parameters_cell["source"].splitlines():
            match = ASSIGNMENT.match(line.strip())
            if match:
                name, value, text = match.groups()
                found.append(Parameter(name, "None", value, text or ""))
        return found


papermill_translators.register("lua", LuaTranslator)

if __name__ == "__main__":
    from papermill.cli import papermill
    papermill()
