/* pubqueue.c: the line itself: going in, waiting for room, being taken when due. */
#include "pubqueue.h"

#include "base/i18n.h"
#include "base/oserr.h"
#include "pubtext.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Per 3 s the server allows 3000 messages and 3 MB of streams; here at most 10 + 3 * 40
 * of those that can be joined, 600 + 3 * 500 of the others, 2.4 + 3 * 0.15 MB. */
static void reset_rates(struct jup_pubqueue *q, double now) {
    jup_rate_reset(&q->gentle, now);
    jup_rate_reset(&q->message, now);
    jup_rate_reset(&q->stream_bytes, now);
}

int jup_pubqueue_init(struct jup_pubqueue *q, size_t output_cap, struct err *e) {
    *q = (struct jup_pubqueue){
        .gentle = {.per_second = 40, .burst = 10},
        .message = {.per_second = 500, .burst = 600},
        .stream_bytes = {.per_second = 150e3, .burst = 2.4e6},
        .output_cap = output_cap,
        .wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
    };
    reset_rates(q, clock_seconds());
    pthread_mutex_init(&q->lock, NULL);
    pthread_cond_init(&q->room, NULL);
    if (q->wake_fd < 0)
        return err_set(e, ERR_IO, _("no se pudo crear un eventfd: %s"), os_reason(errno));
    return 0;
}

void jup_pub_free(struct jup_pub *p) {
    if (!p)
        return;
    struct jup_origin *origin = p->origin;
    if (!p->embedded) {
        free(p->content);
        free(p->metadata);
        for (size_t i = 0; i < p->n_buffers; i++)
            free(p->buffer[i].data);
        free(p->buffer);
        free(p->display_id);
        buf_release(&p->text);
        free(p);
    }
    jup_origin_unref(origin);
}

void jup_pubqueue_release(struct jup_pubqueue *q) {
    while (q->head) {
        struct jup_pub *p = q->head;
        q->head = p->next;
        jup_pub_free(p);
    }
    if (q->wake_fd >= 0)
        close(q->wake_fd);
    pthread_cond_destroy(&q->room);
    pthread_mutex_destroy(&q->lock);
}

static bool is_firm(const struct jup_pub *p) {
    return p->kind == JUP_PUB_MESSAGE || p->kind == JUP_PUB_STATUS;
}

static size_t size_of(const struct jup_pub *p) {
    size_t n = p->text.len + (p->content ? strlen(p->content) : 0);
    for (size_t i = 0; i < p->n_buffers; i++)
        n += p->buffer[i].len;
    return n;
}

/* With the lock held. */
static void wake(struct jup_pubqueue *q) {
    if (!q->asleep)
        return;
    q->asleep = false;
    eventfd_write(q->wake_fd, 1);
}

static void append(struct jup_pubqueue *q, struct jup_pub *p) {
    p->next = NULL;
    p->prev = q->tail;
    if (q->tail)
        q->tail->next = p;
    else
        q->head = p;
    q->tail = p;
    q->n++;
    q->bytes += size_of(p);
    q->firm += is_firm(p);
    wake(q);
}

/* With the lock held: waits until there is room. false: closed. */
static bool wait_for_room(struct jup_pubqueue *q) {
    while (!q->closed && q->reading &&
           (q->n >= JUP_QUEUE_ITEMS || q->bytes >= JUP_QUEUE_BYTES))
        pthread_cond_wait(&q->room, &q->lock);
    return !q->closed;
}

static struct jup_pub *new_stream(struct jup_pubqueue *q, struct jup_origin *origin,
                                  enum host_stream to) {
    struct jup_pub *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->kind = JUP_PUB_STREAM;
    p->type = "stream";
    p->origin = jup_origin_ref(origin);
    p->stream = (int)to;
    p->since = clock_seconds();
    buf_init(&p->text, SIZE_MAX / 4); /* bounded by the cap and JUP_QUEUE_BYTES */
    append(q, p);
    return p;
}

