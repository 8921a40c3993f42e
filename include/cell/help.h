/* help.h: the one row per command. help(), ?name, Shift-Tab, Tab (names, and option names
 * inside of the braces), the argument reader's checks, "did you mean", and the reference
 * chapter of the manual are all made from these rows; nothing is written twice.
 *
 *     static const struct cell_help_param dense_params[] = {
 *         {.name = "units", .types = CELL_INTEGER, .flags = CELL_REQUIRED | CELL_MIN,
 *          .min = 1, .doc = N_("número de neuronas")},
 *         {.name = "activation", .types = CELL_STRING, .fallback = "\"linear\"",
 *          .choices = activations, .doc = N_("función de activación")},
 *     };
 *     static const struct cell_help_row rows[] = {
 *         {.name = "nn.Dense", .kind = CELL_FUNCTION, .params = dense_params,
 *          .n_params = ARRAY_LEN(dense_params), .returns = N_("una capa"),
 *          .doc = N_("Capa densa: cada neurona ve todas las entradas."),
 *          .shapes = "(n, d) → (n, units)", .formula = "y = \\sigma(x W + b)",
 *          .example = "nn.Dense{128, activation = \"relu\"}", .see_also = "nn.Conv2D"},
 *     };
 *     cell_help_register(L, rows, ARRAY_LEN(rows));
 *
 * Names: "print" a global, "nn" a module (CELL_MODULE), "nn.Dense" a field of one,
 * "Model:fit" a method and "Model.loss" a field of the objects whose metatable has __name
 * "Model"; "Model" itself (CELL_CLASS) describes the object. A method's row has no
 * parameter for the object before the colon.
 *
 * Parameters are in positional order: nn.Dense(128, "relu") and nn.Dense{128, activation
 * = "relu"} fill the same ones. Texts marked N_ are Spanish and go through _() where they
 * are shown. Ownership: rows are static and borrowed for the life of the cell. */
#ifndef CELL_HELP_H
#define CELL_HELP_H

#include "base/buf.h"
#include "base/mime.h"

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

/* What a parameter takes: bits, so that alternatives are or-ed. Objects of the commands
 * are recognised by their metatable's __name (see cell_type_name). */
enum cell_type {
    CELL_NUMBER = 1 << 0,
    CELL_INTEGER = 1 << 1, /* 3 and 3.0, not 3.5 */
    CELL_BOOLEAN = 1 << 2,
    CELL_STRING = 1 << 3,
    CELL_TABLE = 1 << 4,
    CELL_FUNCTION_VALUE = 1 << 5,
    CELL_NIL = 1 << 6,    /* nil given on purpose */
    CELL_TENSOR = 1 << 7, /* __name "Tensor"; also what turns into one, see CELL_AUTO */
    CELL_VAR = 1 << 8,    /* a leaf or a result of autograd */
    CELL_MODEL = 1 << 9,  /* "Model" */
    CELL_LAYER = 1 << 10, /* "Layer" */
    CELL_OPTIMIZER = 1 << 11,   /* "Optimizer" */
    CELL_SCHEDULE = 1 << 12,    /* "Schedule" */
    CELL_CALLBACK = 1 << 13,    /* "Callback" */
    CELL_DATASET = 1 << 14,     /* "Dataset" */
    CELL_HISTORY = 1 << 15,     /* "History" */
    CELL_FIGURE = 1 << 16,      /* "Figure" */
    CELL_LIST_NUMBER = 1 << 17, /* a table whose items are numbers: {28, 28} */
    CELL_LIST_STRING = 1 << 18,
    CELL_LOSS = 1 << 19, /* "Loss" */
    CELL_ANY = 1 << 30   /* anything but nil */
};

enum cell_param_flags {
    CELL_REQUIRED = 1 << 0,
    CELL_NAMED = 1 << 1,    /* by name alone: no position */
    CELL_REST = 1 << 2,     /* the last positional one takes all that follow: layers */
    CELL_MIN = 1 << 3,      /* value >= min */
    CELL_MAX = 1 << 4,      /* value <= max */
    CELL_MIN_OPEN = 1 << 5, /* value > min */
    CELL_MAX_OPEN = 1 << 6, /* value < max */
    CELL_AUTO = 1 << 7,     /* tables of numbers are taken for a tensor */
    CELL_OPEN = 1 << 9,     /* choices are the usual values, not all */
    CELL_HIDDEN = 1 << 8    /* accepted, not shown: an old or a foreign spelling */
};

struct cell_help_param {
    const char *name; /* "learning_rate" */
    unsigned types;   /* enum cell_type bits */
    unsigned flags;   /* enum cell_param_flags bits */
    const char
        *fallback;   /* the default as Lua text: "0.01", "\"relu\"", "nil"; or NULL */
    double min, max; /* count when their flag is set; lists: for every item */
    const char *const *choices; /* NULL-terminated strings, or NULL */
    const char *type_text;      /* shown in place of the words of types; N_, or NULL */
    const char *doc;            /* N_: one line */
};

enum cell_help_kind {
    CELL_FUNCTION,
    CELL_METHOD,
    CELL_FIELD,
    CELL_MODULE,
    CELL_CLASS,
    CELL_KEYWORD
};

struct cell_help_row {
    const char *name;
    enum cell_help_kind kind;
    const char *signature; /* N_ where it has words; NULL: made from name and params */
    const struct cell_help_param *params;
    size_t n_params;
    const char *returns;  /* N_, or NULL */
    const char *doc;      /* N_: a first sentence for lists, more after it */
    const char *shapes;   /* "(n, d) → (n, units)", N_ where it has words, or NULL */
    const char *formula;  /* LaTeX without dollars, or NULL */
    const char *example;  /* Lua, may hold newlines, or NULL */
    const char *see_also; /* names with spaces between, or NULL */
    const char *takes;    /* commands whose options the tables inside of its braces may
                             hold: "Model:compile Model:fit", or NULL */
};

/* Adds rows. A name that is there already is replaced. Raises MemoryError. */
void cell_help_register(lua_State *L, const struct cell_help_row *rows, size_t n);

/* The row of exactly this name, or NULL. */
const struct cell_help_row *cell_help_find(lua_State *L, const char *name, size_t len);

/* The row of a method or field of objects whose __name is type: "Model", "fit". */
const struct cell_help_row *cell_help_member(lua_State *L, const char *type,
                                             const char *member);

/* All rows in name order; *n of them. Valid until the next register. */
const struct cell_help_row *const *cell_help_all(lua_State *L, size_t *n);

const struct cell_help_param *cell_help_param_find(const struct cell_help_row *row,
                                                   const char *name, size_t len);

/* "nn.Dense{units, activation = "linear"}": the given one or one made from the params. */
void cell_help_signature(const struct cell_help_row *row, struct buf *out);

/* "número o tensor": the words for type bits, in the student's language. */
void cell_type_words(unsigned types, struct buf *out);

/* The bits that the value at idx has: CELL_NUMBER | CELL_INTEGER for 3, ... */
unsigned cell_type_of(lua_State *L, int idx);

/* The type word of a value for messages: "número", "tabla", "Tensor" (from __name). */
const char *cell_type_name(lua_State *L, int idx);

/* The whole help text of a row: text/plain and text/markdown. false: short of memory. */
bool cell_help_bundle(const struct cell_help_row *row, struct mime_bundle *out);

#endif
