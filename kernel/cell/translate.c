/* translate.c: Lua's own English sentences in the student's language. A row is a pattern in
 * which * stands for any text; \1, \2 ... in the sentence put it back, and a letter after
 * the backslash first turns it into words: \t1 a type ("number" -> "un número"), \v1 a
 * variable (" (global 'x')" -> "la variable global «x»"), \s1 a token near which the parser
 * stopped, \m1 a message that is translated in its turn. Rows are tried in order.
 * Source of the patterns: the messages that Lua 5.4 can produce (ldebug, lparser, llex,
 * lauxlib and the libraries). */
#include "state.h"

#define HOLES 4

struct rule {
    const char *pattern, *sentence, *ename;
};

static const char type_error[] = "TypeError", value_error[] = "ValueError",
                  syntax_error[] = "SyntaxError";

static const struct rule rules[] = {
    /* running */
    {"attempt to call a nil value (method '*')",
     N_("no existe el método «\\1»: se llamó con : a un campo que vale nil"), type_error},
    {"attempt to call a nil value (field '*')",
     N_("no existe la función «\\1»: ese campo vale nil"), type_error},
    {"attempt to call a table value (for iterator*",
     N_("un for no recorre una tabla sola: se escribe ipairs(t) o pairs(t)"), type_error},
    {"for iterator 'for iterator' is not callable",
     N_("un for no recorre una tabla sola: se escribe ipairs(t) o pairs(t)"), type_error},
    {"attempt to call a number value (for iterator*",
     N_("un for con números se escribe con =: for i = 1, 10 do … end"), type_error},
    {"attempt to call a * value (for iterator*",
     N_("un for no recorre \\t1: se cuenta con for i = 1, #t do … end"), type_error},
    {"attempt to call a * value (method '*')",
     N_("«\\2» no es un método: es \\t1 y se lee con punto y sin paréntesis, x.\\2"),
     type_error},
    {"attempt to call a number value*",
     N_("\\v1 no es una función: es un número. ¿Falta un * entre dos factores?"),
     type_error},
    {"attempt to call a * value*", N_("\\v2 no es una función: es \\t1"), type_error},
    {"attempt to index a function value (field '*')",
     N_("«\\1» es una función y no se llamó. Un método se llama con dos puntos y "
        "paréntesis: x:\\1()"),
     type_error},
    {"attempt to index a function value*",
     N_("\\v1 es una función y no se llamó: ¿faltan los paréntesis, ()?"), type_error},
    {"attempt to index a * value (field '?')",
     N_("no se puede leer un campo de ese elemento: es \\t1"), type_error},
    {"attempt to index a * value*",
     N_("no se puede leer ni escribir un campo de \\v2: es \\t1"), type_error},
    {"attempt to perform arithmetic on a * value*",
     N_("no se puede hacer aritmética con \\v2: es \\t1"), type_error},
    {"attempt to mod a 'string' with a '*'",
     N_("un texto no se llena con %: se escribe string.format(\"%d\", x)"), type_error},
    {"attempt to mul a 'string' with a '*'",
     N_("un texto no se repite con *: se escribe string.rep(s, n)"), type_error},
    {"attempt to * a '*' with a '*'",
     N_("no se puede hacer aritmética entre \\t2 y \\t3: + - * / son para números; los "
        "textos se unen con .."),
     type_error},
    {"attempt to concatenate a * value*", N_("no se puede unir con .. \\v2: es \\t1"),
     type_error},
    {"attempt to get length of a * value*",
     N_("no se puede pedir la longitud (#) de \\v2: es \\t1"), type_error},
    {"attempt to perform bitwise operation on a * value*",
     N_("no se puede operar bit a bit con \\v2: es \\t1"), type_error},
    {"attempt to compare two * values",
     N_("no se pueden comparar con < o > dos valores de tipo \\1"), type_error},
    {"attempt to compare * with *", N_("no se puede comparar \\t1 con \\t2"), type_error},
    {"attempt to divide by zero", N_("división entera entre cero"), "ZeroDivisionError"},
    {"attempt to perform 'n%0'", N_("resto de una división entre cero"),
     "ZeroDivisionError"},
    {"attempt to perform 'n//0'", N_("división entera entre cero"), "ZeroDivisionError"},
    {"attempt to perform 'n%%0'", N_("resto de una división entre cero"),
     "ZeroDivisionError"},
    {"number* has no integer representation",
     N_("se esperaba un número entero y ese número tiene decimales"), value_error},
    {"bad 'for' initial value (*)", N_("valor inicial del for: \\m1"), type_error},
    {"bad 'for' limit (*)", N_("límite del for: \\m1"), type_error},
    {"bad 'for' step (*)", N_("paso del for: \\m1"), type_error},
    {"'for' initial value must be a number",
     N_("valor inicial del for: debe ser un número"), type_error},
    {"'for' limit must be a number", N_("límite del for: debe ser un número"),
     type_error},
    {"'for' step must be a number", N_("paso del for: debe ser un número"), type_error},
    {"'for' step is zero", N_("el paso del for no puede ser cero"), value_error},
    {"table index is nil", N_("no se puede usar nil como índice de una tabla"),
     "IndexError"},
    {"table index is NaN", N_("no se puede usar NaN como índice de una tabla"),
     "IndexError"},
    {"invalid key to 'next'*",
     N_("la tabla cambió mientras se recorría con next o pairs"), "RuntimeError"},
    {"string length overflow", N_("el texto resultante es demasiado largo"),
     "MemoryError"},
    {"table overflow", N_("la tabla es demasiado grande"), "MemoryError"},
    {"resulting string too large", N_("el texto resultante es demasiado largo"),
     "MemoryError"},
    {"not enough memory", N_("no queda memoria"), "MemoryError"},
    {"buffer too large", N_("el texto es demasiado largo"), "MemoryError"},
    {"string slice too long", N_("el trozo de texto es demasiado largo"), "MemoryError"},
    {"*stack overflow*",
     N_("demasiadas llamadas una dentro de otra: ¿una función que se llama a sí misma "
        "sin "
        "fin?"),
     "RecursionError"},
    {"error in error handling", N_("falló la función que debía tratar el error"),
     "RuntimeError"},
    {"assertion failed!", N_("no se cumple lo que afirma assert"), "AssertionError"},
    {"'__tostring' must return a string", N_("__tostring debe devolver un texto"),
     type_error},
    {"cannot resume dead coroutine", N_("la corrutina ya terminó"), "RuntimeError"},
    {"cannot resume non-suspended coroutine", N_("la corrutina ya está en marcha"),
     "RuntimeError"},
    {"attempt to yield from outside a coroutine",
     N_("coroutine.yield solo vale dentro de una corrutina"), "RuntimeError"},
    {"attempt to yield across a C-call boundary",
     N_("coroutine.yield no vale dentro de esta función"), "RuntimeError"},
    {"invalid order function for sorting",
     N_("la función de orden de table.sort se contradice"), value_error},
    {"too many results to unpack", N_("demasiados valores para table.unpack"),
     value_error},
    {"attempt to compare*", N_("esos valores no se pueden comparar"), type_error},
    {"cannot change a protected metatable", N_("esa metatabla está protegida"),
     "RuntimeError"},
    {"attempt to use a closed file", N_("el archivo ya está cerrado"), value_error},
    {"module '*' not found:*", N_("no se encuentra el módulo «\\1» que pide require"),
     "NotFoundError"},
    {"cannot open file '*' (*)", N_("no se puede abrir el archivo «\\1»"), "OSError"},
    {"*: No such file or directory", N_("«\\1»: no existe ese archivo o carpeta"),
     "OSError"},
    {"*: Permission denied", N_("«\\1»: no hay permiso para abrirlo"), "OSError"},
    /* arguments */
    {"bad argument #* to 'for iterator' (*)",
     N_("for … in recorre una tabla con pairs o ipairs: \\m2"), value_error},
    {"bad argument #* to '*' (*)", N_("argumento \\1 de «\\2»: \\m3"), value_error},
    {"calling '*' on bad self (*)",
     N_("«\\1» se llamó sobre un objeto equivocado (¿un punto en lugar de dos "
        "puntos?): \\m2"),
     type_error},
    {"* expected, got no value", N_("se esperaba \\t1 y falta"), type_error},
    {"number expected, got Tensor",
     N_("se esperaba un número y se recibió un Tensor: t:item() saca el suyo"),
     type_error},
    {"* expected, got *", N_("se esperaba \\t1 y se recibió \\t2"), type_error},
    {"* expected", N_("se esperaba \\t1"), NULL},
    {"invalid option '*'", N_("opción desconocida «\\1»"), NULL},
    {"position out of bounds", N_("la posición está fuera de la tabla"), "IndexError"},
    {"interval is empty", N_("el intervalo está vacío"), NULL},
    {"base out of range", N_("la base debe estar entre 2 y 36"), NULL},
    {"value out of range", N_("el valor está fuera del intervalo admitido"), NULL},
    {"out of range", N_("está fuera del intervalo admitido"), "IndexError"},
    {"index out of range", N_("el índice está fuera del intervalo admitido"),
     "IndexError"},
    {"initial position out of string", N_("la posición inicial está fuera del texto"),
     "IndexError"},
    {"invalid value (*) at index * in table for 'concat'",
     N_("el elemento \\2 de la tabla es \\t1 y no se puede unir con table.concat"),
     type_error},
    {"wrong number of arguments to 'insert'",
     N_("table.insert recibe la tabla, una posición si se quiere, y un valor"),
     type_error},
    {"invalid conversion '*' to 'format'", N_("«\\1» no es un formato de string.format"),
     value_error},
    {"invalid conversion specification: '*'", N_("«\\1» no es un formato de fecha"),
     value_error},
    {"invalid UTF-8 code", N_("el texto no es UTF-8 válido"), NULL},
    {"malformed pattern (*)", N_("el patrón está mal escrito (\\1)"), value_error},
    {"missing '[' after '%f' in pattern", N_("falta «[» después de «%f» en el patrón"),
     value_error},
    {"pattern too complex", N_("el patrón es demasiado complejo"), value_error},
    {"invalid pattern capture", N_("hay un paréntesis de más en el patrón"), value_error},
    {"invalid capture index *", N_("el patrón no tiene esa captura (\\1)"), value_error},
    {"unfinished capture", N_("hay un paréntesis sin cerrar en el patrón"), value_error},
    {"invalid use of '%' in replacement string",
     N_("en el texto de reemplazo, % solo puede ir seguido de una cifra o de otro %"),
     value_error},
    {"invalid replacement value (a *)",
     N_("el reemplazo debe ser un texto o un número, y es \\t1"), type_error},
    /* compiling */
    {"* near '<\\*>'",
     N_("un nombre solo puede llevar letras sin acento, cifras y _, y aquí hay otro "
        "carácter"),
     syntax_error},
    {"'}' expected (to close '{' at line *) near '*'",
     N_("falta una coma antes de «\\2», o «}» para cerrar la «{» de la línea \\1"),
     syntax_error},
    {"'}' expected near '*'", N_("falta una coma, o «}», antes de «\\1»"), syntax_error},
    {"'*' expected (to close '*' at line *) near *",
     N_("falta «\\1» para cerrar «\\2», que se abrió en la línea \\3 (se llegó a \\s4)"),
     syntax_error},
    {"<name> expected near *", N_("se esperaba un nombre antes de \\s1"), syntax_error},
    {"'=' or 'in' expected near *", N_("en el for se esperaba «=» o «in» antes de \\s1"),
     syntax_error},
    {"<eof> expected near 'end'", N_("«end» sobra: no hay nada abierto que cerrar"),
     syntax_error},
    {"<eof> expected near 'else'", N_("«else» sobra: no hay un if abierto"),
     syntax_error},
    {"<eof> expected near 'elseif'", N_("«elseif» sobra: no hay un if abierto"),
     syntax_error},
    {"<eof> expected near 'until'", N_("«until» sobra: no hay un repeat abierto"),
     syntax_error},
    {"<eof> expected near *",
     N_("\\s1 sobra: la instrucción ya terminó, y después de return no va nada"),
     syntax_error},
    {"'*' expected near *", N_("falta «\\1» antes de \\s2"), syntax_error},
    {"function arguments expected near *",
     N_("se esperaban los argumentos de una función antes de \\s1"), syntax_error},
    {"unexpected symbol near *", N_("\\s1 no puede ir aquí"), syntax_error},
    {"syntax error near *", N_("la instrucción no está completa o sobra algo: \\s1"),
     syntax_error},
    {"unfinished string near <eof>", N_("falta la comilla que cierra un texto"),
     syntax_error},
    {"unfinished string near *", N_("falta la comilla que cierra el texto \\s1"),
     syntax_error},
    {"unfinished long string (starting at line *) near *",
     N_("falta ]] para cerrar el texto que empieza en la línea \\1"), syntax_error},
    {"unfinished long comment (starting at line *) near *",
     N_("falta ]] para cerrar el comentario que empieza en la línea \\1"), syntax_error},
    {"malformed number near *", N_("número mal escrito: \\s1"), syntax_error},
    {"invalid escape sequence '*'", N_("secuencia de escape desconocida «\\1»"),
     syntax_error},
    {"invalid escape sequence near *", N_("secuencia de escape desconocida en \\s1"),
     syntax_error},
    {"decimal escape too large near *", N_("el código \\\\ddd pasa de 255 en \\s1"),
     syntax_error},
    {"hexadecimal digit expected near *", N_("se esperaba una cifra hexadecimal en \\s1"),
     syntax_error},
    {"invalid long string delimiter near *",
     N_("delimitador de texto largo mal escrito: \\s1"), syntax_error},
    {"cannot use '...' outside a vararg function near *",
     N_("... solo vale en una función que lo declara"), syntax_error},
    {"break outside *loop at line *", N_("break fuera de un bucle (línea \\2)"),
     syntax_error},
    {"no visible label '*' for *goto* at line *",
     N_("goto busca la etiqueta «\\1», que no existe (línea \\4)"), syntax_error},
    {"label '*' already defined on line *",
     N_("la etiqueta «\\1» ya está en la línea \\2"), syntax_error},
    {"<goto *> at line * jumps into the scope of local '*'",
     N_("goto «\\1» salta por encima de la variable local «\\3» (línea \\2)"),
     syntax_error},
    {"attempt to assign to const variable '*'*",
     N_("«\\1» es constante (<const>) y no se puede cambiar"), syntax_error},
    {"unknown attribute '*'*", N_("atributo desconocido «\\1»: solo <const> y <close>"),
     syntax_error},
    {"too many local variables (limit is *) in *",
     N_("demasiadas variables locales (el límite es \\1)"), syntax_error},
    {"* (limit is *) in *", N_("el programa pasa de un límite de Lua (\\2)"),
     syntax_error},
    {"chunk has too many syntax levels", N_("hay demasiados niveles anidados"),
     syntax_error},
    {"function or expression needs too many registers*",
     N_("la expresión es demasiado grande"), syntax_error},
    {"control structure too long*", N_("el bloque es demasiado largo"), syntax_error},
    {"attempt to load a * chunk (mode is '*')",
     N_("solo se admite texto, no código binario"), value_error},
};

