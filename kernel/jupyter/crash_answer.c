/* crash_answer.c: what the front end hears of a crash: where it was, what was saved, and an
 * answer to every request that has none yet. */
#include "crash.h"
#include "state.h"

#include "base/i18n.h"
#include "base/oserr.h"

#include <poll.h>
#include <stdio.h>
#include <sys/eventfd.h>

enum { TEXT_MAX = 512 };

static const struct {
    int number;
    const char *name, *what;
} words[] = {
    {SIGSEGV, "SIGSEGV", N_("una dirección de memoria que no es suya")},
    {SIGBUS, "SIGBUS", N_("una dirección de memoria que no existe")},
    {SIGFPE, "SIGFPE", N_("una división entera imposible")},
    {SIGILL, "SIGILL", N_("una instrucción que el procesador no conoce")},
    {SIGABRT, "SIGABRT", N_("el programa encontró un error suyo y se detuvo")},
};

/* What the language says, in a thread that may hang or crash like the one that did. */
struct rescue {
    const struct interp *interp;
    int done_fd; /* counts the texts that are ready */
    char where[TEXT_MAX], saved[TEXT_MAX];
};

static void *ask_language(void *arg) {
    struct rescue *r = arg;
    jup_crash_unblock();
    if (r->interp->position)
        r->interp->position(r->interp->self, r->where, sizeof r->where);
    eventfd_write(r->done_fd, 1);
    if (r->interp->rescue)
        r->interp->rescue(r->interp->self, r->saved, sizeof r->saved);
    eventfd_write(r->done_fd, 1);
    return NULL;
}

/* How many of the two texts are ready. r is never freed: the thread may still be at it. */
static int rescue(struct jup_kernel *k, struct rescue *r) {
    struct jup_thread thread;
    struct err e = {0};
    r->interp = k->interp;
    r->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (r->done_fd < 0 || jup_thread_start(&thread, "nabla-rescue", ask_language, r, &e))
        return 0;
    double end = clock_seconds() + JUP_RESCUE_SECONDS, left;
    int ready = 0;
    while (ready < 2 && (left = end - clock_seconds()) > 0) {
        struct pollfd p = {.fd = r->done_fd, .events = POLLIN};
        eventfd_t more = 0;
        if (poll(&p, 1, (int)(left * 1000) + 1) == 1 &&
            eventfd_read(r->done_fd, &more) == 0)
            ready += (int)more;
    }
    return ready;
}

struct report {
    char evalue[2 * TEXT_MAX];
    const char *saved; /* "" for nothing */
};

static void describe(struct jup_kernel *k, struct report *out) {
    struct rescue *r = calloc(1, sizeof *r);
    int ready = r ? rescue(k, r) : 0, number = atomic_load(&k->crash.number);
    const char *name = "?", *what = "";
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (words[i].number == number) {
            name = words[i].name;
            what = _(words[i].what);
        }
    const char *where = ready > 0 ? r->where : "";
    snprintf(out->evalue, sizeof out->evalue,
             _("el proceso del núcleo se cayó%s%s: %s, %s"), where[0] ? ", " : "", where,
             name, what);
    out->saved = ready > 1 ? r->saved : "";
}

static json_t *error_content(const struct report *r) {
    char first[sizeof r->evalue + 64];
    int n = snprintf(first, sizeof first, "\x1B[31mCrash\x1B[0m: %s", r->evalue);
    json_t *lines = json_array();
    json_array_append_new(lines, jup_text(first, MIN_OF((size_t)n, sizeof first - 1)));
    if (r->saved[0])
        json_array_append_new(lines, jup_text(r->saved, strlen(r->saved)));
    const char *next = _("El núcleo arranca de nuevo, y sus variables se pierden.");
    json_array_append_new(lines, jup_text(next, strlen(next)));
    return json_pack("{s:s, s:o, s:o}", "ename", "Crash", "evalue",
                     jup_text(r->evalue, strlen(r->evalue)), "traceback", lines);
}

static void fail(struct jup_kernel *k, struct jup_message *m, const struct report *r) {
    json_t *content = error_content(r);
    bool cell = strcmp(m->type, "execute_request") == 0;
    if (cell && content && !m->origin->silent)
        jup_pubqueue_message(&k->pub, m->origin, "error",
                             json_dumps(content, JSON_COMPACT), NULL, false);
    jup_pubqueue_finish(&k->pub, m->origin);
    if (content) {
        json_object_set_new(content, "status", json_string("error"));
        int count = jup_router_count(&k->router, m->shell, 0);
        if (cell)
            json_object_set_new(content, "execution_count", json_integer(count));
    }
    jup_answer_instead(k, m, content);
}

void jup_crash_answer(struct jup_kernel *k) {
    struct report r;
    atomic_store(&k->closing, true);
    describe(k, &r);
    jup_capture_pipes(&k->capture);
    jup_router_close(&k->router);
    struct jup_message *m = k->serving, *within;
    for (; m; m = within) {
        within = m->within;
        fail(k, m, &r);
    }
    k->serving = NULL;
    while ((m = jup_router_take(&k->router))) {
        m->aborted = true;
        jup_serve_shell(k, m);
    }
}
