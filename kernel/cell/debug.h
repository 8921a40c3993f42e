/* debug.h: what the files of the debugger share. The protocol is the Debug Adapter Protocol
 * (microsoft.github.io/debug-adapter-protocol) with the requests that Jupyter adds
 * (messaging, "Debug request").
 *
 * Requests are answered by the thread that runs cells: between two cells, or as a visit
 * inside of one (visit.c). A stopped cell waits in its line hook (debug_step.c) and serves
 * visits until one of them lets it go on. So one thread owns all of this, without locks. */
#ifndef CELL_DEBUG_H
#define CELL_DEBUG_H

#include "state.h"

#include <jansson.h>

enum {
    DEBUG_FRAMES = 200,       /* levels that a stack trace lists */
    DEBUG_POINTS = 1000,      /* breakpoints at a time */
    DEBUG_TEXTS = 256,        /* cells kept that were dumped and perhaps never run */
    DEBUG_TEXT_MAX = 1 << 20, /* bytes of one of them */
    DEBUG_CHILDREN = 1000,    /* variables of one answer */
    DEBUG_PATH = 512,         /* bytes of a source's path */
    DEBUG_THREAD = 1,         /* the id of the only thread */
    DEBUG_GLOBALS = 1,        /* variablesReference of the globals */
    DEBUG_LOCALS = 1000,      /* + frame index: its locals */
    DEBUG_UPVALUES = 2000,    /* + frame index: what its function uses from outside */
    DEBUG_VALUES = 10000      /* from here on: tables */
};

struct debug_frame {
    lua_State *L; /* the main state or a coroutine */
    int level;    /* of lua_getstack */
};

struct debug_point {
    char *path;
    bool hashed; /* the path is one made of a hash */
    uint32_t hash;
    int line;                     /* where it stops: has code */
    char *condition, *hits, *log; /* Lua, "> 3", text with {Lua}; or NULL */
    unsigned long long count;     /* times that the line was reached */
};

struct debug_text {
    uint32_t hash;
    char *text;
    size_t len;
};

enum debug_step { DEBUG_RUN, DEBUG_IN, DEBUG_OVER, DEBUG_OUT };

struct cell_debug {
    bool started; /* between attach and disconnect */
    bool serving; /* a request or a condition is under way: nothing stops inside */
    bool stopped, resume;
    bool pausing;          /* stop at the next line */
    bool quiet;            /* an expression runs: its errors are no news */
    char told[256];        /* the text of the error that stopped last in this cell */
    bool on_error, on_nan; /* exception filters */
    bool nan_told;         /* a result that is no number stopped this cell */
    char nan_at[LUA_IDSIZE + 16]; /* the line of the latest such stop */
    enum debug_step step;         /* what ends with the next stop */
    lua_State *step_state;        /* where the step began, and how deep; compared alone */
    int step_depth;
    int stops;     /* so far: makes frame ids of old stops invalid */
    long long seq; /* of the latest event */
    struct debug_frame frame[DEBUG_FRAMES]; /* of the stop, innermost first */
    size_t n_frames;
    struct debug_point *point[DEBUG_POINTS];
    size_t n_points;
    uint64_t lines; /* bit line % 64 is set when some breakpoint has such a line */
    struct debug_text text[DEBUG_TEXTS];
    size_t next_text;
    int values; /* numbers given to tables so far (debug_values.c) */
};

/* A request on its way to its answer. */
struct debug_ask {
    struct cell *c;
    struct cell_debug *d;
    const char *command;
    json_t *args;      /* borrowed, an object */
    json_t *body;      /* what the answer carries; owned by the ask */
    char message[512]; /* not empty: the request fails, and why */
};

/* debug.c */
void cell_debug_event(struct cell *c, const char *name, json_t *body);
__attribute__((format(printf, 2, 3))) void cell_debug_refuse(struct debug_ask *a,
                                                             const char *fmt, ...);