/* The item at the end of the line that the text belongs to. */
static struct jup_pub *stream_item(struct jup_pubqueue *q, struct jup_origin *origin,
                                   enum host_stream to) {
    struct jup_pub *match = NULL;
    size_t run = 0;
    for (struct jup_pub *p = q->tail;
         p && p->kind == JUP_PUB_STREAM && run < JUP_STREAM_RUN; p = p->prev, run++)
        if (!match && p->origin == origin && p->stream == (int)to)
            match = p;
    bool joins = match && (match == q->tail || run == JUP_STREAM_RUN) &&
                 match->text.len < JUP_STREAM_FULL;
    return joins ? match : new_stream(q, origin, to);
}

/* With the lock held. */
static void add_text(struct jup_pubqueue *q, struct jup_origin *origin,
                     enum host_stream to, const char *text, size_t n, bool finish) {
    struct jup_pub *p = stream_item(q, origin, to);
    if (!p)
        return;
    size_t before = p->text.len;
    jup_pubtext_add(p, origin, text, n, finish, q->output_cap);
    q->bytes += p->text.len - before;
    if (p->text.len >= JUP_STREAM_FULL)
        wake(q);
}

void jup_pubqueue_stream(struct jup_pubqueue *q, struct jup_origin *origin,
                         enum host_stream to, const char *text, size_t n) {
    if (origin->silent || n == 0)
        return;
    pthread_mutex_lock(&q->lock);
    if (!origin->capped && wait_for_room(q))
        add_text(q, origin, to, text, n, false);
    pthread_mutex_unlock(&q->lock);
}

/* With the lock held. */
static void flush(struct jup_pubqueue *q) {
    bool any = false;
    for (struct jup_pub *p = q->head; p; p = p->next) {
        if (p->kind == JUP_PUB_STREAM) {
            p->since = -JUP_STREAM_SECONDS;
            any = true;
        }
    }
    if (any)
        wake(q);
}

void jup_pubqueue_flush(struct jup_pubqueue *q) {
    pthread_mutex_lock(&q->lock);
    flush(q);
    pthread_mutex_unlock(&q->lock);
}

void jup_pubqueue_finish(struct jup_pubqueue *q, struct jup_origin *origin) {
    pthread_mutex_lock(&q->lock);
    for (int i = 0; i < 2; i++)
        if (origin->clean[i].state != 0 && !origin->capped && !q->closed)
            add_text(q, origin, (enum host_stream)i, "", 0, true);
    flush(q);
    pthread_mutex_unlock(&q->lock);
}

/* An update that waits in the line and that this one makes old. Looks back only over what
 * cannot change where the figure is. */
static struct jup_pub *older_update(struct jup_pubqueue *q, const struct jup_pub *fresh) {
    for (struct jup_pub *p = q->tail; p; p = p->prev) {
        if (p->kind == JUP_PUB_STATUS || strcmp(p->type, "clear_output") == 0)
            return NULL;
        if (!p->display_id || strcmp(p->display_id, fresh->display_id) != 0)
            continue;
        return p->kind == JUP_PUB_UPDATE && p->origin == fresh->origin ? p : NULL;
    }
    return NULL;
}

/* With the lock held. */
static void put(struct jup_pubqueue *q, struct jup_pub *p) {
    struct jup_pub *old = p->kind == JUP_PUB_UPDATE ? older_update(q, p) : NULL;
    if (!old) {
        append(q, p);
        return;
    }
    q->bytes -= size_of(old);
    q->bytes += size_of(p);
    char *content = old->content;
    old->content = p->content;
    p->content = content;
    jup_pub_free(p);
}

/* Waits for room; frees p when there is none any more. */
static bool enter(struct jup_pubqueue *q, struct jup_pub *p) {
    pthread_mutex_lock(&q->lock);
    bool in = wait_for_room(q);
    if (in)
        put(q, p);
    pthread_mutex_unlock(&q->lock);
    if (!in)
        jup_pub_free(p);
    return in;
}

bool jup_pubqueue_message(struct jup_pubqueue *q, struct jup_origin *origin,
                          const char *type, char *content, const char *display_id,
                          bool update) {
    struct jup_pub *p = content ? calloc(1, sizeof *p) : NULL;
    char *id = p && display_id ? copy_text(display_id) : NULL;
    if (!p || (display_id && !id)) {
        free(p);
        free(content);
        return false;
    }
    *p = (struct jup_pub){.kind = update ? JUP_PUB_UPDATE : JUP_PUB_MESSAGE,
                          .type = type,
                          .content = content,
                          .display_id = id,
                          .origin = jup_origin_ref(origin)};
    return enter(q, p);
}