struct holes {
    const char *s[HOLES];
    size_t n[HOLES], count;
};

/* * takes the shortest text that lets the rest fit; the last one takes all. */
static bool match(const char *p, const char *s, size_t n, struct holes *h) {
    for (; *p && *p != '*'; p++, s++, n--)
        if (n == 0 || *p != *s)
            return false;
    if (!*p)
        return n == 0;
    size_t k = h->count;
    if (k == HOLES)
        return false;
    bool last = strchr(p + 1, '*') == NULL;
    size_t tail = last ? strlen(p + 1) : 0;
    if (last && tail > n)
        return false;
    for (size_t take = last ? n - tail : 0; take <= n; take++) {
        h->s[k] = s;
        h->n[k] = take;
        h->count = k + 1;
        if (match(p + 1, s + take, n - take, h))
            return true;
        if (last)
            break;
    }
    h->count = k;
    return false;
}

static bool same(const char *s, size_t n, const char *word) {
    return strlen(word) == n && memcmp(s, word, n) == 0;
}

static void put_type(const char *s, size_t n, struct buf *out) {
    static const char *const words[][2] = {
        {"nil", "nil"},
        {"number", N_("un número")},
        {"integer", N_("un entero")},
        {"string", N_("un texto")},
        {"table", N_("una tabla")},
        {"function", N_("una función")},
        {"boolean", N_("un booleano")},
        {"userdata", N_("un objeto")},
        {"light userdata", N_("un objeto")},
        {"thread", N_("una corrutina")},
        {"coroutine", N_("una corrutina")},
        {"no value", N_("nada")},
        {"value", N_("un valor")},
        {"nil or table", N_("nil o una tabla")},
        {"string/function/table", N_("un texto, una función o una tabla")},
    };
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (same(s, n, words[i][0])) {
            buf_puts(out, i ? _(words[i][1]) : "nil");
            return;
        }
    }
    buf_printf(out, _("un objeto %.*s"), (int)MIN_OF(n, 60U), s);
}

