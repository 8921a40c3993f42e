/* state.h: what the files of this folder share: the cell itself and the functions that only
 * they call. */
#ifndef CELL_STATE_H
#define CELL_STATE_H

#include "cell/cell.h"
#include "cell/display.h"
#include "cell/error.h"
#include "cell/help.h"
#include "cell/json.h"
#include "cell/stop.h"
#include "cell/suggest.h"

#include "base/i18n.h"
#include "base/util.h"

#include <lauxlib.h>
#include <lualib.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

enum {
    CELL_FRAMES = 16,       /* Lua frames that a traceback shows */
    CELL_DEPTH = 5000,      /* levels that are counted */
    CELL_SOURCES = 256,     /* cell sources kept for tracebacks */
    CELL_TEXT_MAX = 1 << 20 /* bytes of one displayed text */
};

struct cell_stop {
    atomic_int pending;  /* enum cell_stop_kind */
    atomic_int training; /* depth of cell_stop_begin */
    atomic_bool executing;
    atomic_llong last_ns; /* of the latest request, 0 for none in this cell */
    pthread_t thread;     /* that executes; set before executing is */
    bool unwinding;       /* KeyboardInterrupt is on its way up */
    atomic_bool attend;   /* somebody waits for a visit */
    atomic_bool lines;    /* the debugger wants the line hook */
    atomic_uint requests; /* interrupts so far */
    atomic_bool waiting;  /* cell_stop_wait sleeps on wake */
    sem_t wake;
};

struct cell_memory {
    size_t lua, charged; /* bytes in use: Lua's own, charged from outside */
    ptrdiff_t idle;      /* resident bytes of no block, at the least */
    size_t max;
    size_t collect_at;      /* charged bytes at which a full collection is due */
    bool refused;           /* the ceiling was met in this cell */
    char where[LUA_IDSIZE]; /* the Lua line that met it */
    int line;
};

/* One level of a traceback. */
struct cell_frame {
    char source[LUA_IDSIZE]; /* "celda 3", "modelo.lua" */
    char name[64];           /* of the function, "" for the main chunk */
    int line, defined;       /* current line; where the function begins */
};

struct cell_frames {
    struct cell_frame frame[CELL_FRAMES];
    size_t n, left_out;
    bool deeper; /* there are levels below those that were counted */
};

/* What the message handler saw of an error on its way up; plain memory, no Lua values. */
struct cell_fault {
    bool seen;
    const char *ename; /* static */
    char *text;        /* one sentence without position; owned */
    char source[LUA_IDSIZE];
    int line;
    struct cell_frames frames;
};

struct cell_source {
    char name[LUA_IDSIZE];
    uint32_t hash; /* of text: cell_debug_hash */
    int count;     /* In[n] of the parent shell, else 0 */
    time_t began;
    char *text;
    size_t len;
};

struct cell_rows {
    const struct cell_help_row **row; /* sorted by name */
    size_t n, cap;
};

/* A coroutine that runs, who resumed it, and the same of that one; on C's stack. */
struct cell_link {
    lua_State *co, *from;
    struct cell_link *outer;
};

/* What an interrupted run has under way, while a visit is served (visit.c). */
struct cell_visit {
    struct cell_visit *outer;
    lua_State *L, *running;
    struct cell_link *links;
    struct cell_fault fault;
    struct cell_frames in_coroutine;
    const char *raised_ename;
    bool refused, unwinding;
    int count, exit_status, ref;
    const struct host *host;
    int pending, training;
    long long last_ns;
    unsigned requests;
};

struct cell {
    lua_State *L; /* that runs are started on: the main one, or a visit's coroutine */
    lua_State *running;     /* the main state or the coroutine that executes */
    struct cell_config cfg; /* cfg.host: where output goes now, see cell_host_set */
    const struct host *true_host;
    lua_CFunction at_end; /* of every run, see cell/comm.h */
    bool closing;         /* nobody is told what ends now */
    struct interp interp;
    struct interp_info info;
    char banner[160];
    struct cell_memory mem;
    struct cell_stop stop;
    struct cell_rows rows;
    struct cell_source source[CELL_SOURCES];
    size_t next_source, source_bytes;
    struct cell_fault fault;
    struct cell_frames in_coroutine; /* where the latest error left a coroutine */
    const char *raised_ename;        /* of the latest cell_raise, see raise.c */
    int count;                       /* In [n] of the running cell */
    int exit_status;
    struct buf input;           /* stdin line that io.read has not used up */
    struct cell_visit *visit;   /* the innermost, or NULL */
    struct cell_rescue *rescue; /* the innermost, or NULL */
    bool (*crash_detail)(char *text, size_t size); /* see cell/rescue.h; or NULL */
    void (*watch)(void *ctx, bool on);             /* see cell/watch.h; or NULL */
    void *watch_ctx;
    struct cell_link *links;  /* of the coroutine that runs, or NULL */
    struct cell_debug *debug; /* NULL until somebody asks for it */
};

