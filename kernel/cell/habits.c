/* habits.c: what a hand that is used to Python writes in a cell, and how Lua says it. A
 * sentence that is added to an error which happened anyway; nothing is guessed about cells
 * that run. */
#include "lex.h"
#include "state.h"

/* Tokens in a row, with a space between: a word or an operator is itself, N any name, S a
 * string, D a number, V a name, a number or a string; ^ the line's beginning, $ its end. */
struct habit {
    const char *tokens, *sentence;
};

static const struct habit habits[] = {
    {"@", N_("El producto de matrices se escribe A:matmul(B)")},
    {": T :", N_("La traspuesta es un método y lleva paréntesis: A:T():matmul(B)")},
    {"! =", N_("En Lua «distinto de» se escribe ~=")},
    {"+ =", N_("En Lua no hay +=: se escribe x = x + 1")},
    {"- =", N_("En Lua no hay -=: se escribe x = x - 1")},
    {"* =", N_("En Lua no hay *=: se escribe x = x * 2")},
    {"/ =", N_("En Lua no hay /=: se escribe x = x / 2")},
    {"+ +", N_("En Lua no hay ++: se escribe x = x + 1")},
    {"D (", N_("El producto lleva *: 2 * (x + 1)")},
    {"* *", N_("En Lua la potencia se escribe x^2")},
    {"& &", N_("En Lua se escribe and, or, not")},
    {"| |", N_("En Lua se escribe and, or, not")},
    {"^ #", N_("En Lua un comentario empieza con --")},
    {"^ def", N_("En Lua una función es: function f(x) … end")},
    {"lambda", N_("En Lua una función sin nombre es: function(x) return x * 2 end")},
    {"^ import", N_("En Lua no hace falta import: nn, data, plot y lo demás ya están")},
    {"^ from", N_("En Lua no hace falta import: nn, data, plot y lo demás ya están")},
    {"elif", N_("En Lua se escribe elseif … then")},
    {"^ try", N_("En Lua los errores se atrapan con pcall(f)")},
    {"^ except", N_("En Lua los errores se atrapan con pcall(f)")},
    {"^ raise", N_("En Lua un error se lanza con error(\"mensaje\")")},
    {"^ with", N_("En Lua no hay with: f = io.open(nombre), y al final f:close()")},
    {"^ assert V", N_("En Lua assert lleva paréntesis: assert(condición, \"mensaje\")")},
    {"^ assert not",
     N_("En Lua assert lleva paréntesis: assert(condición, \"mensaje\")")},
    {"^ print N", N_("En Lua print lleva paréntesis: print(x)")},
    {"^ del N", N_("En Lua una variable se borra con x = nil")},
    {"^ global N", N_("En Lua toda variable que no es local ya es global")},
    {"^ class N", N_("En Lua no hay class: un modelo se arma con nn.Sequential{…}")},
    {"^ let N", N_("En Lua una variable se escribe: x = 1, o local x = 1")},
    {"^ const N", N_("En Lua una variable se escribe: x = 1, o local x = 1")},
    {"S S S", N_("En Lua un texto de varias líneas va entre [[ y ]]")},
    {"S %", N_("En Lua un texto se llena con string.format(\"%d\", x)")},
    {"not in",
     N_("En Lua in solo va en un for: si una tabla tiene la clave k se pregunta "
        "con t[k] ~= nil")},
    {"[ V :", N_("En Lua no hay rodajas x[1:3]: las filas de un tensor son t[{1, 3}]")},
    {"[ :", N_("En Lua no hay rodajas x[1:3]: las filas de un tensor son t[{1, 3}]")},
    {"N is", N_("En Lua se compara con == y ~=, y «nada» es nil")},
    {"^ if", NULL}, /* not another reading of the line's if */
    {"then", NULL},
    {"V if", N_("En Lua se escribe: condición and a or b")},
    {"?", N_("En Lua se escribe: condición and a or b")},
    {"= [", N_("En Lua las listas van entre llaves: {1, 2, 3}")},
    {"( [", N_("En Lua las listas van entre llaves: {1, 2, 3}")},
    {", [", N_("En Lua las listas van entre llaves: {1, 2, 3}")},
    {"return [", N_("En Lua las listas van entre llaves: {1, 2, 3}")},
    {"[ V , V ]", N_("Con dos índices se escribe m[i][j]")},
    {"{ N :", N_("En Lua un diccionario se escribe {nombre = valor}")},
    {"{ S :", N_("En Lua un diccionario se escribe {nombre = valor}")},
};

static const char block[] =
    N_("En Lua los bloques no llevan dos puntos: se abren con then "
       "o do y se cierran con end");

static const char braces[] = N_(
    "En Lua los bloques no llevan llaves: se abren con then o do y se cierran con end");