/* " (global 'x')" and its like; nothing at all for a value without a name. */
static void put_variable(const char *s, size_t n, struct buf *out) {
    static const char *const words[][2] = {
        {" (field 'integer index')", N_("un elemento de la lista")},
        {" (global '*')", N_("la variable global «%.*s»")},
        {" (local '*')", N_("la variable local «%.*s»")},
        {" (upvalue '*')", N_("la variable «%.*s»")},
        {" (field '*')", N_("el campo «%.*s»")},
        {" (method '*')", N_("el método «%.*s»")},
        {" (constant '*')", N_("la constante «%.*s»")},
    };
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        struct holes h = {0};
        if (!match(words[i][0], s, n, &h) || same(h.s[0], h.n[0], "?"))
            continue;
        char name[128];
        snprintf(name, sizeof name, "%.*s", (int)MIN_OF(h.n[0], 100U),
                 h.count ? h.s[0] : "");
        const char *form = _(words[i][1]), *hole = strstr(form, "%.*s");
        if (!hole) {
            buf_puts(out, form);
            return;
        }
        buf_add(out, form, (size_t)(hole - form));
        buf_puts(out, name);
        buf_puts(out, hole + 4);
        return;
    }
    buf_puts(out, _("ese valor"));
}

static void put_token(const char *s, size_t n, struct buf *out) {
    if (same(s, n, "<eof>"))
        buf_puts(out, _("el final de la celda"));
    else if (n >= 2 && s[0] == '\'' && s[n - 1] == '\'')
        buf_printf(out, _("«%.*s»"), (int)MIN_OF(n - 2, 200U), s + 1);
    else
        buf_add(out, s, n);
}