/* memory.c */
void *cell_memory_alloc(void *ud, void *ptr, size_t osize, size_t nsize);
/* Pages that nobody uses any more, to the system, when they are many. */
void cell_memory_give_back(struct cell_memory *m);
size_t cell_memory_default(void);
void cell_memory_words(size_t bytes, char out[32]);

/* stop.c */
void cell_stop_enter(struct cell *c);
void cell_stop_leave(struct cell *c);
/* Is this the thread that executes a cell of c? */
bool cell_stop_is_here(const struct cell *c);
/* rescue.c: what interp.h says of crashes. */
void cell_crash_position(void *self, char *text, size_t size);
void cell_crash_rescue(void *self, char *text, size_t size);
/* Sets the hooks that a state needs now: the debugger's, and one for what waits. */
void cell_stop_arm(struct cell *c, lua_State *L);
/* Turns the line hook of everything that runs on or off. */
void cell_stop_lines(struct cell *c, bool on);
/* Waits and serves visits until *resume; true: an interrupt came after that many. */
bool cell_stop_hold(lua_State *L, unsigned requests, const bool *resume);
/* visit.c: what interp.h says of visits. */
void cell_attend(void *self);
bool cell_visit_begin(void *self);
void cell_visit_end(void *self);
/* comm.c, commlib.c */
bool cell_comm(void *self, const struct host_comm *m);
void cell_comm_lib_open(lua_State *L);

/* Long C loops of this folder call it now and then: raises KeyboardInterrupt. */
void cell_stop_check(lua_State *L);

/* raise.c: the error values that are no strings. */
enum cell_special { CELL_NO_SPECIAL, CELL_IS_INTERRUPT, CELL_IS_EXIT };
void cell_raise_open(lua_State *L);
enum cell_special cell_special_at(lua_State *L, int idx);
int cell_raise_exit(lua_State *L, int status);
const char *cell_raised_name(lua_State *L, int idx); /* ename of a string, or NULL */
void cell_raised_mark(lua_State *L, int idx, const char *ename);
bool cell_raised_own(const char *ename); /* of a sentence that is not translated again */
const char *cell_raised_text(lua_State *L, const char *msg, size_t len);
void cell_where(lua_State *L, struct buf *out); /* "celda 3, línea 2: " or nothing */

/* protect.c: pcall, xpcall, error handling of coroutines, assert, load */
void cell_protect_open(lua_State *L);

/* translate.c: Lua's own English sentences, and the place before any message. *ename is set
 * when the sentence implies one. false: neither was there, out untouched. */
bool cell_translate(lua_State *L, const char *msg, size_t len, struct buf *out,
                    const char **ename);
/* Splits "celda 3:2: text": the length of the position, 0 when there is none. */
size_t cell_position(const char *msg, size_t len, char source[LUA_IDSIZE], int *line);

/* habits.c: how Lua says what was written as in Python: a sentence, or NULL. */
/* The line where the compiler stopped, with its own message. */
/* whole: the sentence says it all, without the parser's own */
const char *cell_habit_line(const char *line, size_t n, const char *message, bool *whole);
/* Of a line that failed when it ran; missing: for a global that does not exist. */
const char *cell_habit_running(const char *line, size_t n, bool missing);
const char *cell_habit_name(const char *name);             /* a global that is missing */
const char *cell_habit_method(const char *name, size_t n); /* a method that is missing */
/* culprit.c: the part of the line s that the sentence text is about; false: text is NULL. */
bool cell_culprit(const char *text, const char *s, size_t n, size_t *at, size_t *len);

/* trace.c */
int cell_trace_handler(lua_State *L); /* message handler: fills c->fault */
void cell_trace_collect(lua_State *L, int level, struct cell_frames *out);
/* How many levels there are, at most so many. Lua reaches each by walking from the top, over
 * memory that is not near: the million levels of an endless recursion would take seconds. */
int cell_depth(lua_State *L, int most);
void cell_fault_clear(struct cell_fault *f);
void cell_trace_syntax(struct cell *c, const char *msg, size_t len);
/* What pcall returned (not LUA_OK) becomes the result's error; pops the error value. */
void cell_trace_result(struct cell *c, int status, struct interp_error *out);
void cell_error_fill(struct interp_error *out, const char *ename, const char *evalue);

/* source.c */
void cell_source_keep(struct cell *c, const char *name, const char *text, size_t len);
/* Says that the kept text ran as In[count]. */
void cell_source_number(struct cell *c, const char *name, int count);
bool cell_source_line(struct cell *c, const char *name, int line, const char **s,
                      size_t *n);
const char *cell_source_text(struct cell *c, const char *name, size_t *len);
bool cell_source_hash(struct cell *c, const char *name, uint32_t *hash);
const char *cell_source_of_hash(struct cell *c, uint32_t hash, size_t *len);
void cell_source_release(struct cell *c);