static const char count[] = N_("En Lua un bucle se escribe: for i = 1, n do … end");

static const char each[] =
    N_("En Lua una lista se recorre con: for i, v in ipairs(t) do … end");

static const char fill[] =
    N_("En Lua una lista se llena con un bucle: t = {} for i = 1, n do t[i] = i^2 end");

static const char loop_while[] =
    N_("En Lua un bucle se escribe: while condición do … end");

static const struct habit starts[] = {{"if", block}, {"for", block}, {"else", block}};

static const char with_braces[] =
    N_("Para dar opciones por su nombre se llama con llaves: f{a, opción = valor}");

static const char compare[] = N_("Para comparar se escribe ==; = da un valor");

static const char loose[] = N_("Una expresión suelta solo puede ir al final de la celda: "
                               "antes, muéstrala con display(…) o print(…)");

static bool token_is(const struct lex_list *l, size_t i, const char *word, size_t n) {
    const struct lex_token *t = &l->tok[i];
    if (n == 1 && *word == 'N')
        return t->kind == LEX_NAME;
    if (n == 1 && *word == 'S')
        return t->kind == LEX_STRING;
    if (n == 1 && *word == 'D')
        return t->kind == LEX_NUMBER;
    if (n == 1 && *word == 'V')
        return t->kind == LEX_NAME || t->kind == LEX_NUMBER || t->kind == LEX_STRING;
    return t->kind != LEX_STRING && t->kind != LEX_EOF && t->end - t->start == n &&
           memcmp(l->src + t->start, word, n) == 0;
}

/* Do the tokens of the pattern stand at i? */
static bool stands_at(const struct lex_list *l, size_t i, const char *p) {
    if (*p == '^') {
        if (i > 0)
            return false;
        p += 2;
    }
    for (; i < l->n; i++) {
        size_t n = strcspn(p, " ");
        if (!token_is(l, i, p, n))
            return false;
        if (!p[n])
            return true;
        p += n + 1;
    }
    return false;
}

static bool stands(const struct lex_list *l, const char *pattern) {
    for (size_t i = 0; i < l->n; i++)
        if (stands_at(l, i, pattern))
            return true;
    return false;
}

/* A colon that ends the head of a block: a space or the end of the line follows it, while
 * a method follows its colon at once. */
static bool has_block_colon(const struct lex_list *l) {
    for (size_t i = 1; i < l->n; i++) {
        size_t end = l->tok[i].end;
        if (token_is(l, i, ":", 1) && (end >= l->len || l->src[end] == ' '))
            return true;
    }
    return false;
}

/* A loop of Python or C; the parser's sentence about it would only say that do is missing. */
static const char *habit_of_loop(const struct lex_list *l) {
    bool colon = has_block_colon(l);
    if (stands_at(l, 0, "for") && (stands(l, "in range (") || stands(l, "^ for (")))
        return colon || stands(l, "^ for (") ? count : NULL;
    if (stands_at(l, 0, "for") && colon && stands(l, "in"))
        return each;
    return stands_at(l, 0, "while") && colon ? loop_while : NULL;
}

/* [x^2 for x in xs] */
static bool is_comprehension(const struct lex_list *l) {
    bool open = false;
    for (size_t i = 0; i < l->n; i++) {
        open = open || token_is(l, i, "[", 1);
        if (open && token_is(l, i, "for", 3))
            return true;
    }
    return false;
}

/* if (x > 1) { … }, function f(x) { … }: braces where Lua opens a block with a word. */
static bool has_braces(const struct lex_list *l) {
    static const char *const heads[] = {"if", "for", "while", "function"};
    if (stands(l, "else {"))
        return true;
    for (size_t k = 0; k < ARRAY_LEN(heads); k++)
        if (stands_at(l, 0, heads[k]))
            return stands(l, ") {") || (k % 2 == 0 && stands(l, "V {"));
    return false;
}

static const char *habit_of_tokens(const struct lex_list *l, bool *whole) {
    const char *loop = habit_of_loop(l);
    if (loop || is_comprehension(l)) {
        *whole = true;
        return loop ? loop : fill;
    }
    for (size_t k = 0; k < ARRAY_LEN(habits); k++)
        if (stands(l, habits[k].tokens)) {
            *whole = habits[k].tokens[0] == '^';
            if (habits[k].sentence)
                return habits[k].sentence;
            break;
        }
    *whole = false;
    if (has_braces(l))
        return braces;
    for (size_t k = 0; k < ARRAY_LEN(starts); k++)
        if (stands_at(l, 0, starts[k].tokens) && has_block_colon(l))
            return starts[k].sentence;
    return NULL;
}