static bool apply(const char *s, size_t n, struct buf *out, const char **ename,
                  int depth);

static void put_hole(char how, const char *s, size_t n, struct buf *out,
                     const char **ename, int depth) {
    if (how == 't')
        put_type(s, n, out);
    else if (how == 'v')
        put_variable(s, n, out);
    else if (how == 's')
        put_token(s, n, out);
    else if (how != 'm' || depth > 2 || !apply(s, n, out, ename, depth + 1))
        buf_add(out, s, n);
}

static void fill(const char *sentence, const struct holes *h, struct buf *out,
                 const char **ename, int depth) {
    for (const char *p = sentence; *p; p++) {
        if (*p != '\\' || !p[1]) {
            buf_putc(out, *p);
            continue;
        }
        char how = strchr("tvsm", p[1]) ? *++p : '=';
        unsigned k = (unsigned)(*++p - '1');
        if (k < h->count)
            put_hole(how, h->s[k], h->n[k], out, ename, depth);
        else
            buf_putc(out, *p);
        if (!*p)
            return;
    }
}

/* Spanish joins them: de el -> del, a el -> al. */
static void contract(struct buf *b, size_t from) {
    static const char *const pairs[][2] = {{" de el ", " del "}, {" a el ", " al "}};
    for (size_t k = 0; k < ARRAY_LEN(pairs) && b->len > from; k++) {
        size_t n = strlen(pairs[k][0]), m = strlen(pairs[k][1]);
        char *at;
        while ((at = strstr(b->data + from, pairs[k][0])) != NULL) {
            memcpy(at, pairs[k][1], m);
            memmove(at + m, at + n, (size_t)(b->data + b->len - (at + n)) + 1);
            b->len -= n - m;
        }
    }
}

