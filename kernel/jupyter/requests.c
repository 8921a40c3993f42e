/* requests.c: the router's other side: what the thread that runs cells may call. */
#include "router.h"

#include "base/i18n.h"
#include "base/oserr.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

int jup_router_init(struct jup_router *r, struct err *e) {
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->ready, NULL);
    r->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (r->wake_fd < 0)
        return err_set(e, ERR_IO, _("no se pudo crear un eventfd: %s"), os_reason(errno));
    return 0;
}

/* These three with the lock held. */

/* The one before the first request that may begin now; *found is that request. */
static struct jup_message *find_free(struct jup_router *r, struct jup_message **found) {
    struct jup_message *before = NULL, *m = r->first;
    for (; m && !jup_shells_free(&r->shells, m->shell); m = m->next)
        before = m;
    *found = m;
    return before;
}

static struct jup_message *unlink_free(struct jup_router *r) {
    struct jup_message *m, *before = find_free(r, &m);
    if (!m)
        return NULL;
    if (before)
        before->next = m->next;
    else
        r->first = m->next;
    if (r->last == m)
        r->last = before;
    m->next = NULL;
    r->waiting--;
    if (r->full) {
        r->full = false;
        eventfd_write(r->wake_fd, 1);
    }
    jup_shells_begin(&r->shells, m->shell);
    return m;
}

static void wait_until_sent(struct jup_router *r, bool for_request) {
    while (r->unsent > 0 || (for_request && !r->first && !r->closed))
        pthread_cond_wait(&r->ready, &r->lock);
}

struct jup_message *jup_router_take(struct jup_router *r) {
    pthread_mutex_lock(&r->lock);
    wait_until_sent(r, true);
    struct jup_message *m = unlink_free(r);
    pthread_mutex_unlock(&r->lock);
    return m;
}

struct jup_message *jup_router_visit(struct jup_router *r) {
    struct jup_message *m = NULL;
    pthread_mutex_lock(&r->lock);
    if (!r->closed) {
        wait_until_sent(r, false);
        m = unlink_free(r);
    }
    pthread_mutex_unlock(&r->lock);
    return m;
}

bool jup_router_has_visitor(struct jup_router *r) {
    struct jup_message *m = NULL;
    pthread_mutex_lock(&r->lock);
    if (!r->closed)
        find_free(r, &m);
    pthread_mutex_unlock(&r->lock);
    return m != NULL;
}

static void enqueue(struct jup_router *r, struct jup_send *s) {
    s->next = NULL;
    if (r->out_last)
        r->out_last->next = s;
    else
        r->out = s;
    r->out_last = s;
    r->unsent++;
    eventfd_write(r->wake_fd, 1);
}

void jup_router_reply(struct jup_router *r, struct jup_message *m) {
    struct jup_send *s = m->reply;
    m->reply = NULL;
    s->origin = jup_origin_ref(m->origin);
    s->idle = true;
    s->shell = m->shell;
    pthread_mutex_lock(&r->lock);
    enqueue(r, s);
    jup_shells_end(&r->shells);
    pthread_mutex_unlock(&r->lock);
}

void jup_router_done(struct jup_router *r) {
    pthread_mutex_lock(&r->lock);
    jup_shells_end(&r->shells);
    pthread_mutex_unlock(&r->lock);
}

/* Takes the answer out of r->ask. ERR_STATE: not there yet. */
static int take_answer(struct jup_router *r, char **line, size_t *len, struct err *e) {
    pthread_mutex_lock(&r->lock);
    bool there = r->ask.state == JUP_ASK_ANSWERED;
    if (there) {
        *line = r->ask.answer;
        *len = r->ask.len;
        r->ask = (struct jup_ask){0};
    }
    pthread_mutex_unlock(&r->lock);
    if (!there)
        return ERR_STATE;
    return *line ? 0 : err_set(e, ERR_NOMEM, _("input: no queda memoria"));
}

static int wait_for_answer(struct jup_router *r, unsigned count, char **line, size_t *len,
                           struct err *e) {
    struct pollfd p = {.fd = r->interrupt->wake_fd, .events = POLLIN};
    for (;;) {
        int rc = take_answer(r, line, len, e);
        if (rc != ERR_STATE)
            return rc;
        if (atomic_load(&r->interrupt->count) != count)
            return err_set(e, ERR_INTERRUPT, _("input: interrumpido"));
        if (r->visit)
            r->visit(r->attend_self);
        if (poll(&p, 1, -1) < 0 && errno != EINTR)
            return err_set(e, ERR_IO, "input: %s", os_reason(errno));
        eventfd_t n;
        eventfd_read(r->interrupt->wake_fd, &n);
    }
}

int jup_router_ask(struct jup_router *r, struct jup_origin *origin, char *content,
                   char **line, size_t *len, struct err *e) {
    *line = NULL;
    unsigned count = atomic_load(&r->interrupt->count);
    struct jup_send *s = content ? calloc(1, sizeof *s) : NULL;
    if (!s) {
        free(content);
        return err_set(e, ERR_NOMEM, _("input: no queda memoria"));
    }
    s->type = "input_request";
    s->question = true;
    s->content = content;
    s->origin = jup_origin_ref(origin);
    pthread_mutex_lock(&r->lock);
    r->ask = (struct jup_ask){.state = JUP_ASK_QUEUED, .origin = origin};
    enqueue(r, s);
    pthread_mutex_unlock(&r->lock);
    int rc = wait_for_answer(r, count, line, len, e);
    pthread_mutex_lock(&r->lock);
    free(r->ask.answer);
    r->ask = (struct jup_ask){0};
    pthread_mutex_unlock(&r->lock);
    return rc;
}

void jup_router_close(struct jup_router *r) {
    pthread_mutex_lock(&r->lock);
    r->closed = true;
    for (struct jup_message *m = r->first; m; m = m->next)
        if (strcmp(m->type, "execute_request") == 0)
            m->aborted = true;
    pthread_cond_signal(&r->ready);
    pthread_mutex_unlock(&r->lock);
}

void jup_router_stop(struct jup_router *r) {
    pthread_mutex_lock(&r->lock);
    r->stopped = true;
    eventfd_write(r->wake_fd, 1);
    pthread_mutex_unlock(&r->lock);
    jup_thread_join(&r->thread);
}

void jup_router_release(struct jup_router *r) {
    while (r->first) {
        struct jup_message *m = r->first;
        r->first = m->next;
        jup_message_free(m);
    }
    while (r->out) {
        struct jup_send *s = r->out;
        r->out = s->next;
        jup_send_free(s);
    }
    if (r->wake_fd >= 0)
        close(r->wake_fd);
    pthread_cond_destroy(&r->ready);
    pthread_mutex_destroy(&r->lock);
}
