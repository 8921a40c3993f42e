/* recorder.h: a host that keeps what the language sends, for tests of the language without
 * sockets; and short ways to run cells.
 *
 *     struct recorder r;
 *     recorder_init(&r);
 *     struct cell_config cfg = {.host = &r.host, .open = cmd_open};
 *     struct cell *c;  cell_new(&c, &cfg, &e);
 *     struct interp_result out = recorder_run(c, "print(1) return 2");
 *     assert_string_equal(recorder_stdout(&r), "1\n");
 *     interp_result_release(&out);
 *     recorder_release(&r);
 *
 * input() answers from r.answers, one line each; at their end ERR_IO. */
#ifndef TESTS_CELL_RECORDER_H
#define TESTS_CELL_RECORDER_H

#include "base/buf.h"
#include "cell/cell.h"

#include <pthread.h>

enum { RECORDER_MAX = 256 };

struct recorder_output {
    struct mime_bundle bundle;
    char id[129];
    bool update;
};

struct recorder {
    struct host host;
    pthread_mutex_t lock;
    struct buf out, err;
    struct recorder_output shown[RECORDER_MAX]; /* display: the first RECORDER_MAX */
    size_t n_shown;
    struct mime_bundle page;
    size_t pages, streams, clears;
    bool clear_wait;
    void (*visit)(struct recorder *r); /* what a safe point does */
    const char *const *answers;        /* NULL-terminated */
    int input_code;                    /* negative: what input answers instead */
    char prompt[128];
    bool password;
    char next[256];                                      /* set_next_input */
    void (*event)(struct recorder *r, const char *json); /* of the debugger, or NULL */
};

static inline bool recorder_copy(struct mime_bundle *to, const struct mime_bundle *b) {
    bool ok = true;
    for (size_t i = 0; i < b->n; i++)
        ok = ok && mime_add(to, b->item[i].type, b->item[i].data, b->item[i].len);
    if (b->metadata)
        ok = ok && mime_set_metadata(to, b->metadata);
    return ok;
}

static inline uint64_t recorder_origin(void *self) {
    (void)self;
    return 1;
}

static inline void recorder_stream(void *self, uint64_t origin, enum host_stream to,
                                   const char *text, size_t n) {
    struct recorder *r = self;
    (void)origin;
    pthread_mutex_lock(&r->lock);
    r->streams++;
    buf_add(to == HOST_STDERR ? &r->err : &r->out, text, n);
    pthread_mutex_unlock(&r->lock);
}

static inline void recorder_display(void *self, uint64_t origin,
                                    const struct mime_bundle *b, const char *id,
                                    bool update) {
    struct recorder *r = self;
    (void)origin;
    pthread_mutex_lock(&r->lock);
    if (r->n_shown < RECORDER_MAX) {
        struct recorder_output *o = &r->shown[r->n_shown++];
        *o = (struct recorder_output){.update = update};
        recorder_copy(&o->bundle, b);
        if (id)
            snprintf(o->id, sizeof o->id, "%s", id);
    }
    pthread_mutex_unlock(&r->lock);
}

static inline void recorder_clear(void *self, uint64_t origin, bool wait) {
    struct recorder *r = self;
    (void)origin;
    r->clears++;
    r->clear_wait = wait;
}

static inline int recorder_input(void *self, const char *prompt, bool password,
                                 char **line, struct err *e) {
    struct recorder *r = self;
    snprintf(r->prompt, sizeof r->prompt, "%s", prompt);
    r->password = password;
    *line = NULL;
    if (r->input_code < 0)
        return err_set(e, r->input_code, "sin entrada");
    if (!r->answers || !*r->answers)
        return err_set(e, ERR_IO, "fin");
    *line = copy_text(*r->answers++);
    return *line ? 0 : err_set(e, ERR_NOMEM, "memoria");
}

static inline void recorder_page(void *self, const struct mime_bundle *b) {
    struct recorder *r = self;
    mime_release(&r->page);
    recorder_copy(&r->page, b);
    r->pages++;
}

static inline void recorder_next(void *self, const char *text, bool replace) {
    struct recorder *r = self;
    snprintf(r->next, sizeof r->next, "%s%s", replace ? "=" : "", text);
}

static inline void recorder_visit(void *self) {
    struct recorder *r = self;
    if (r->visit)
        r->visit(r);
}

static inline void recorder_event(void *self, const char *json) {
    struct recorder *r = self;
    if (r->event)
        r->event(r, json);
}

static inline void recorder_init(struct recorder *r) {
    *r = (struct recorder){0};
    pthread_mutex_init(&r->lock, NULL);
    buf_init(&r->out, (size_t)64 << 20);
    buf_init(&r->err, (size_t)64 << 20);
    r->host = (struct host){.self = r,
                            .origin = recorder_origin,
                            .stream = recorder_stream,
                            .display = recorder_display,
                            .clear_output = recorder_clear,
                            .input = recorder_input,
                            .visit = recorder_visit,
                            .debug_event = recorder_event,
                            .page = recorder_page,
                            .set_next_input = recorder_next};
}

/* Forgets what was kept so far. */
static inline void recorder_reset(struct recorder *r) {
    buf_clear(&r->out);
    buf_clear(&r->err);
    for (size_t i = 0; i < r->n_shown; i++)
        mime_release(&r->shown[i].bundle);
    r->n_shown = r->pages = r->streams = r->clears = 0;
    mime_release(&r->page);
}

static inline void recorder_release(struct recorder *r) {
    recorder_reset(r);
    buf_release(&r->out);
    buf_release(&r->err);
    pthread_mutex_destroy(&r->lock);
}

static inline const char *recorder_stdout(const struct recorder *r) {
    return r->out.len ? r->out.data : "";
}

static inline const char *recorder_stderr(const struct recorder *r) {
    return r->err.len ? r->err.data : "";
}

/* One representation of the output number i as text, "" when it is not there. */
static inline const char *recorder_shown(const struct recorder *r, size_t i,
                                         const char *type) {
    const struct mime_item *m =
        i < r->n_shown ? mime_get(&r->shown[i].bundle, type) : NULL;
    return m ? m->data : "";
}

/* Runs a cell; the caller releases the result. */
static inline struct interp_result recorder_run_n(struct cell *c, const char *code,
                                                  size_t len, int count) {
    struct interp_result out = {0};
    struct interp_request req = {
        .code = code, .len = len, .store_history = true, .execution_count = count};
    const struct interp *in = cell_interp(c);
    in->execute(in->self, &req, &out);
    return out;
}

static inline struct interp_result recorder_run(struct cell *c, const char *code) {
    return recorder_run_n(c, code, strlen(code), 1);
}

static inline const char *recorder_value(const struct interp_result *out) {
    const struct mime_item *m = mime_get(&out->value, "text/plain");
    return m ? m->data : "";
}

#endif