static bool apply(const char *s, size_t n, struct buf *out, const char **ename,
                  int depth) {
    size_t from = out->len;
    for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
        struct holes h = {0};
        if (!match(rules[i].pattern, s, n, &h))
            continue;
        if (rules[i].ename)
            *ename = rules[i].ename;
        fill(_(rules[i].sentence), &h, out, ename, depth);
        contract(out, from);
        return true;
    }
    return false;
}

/* Names of sources that this kernel gives: cells, expressions, files, load's strings. */
static bool is_source(const char *s, size_t n) {
    const char *form = _("celda %d"), *hole = strstr(form, "%d");
    size_t prefix = hole ? (size_t)(hole - form) : 0;
    if (prefix && n > prefix && memcmp(s, form, prefix) == 0)
        return true;
    return (n > 8 && memcmp(s, "[string ", 8) == 0) ||
           (n > 4 && memcmp(s + n - 4, ".lua", 4) == 0) || same(s, n, _("expresión"));
}

/* The number at s and what must follow it; the length of both, or 0. */
static size_t number_then(const char *s, size_t n, const char *after, int *line) {
    size_t i = 0;
    int v = 0;
    for (; i < n && i < 9 && s[i] >= '0' && s[i] <= '9'; i++)
        v = v * 10 + (s[i] - '0');
    size_t k = strlen(after);
    if (i == 0 || n - i < k || memcmp(s + i, after, k) != 0)
        return 0;
    *line = v;
    return i + k;
}