/* run.c */
void cell_execute(void *self, const struct interp_request *req,
                  struct interp_result *out);
/* Runs body(arg) protected; out is ok or holds the error. bad_syntax (may be NULL) is set by
 * a body that could not compile. */
void cell_run_protected(struct cell *c, lua_CFunction body, void *arg,
                        const bool *bad_syntax, struct interp_result *out);
void cell_evaluate(void *self, const char *code, size_t len, struct interp_result *out);
/* How a cell was compiled: see split.h. */
struct cell_code {
    bool value;        /* the chunk returns the last expression */
    bool hushed, call; /* a ; follows it; it is a call */
    struct buf *names; /* NUL-terminated names of the outermost locals, or NULL */
};

/* Pushes the compiled chunk, or the error message. The code is not run. names belongs to
 * the caller. */
int cell_compile(lua_State *L, const char *code, size_t len, const char *chunkname,
                 struct cell_code *out);

/* io.c, shell.c, show.c, strict.c, strings.c, helpcmd.c: what they put among the globals */
void cell_io_open(lua_State *L);
void cell_shell_open(lua_State *L);
void cell_show_open(lua_State *L);
void cell_strict_open(lua_State *L);
void cell_string_open(lua_State *L);
void cell_help_open(lua_State *L);

/* strict.c: remembers that a name was local to the running cell. */
void cell_strict_local(lua_State *L, const char *name, size_t n);
/* Pushes the table whose keys are the globals that cells have assigned. */
void cell_strict_declared(lua_State *L);
/* The sentence for a name that does not exist; offers what is near. */
void cell_strict_sentence(lua_State *L, const char *name, struct buf *out);

/* help.c, helptext.c */
void cell_rows_release(struct cell_rows *rows);
const struct cell_help_row *cell_help_of_value(lua_State *L, int idx);
bool cell_help_plain(const struct cell_help_row *row, struct buf *out);
bool cell_help_markdown(const struct cell_help_row *row, struct buf *out);
extern const struct cell_help_row cell_rows_lua[];
extern const size_t cell_rows_lua_n;
extern const struct cell_help_row cell_rows_lib[];
extern const size_t cell_rows_lib_n;
extern const struct cell_help_row cell_rows_show[];
extern const size_t cell_rows_show_n;

/* helpcmd.c: "?name", "name??". false: the cell is not of that form. */
bool cell_help_query(const char *code, size_t len, const char **name, size_t *n,
                     int *detail);
/* Fills out with what is known of a dotted name; false: nothing. Runs no Lua code. */
bool cell_inspect_name(lua_State *L, const char *name, size_t n, int detail,
                       struct mime_bundle *out);

/* resolve.c: a dotted name by raw access (no metamethod runs). Pushes value; false and
 * nothing pushed when it does not exist. */
bool cell_resolve(lua_State *L, const char *name, size_t n);
/* The value's field by raw access and through __index tables; pushes it or returns false. */
bool cell_resolve_field(lua_State *L, int idx, const char *name, size_t n);
/* __name of the metatable, or NULL. */
const char *cell_resolve_type(lua_State *L, int idx);

/* complete.c, inspect.c */
void cell_complete(void *self, const char *code, size_t len, size_t cursor,
                   struct interp_completion *out);
void cell_inspect(void *self, const char *code, size_t len, size_t cursor, int detail,
                  struct mime_bundle *out);
enum interp_completeness cell_is_complete(void *self, const char *code, size_t len,
                                          char *indent, size_t size);

/* pretty.c: the text of a value; quiet: no metamethod written in Lua runs. */
void cell_pretty(lua_State *L, int idx, struct buf *out, bool quiet);

/* Calls each with the key at -2 and the value at -1, in the order shown, beginning with the
 * number from (of 0), at most max times. Raw access; keys that are no text, number or
 * boolean are left out. */
void cell_pretty_each(lua_State *L, int idx, size_t from, size_t max,
                      void (*each)(lua_State *L, void *arg), void *arg);

/* debug.c: interp.h's debug(); the parts are in debug.h. */
#define CELL_DEBUG_SEED 0xC70F6907U
uint32_t cell_debug_hash(const char *text, size_t len);
char *cell_debug(void *self, const char *request, size_t len);
void cell_debug_free(struct cell *c);
/* The line hook; around a cell (when c->debug); in the message handler of an error, where
 * the levels that failed are still there. */
void cell_debug_line(lua_State *L, lua_Debug *ar);
void cell_debug_enter(struct cell *c, bool expression);
void cell_debug_leave(struct cell *c);
void cell_debug_fault(lua_State *L, const char *ename, const char *text);

/* A buf that the collector releases, for code that may raise while it holds one. */
struct buf *cell_buf_push(lua_State *L, size_t max);

#endif