/* x + 1, 3 * 4 or "text" where a statement has to be. */
static bool is_loose(const struct lex_list *l, const char *message) {
    bool stopped = strstr(message, "unexpected symbol near") != NULL ||
                   strstr(message, "syntax error near") != NULL;
    if (!stopped || l->n == 0)
        return false;
    if (l->tok[0].kind == LEX_NUMBER || l->tok[0].kind == LEX_STRING)
        return true;
    return l->n > 1 && l->tok[0].kind == LEX_NAME && l->tok[1].kind == LEX_OP &&
           !strchr("=,.:([{", l->src[l->tok[1].start]);
}

static const char *habit_of_message(const struct lex_list *l, const char *message) {
    bool equals = strstr(message, "near '='") != NULL;
    if (equals && strstr(message, "')' expected"))
        return with_braces;
    if (equals && strstr(message, "'then' expected"))
        return compare;
    return is_loose(l, message) ? loose : NULL;
}

const char *cell_habit_line(const char *line, size_t n, const char *message,
                            bool *whole) {
    struct lex_list list;
    if (!line || !cell_lex(&list, line, n))
        return NULL;
    const char *found = habit_of_tokens(&list, whole);
    if (!found && message)
        found = habit_of_message(&list, message);
    cell_lex_release(&list);
    return found ? _(found) : NULL;
}

/* [[1, 2], [3, 4]] is a text for Lua. */
static bool has_list_text(const struct lex_list *l) {
    for (size_t i = 0; i < l->n; i++) {
        const char *at = l->src + l->tok[i].start;
        size_t n = l->tok[i].end - l->tok[i].start;
        if (l->tok[i].kind == LEX_STRING && n > 4 && at[0] == '[' && at[1] == '[' &&
            strchr("-.0123456789", at[2]) && memchr(at, ',', n))
            return true;
    }
    return false;
}

const char *cell_habit_running(const char *line, size_t n, bool missing) {
    static const struct habit running[] = {
        {"^ #", N_("En Lua un comentario empieza con --")},
        {"f S", N_("En Lua un texto con valores se arma con .. o con "
                   "string.format(\"%.3f\", x)")},
    };
    struct lex_list list;
    const char *found = NULL;
    if (!line || !cell_lex(&list, line, n))
        return NULL;
    for (size_t k = 0; k < ARRAY_LEN(running) && missing && !found; k++)
        if (stands(&list, running[k].tokens))
            found = running[k].sentence;
    if (!found && has_list_text(&list))
        found = N_("En Lua [[…]] es un texto: las listas van entre llaves, "
                   "{{1, 2}, {3, 4}}");
    cell_lex_release(&list);
    return found ? _(found) : NULL;
}

const char *cell_habit_name(const char *name) {
    static const struct habit names[] = {
        {"True", N_("En Lua se escribe true")},
        {"False", N_("En Lua se escribe false")},
        {"None", N_("En Lua «nada» se escribe nil")},
        {"null", N_("En Lua «nada» se escribe nil")},
        {"len", N_("En Lua la longitud de t es #t")},
        {"range", N_("En Lua se escribe: for i = 1, n do … end")},
        {"enumerate", N_("En Lua se escribe: for i, v in ipairs(t) do … end")},
        {"str", N_("En Lua se escribe tostring(x); los textos se unen con ..")},
        {"int", N_("En Lua se escribe math.floor(x), o x // 1")},
        {"float", N_("En Lua se escribe tonumber(x)")},
        {"np", N_("Aquí no hay NumPy: los arreglos son tensores, tensor{1, 2, 3}")},
        {"numpy", N_("Aquí no hay NumPy: los arreglos son tensores, tensor{1, 2, 3}")},
        {"keras",
         N_("Las capas y modelos de Keras están en nn: nn.Dense, nn.Sequential")},
        {"tf", N_("Las capas y modelos de Keras están en nn: nn.Dense, nn.Sequential")},
        {"torch", N_("Las capas y modelos están en nn, y los tensores en tensor")},
        {"plt", N_("Las figuras están en plot: plot.line, plot.curve")},
        {"pass", N_("En Lua un bloque vacío no necesita nada")},
        {"self", N_("En Lua self solo existe en una función escrita con dos puntos")},
    };
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (strcmp(names[i].tokens, name) == 0)
            return _(names[i].sentence);
    return NULL;
}

const char *cell_habit_method(const char *name, size_t n) {
    static const char *const list_methods[] = {"append", "push", "extend", "insert",
                                               "pop"};
    for (size_t i = 0; i < ARRAY_LEN(list_methods); i++)
        if (strlen(list_methods[i]) == n && memcmp(list_methods[i], name, n) == 0)
            return _("A una lista se le agrega con t[#t + 1] = valor, y se le quita con "
                     "table.remove(t)");
    return NULL;
}