/* A member of the arguments as text, NULL when it is no string (or is empty). */
const char *cell_debug_string(const json_t *object, const char *key);
/* Whether the line hook has work; tells stop.c. */
void cell_debug_arm(struct cell *c);

/* debug_source.c: which text a path names. */
/* false: a script, or a name that no cell has; then it is the source without its mark. */
bool cell_debug_hashed(struct cell *c, const char *source, size_t len, uint32_t *hash);
bool cell_debug_hash_of_path(const char *path, uint32_t *hash);
void cell_debug_path(struct cell *c, const char *source, size_t len,
                     char path[DEBUG_PATH]);
const char *cell_debug_prefix(char out[64]);
const char *cell_debug_suffix(void);
/* The text of a cell that was run or dumped, or of a script's file: pushes a string.
 * false, nothing pushed: unknown. */
bool cell_debug_text(lua_State *L, struct cell *c, const char *path);
void cell_debug_keep(struct cell_debug *d, const char *text, size_t len);
void cell_debug_dump_cell(lua_State *L, struct debug_ask *a);
void cell_debug_source(lua_State *L, struct debug_ask *a);

/* debug_lines.c: pushes a buf whose byte i is 1 when line i has code that runs, in a
 * function inside as well. NULL, nothing pushed: the text does not compile. */
struct buf *cell_debug_lines(lua_State *L, const char *code, size_t len);

/* debug_points.c */
void cell_debug_set_points(lua_State *L, struct debug_ask *a);
json_t *cell_debug_points(const struct cell_debug *d);
void cell_debug_forget_points(struct cell_debug *d);
/* Has the line that is about to run a breakpoint that wants to stop? */
bool cell_debug_reached(lua_State *L, lua_Debug *ar);

/* debug_frames.c */
void cell_debug_collect(struct cell *c, lua_State *L);
const struct debug_frame *cell_debug_frame(const struct cell_debug *d, json_int_t id);
void cell_debug_stack(lua_State *L, struct debug_ask *a);
void cell_debug_scopes(lua_State *L, struct debug_ask *a);

/* A variable of a frame: a local (n counts locals) or an upvalue. */
struct debug_place {
    bool upvalue;
    int n;
};
bool cell_debug_hidden(const char *name);
/* Pushes the variable's value onto L; false, nothing pushed: there is none. */
bool cell_debug_find(lua_State *L, const struct debug_frame *f, const char *name,
                     struct debug_place *at);
/* Gives it the value on the top of L, and pops that. */
void cell_debug_assign(lua_State *L, const struct debug_frame *f, struct debug_place at);

/* debug_values.c */
json_t *cell_debug_text_of(const char *s, size_t n);
/* One variable of the protocol for the value at idx. key: its name as shown. */
json_t *cell_debug_variable(lua_State *L, int idx, const char *key, bool evaluable);
int cell_debug_reference(lua_State *L, int idx);
bool cell_debug_referred(lua_State *L, json_int_t reference); /* pushes the table */
void cell_debug_variables(lua_State *L, struct debug_ask *a);
void cell_debug_inspect(lua_State *L, struct debug_ask *a);

/* debug_eval.c: runs Lua that sees a frame's variables (frame NULL: the globals alone).
 * true: the value is pushed; false: *why (yours to free, may be NULL) says what failed. */
bool cell_debug_eval(struct cell *c, const struct debug_frame *f, const char *code,
                     char **why);
void cell_debug_evaluate(lua_State *L, struct debug_ask *a);
void cell_debug_set_variable(lua_State *L, struct debug_ask *a);
void cell_debug_copy(lua_State *L, struct debug_ask *a);
void cell_debug_rich(lua_State *L, struct debug_ask *a);

/* debug_rich.c: a bundle as the protocol's data. */
json_t *cell_debug_data(const struct mime_bundle *b);

/* debug_step.c */
void cell_debug_go(lua_State *L,
                   struct debug_ask *a); /* continue, next, stepIn, stepOut */
void cell_debug_pause(lua_State *L, struct debug_ask *a);

#endif