size_t cell_position(const char *msg, size_t len, char source[LUA_IDSIZE], int *line) {
    const char *form = _(", línea %d: "), *hole = strstr(form, "%d");
    size_t lead = hole ? (size_t)(hole - form) : 0;
    for (size_t i = 1; i < len && i < LUA_IDSIZE; i++) {
        size_t used = 0;
        if (msg[i] == ':' && i + 1 < len)
            used = number_then(msg + i + 1, len - i - 1, ": ", line);
        if (used)
            used += 1;
        else if (lead && len - i > lead && memcmp(msg + i, form, lead) == 0 &&
                 (used = number_then(msg + i + lead, len - i - lead, hole + 2, line)))
            used += lead;
        if (used && is_source(msg, i)) {
            memcpy(source, msg, i);
            source[i] = '\0';
            return i + used;
        }
    }
    return 0;
}

bool cell_translate(lua_State *L, const char *msg, size_t len, struct buf *out,
                    const char **ename) {
    char source[LUA_IDSIZE];
    int line;
    size_t at = cell_position(msg, len, source, &line);
    struct buf b;
    buf_init(&b, CELL_TEXT_MAX);
    bool known = len < 4096 && !cell_raised_text(L, msg, len) &&
                 apply(msg + at, len - at, &b, ename, 0);
    if (at) { /* the place is told in the student's language in any case */
        buf_puts(out, source);
        buf_printf(out, _(", línea %d: "), line);
        buf_add(out, known ? b.data : msg + at, known ? b.len : len - at);
    } else if (known) {
        buf_add(out, b.data, b.len);
    }
    buf_release(&b);
    return known || at;
}