void jup_comm_frames_release(struct jup_comm_frames *f) {
    free(f->content);
    free(f->metadata);
    for (size_t i = 0; i < f->n_buffers; i++)
        free(f->buffer[i].data);
    free(f->buffer);
    *f = (struct jup_comm_frames){0};
}

bool jup_pubqueue_comm(struct jup_pubqueue *q, struct jup_origin *origin,
                       const char *type, struct jup_comm_frames *f) {
    struct jup_pub *p = f->content ? calloc(1, sizeof *p) : NULL;
    if (!p) {
        jup_comm_frames_release(f);
        return false;
    }
    *p = (struct jup_pub){.kind = JUP_PUB_MESSAGE,
                          .type = type,
                          .content = f->content,
                          .metadata = f->metadata,
                          .buffer = f->buffer,
                          .n_buffers = f->n_buffers,
                          .origin = jup_origin_ref(origin)};
    *f = (struct jup_comm_frames){0};
    return enter(q, p);
}

void jup_pubqueue_status(struct jup_pubqueue *q, struct jup_origin *origin,
                         struct jup_pub *status) {
    pthread_mutex_lock(&q->lock);
    if (!q->closed) {
        status->origin = jup_origin_ref(origin);
        append(q, status);
    }
    pthread_mutex_unlock(&q->lock);
}

/* Seconds that the first in line still has to wait. */
static double due_in(struct jup_pubqueue *q, const struct jup_pub *p, double now) {
    bool hurry = q->firm > 0 || q->closed;
    if (p->kind == JUP_PUB_STATUS)
        return 0;
    if (p->kind == JUP_PUB_STREAM) {
        double bytes = jup_rate_wait(&q->stream_bytes, now, (double)p->wire);
        bytes = MAX_OF(bytes, jup_rate_wait(&q->message, now, 1));
        double turn = jup_rate_wait(&q->gentle, now, 1);
        double quiet = p->since + JUP_STREAM_SECONDS - now;
        if (hurry || p->text.len >= JUP_STREAM_FULL)
            return q->closed ? 0 : bytes;
        return MAX_OF(MAX_OF(bytes, turn), MAX_OF(quiet, 0));
    }
    if (q->closed)
        return 0;
    if (p->kind == JUP_PUB_UPDATE && !hurry)
        return jup_rate_wait(&q->gentle, now, 1);
    return jup_rate_wait(&q->message, now, 1);
}

static void pay(struct jup_pubqueue *q, const struct jup_pub *p, double now) {
    if (p->kind == JUP_PUB_STATUS) {
        if (p->origin && p == &p->origin->idle)
            reset_rates(q, now); /* the server does the same */
        return;
    }
    jup_rate_take(&q->message, 1);
    if (p->kind != JUP_PUB_MESSAGE)
        jup_rate_take(&q->gentle, 1);
    if (p->kind == JUP_PUB_STREAM)
        jup_rate_take(&q->stream_bytes, (double)p->wire);
}

struct jup_pub *jup_pubqueue_take(struct jup_pubqueue *q, double now, double *wait) {
    pthread_mutex_lock(&q->lock);
    q->reading = true;
    struct jup_pub *p = q->head;
    *wait = p ? due_in(q, p, now) : q->closed ? JUP_QUEUE_END : -1;
    if (!p || *wait > 0) {
        q->asleep = true;
        pthread_mutex_unlock(&q->lock);
        return NULL;
    }
    q->head = p->next;
    if (q->head)
        q->head->prev = NULL;
    else
        q->tail = NULL;
    q->n--;
    q->bytes -= size_of(p);
    q->firm -= is_firm(p);
    pay(q, p, now);
    pthread_cond_broadcast(&q->room);
    pthread_mutex_unlock(&q->lock);
    return p;
}

void jup_pubqueue_close(struct jup_pubqueue *q) {
    pthread_mutex_lock(&q->lock);
    q->closed = true;
    q->asleep = true;
    wake(q);
    pthread_cond_broadcast(&q->room);
    pthread_mutex_unlock(&q->lock);
}
