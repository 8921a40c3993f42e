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

static const struct habit starts[] = {
    {"if", block}, {"for", block}, {"while", block}, {"else", block}, {"class", block}};

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

static const char *habit_of_tokens(const struct lex_list *l) {
    for (size_t k = 0; k < ARRAY_LEN(habits); k++)
        if (stands(l, habits[k].tokens)) {
            if (habits[k].sentence)
                return habits[k].sentence;
            break;
        }
    for (size_t k = 0; k < ARRAY_LEN(starts); k++)
        if (l->n > 1 && stands_at(l, 0, starts[k].tokens) && stands(l, ":"))
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

const char *cell_habit_line(const char *line, size_t n, const char *message) {
    struct lex_list list;
    if (!line || !cell_lex(&list, line, n))
        return NULL;
    const char *found = habit_of_tokens(&list);
    if (!found && message)
        found = habit_of_message(&list, message);
    cell_lex_release(&list);
    return found ? _(found) : NULL;
}

/* Patterns of lines that Lua can run, for when they name what does not exist. */
const char *cell_habit_running(const char *line, size_t n) {
    static const struct habit running[] = {
        {"^ #", N_("En Lua un comentario empieza con --")},
        {"f S", N_("En Lua un texto con valores se arma con .. o con "
                   "string.format(\"%.3f\", x)")},
    };
    struct lex_list list;
    const char *found = NULL;
    if (!line || !cell_lex(&list, line, n))
        return NULL;
    for (size_t k = 0; k < ARRAY_LEN(running) && !found; k++)
        if (stands(&list, running[k].tokens))
            found = running[k].sentence;
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
