/* watch.c: every op is run from here; see nn/watch.h. */
#include "nn/watch.h"

#include "base/i18n.h"
#include "base/util.h"

#include <math.h>
#include <stdatomic.h>

/* Process-wide: a crash is looked into from another thread. Whoever stores a call takes it
 * away before it ends, so that what is read here is never old. */
static _Atomic(const struct nn_watch *) watch;
static _Atomic(const struct nn_call *) running;
static atomic_bool running_back;

void nn_watch_set(const struct nn_watch *w) {
    atomic_store(&watch, w);
}

static void begin(const struct nn_call *c, bool backward) {
    atomic_store_explicit(&running_back, backward, memory_order_relaxed);
    atomic_store_explicit(&running, c, memory_order_release);
}

static void end(const struct nn_call *c, bool backward) {
    atomic_store_explicit(&running, NULL, memory_order_relaxed);
    const struct nn_watch *w = atomic_load_explicit(&watch, memory_order_acquire);
    if (w)
        w->look(w->ctx, c, backward);
}

void nn_call_forward(struct nn_call *c) {
    begin(c, false);
    c->op->forward(c);
    end(c, false);
}

void nn_call_backward(struct nn_call *c) {
    begin(c, true);
    c->op->backward(c);
    end(c, true);
}

void nn_call_text(const struct nn_call *c, bool backward, char *text, size_t size) {
    struct buf b;
    char shape[NN_SHAPE_TEXT];
    buf_init(&b, 2048);
    buf_printf(&b, backward ? _("%s hacia atrás:") : "%s:", c->op->name);
    for (int i = 0; i < c->n_in; i++)
        buf_printf(&b, "%s %s", i ? " ×" : "",
                   nn_shape_text(shape, c->in_ndim[i], c->in_shape[i]));
    buf_printf(&b, " → %s", nn_shape_text(shape, c->out_ndim, c->out_shape));
    (void)snprintf(text, size, "%s", b.failed ? c->op->name : b.data);
    buf_release(&b);
}

bool nn_running_text(char *text, size_t size) {
    const struct nn_call *c = atomic_load_explicit(&running, memory_order_acquire);
    text[0] = '\0';
    if (c)
        nn_call_text(c, atomic_load(&running_back), text, size);
    return c != NULL;
}

/* The first element that is no finite number, or t->n. */
static size_t find_bad(const struct nn_tensor *t) {
    size_t i = 0;
    if (t->dtype == NN_F32)
        for (const float *p = t->data; i < t->n && isfinite(p[i]); i++) {
        }
    else if (t->dtype == NN_F64)
        for (const double *p = t->data; i < t->n && isfinite(p[i]); i++) {
        }
    else
        return t->n;
    return i;
}

static bool is_bad(const struct nn_tensor *t) {
    return t && t->data && find_bad(t) < t->n;
}

/* What the op made that is bad: *which is -1 for the result, or the input whose gradient it
 * is. NULL: all of it is finite. */
static const struct nn_tensor *made_bad(const struct nn_call *c, bool backward,
                                        int *which) {
    *which = -1;
    if (!backward)
        return is_bad(c->out) ? c->out : NULL;
    for (int i = 0; i < c->n_in; i++) {
        bool moved = i == 1 && c->rate != 0; /* the weights themselves took the step */
        const struct nn_tensor *t = moved ? c->in[i] : c->d_in[i];
        *which = i;
        if (is_bad(t))
            return t;
    }
    return NULL;
}

static bool same_memory(const struct nn_tensor *a, const struct nn_tensor *b) {
    return a && b && a->data == b->data;
}

/* What it read, as far as that is still there: not what it overwrote, nor, on the way back,
 * inputs that the op does not look at, whose memory a plan gave away. */
static bool reads_finite(const struct nn_call *c, bool backward) {
    bool reads = !backward || (c->op->flags & NN_OP_USES_IN);
    for (int i = 0; reads && i < c->n_in; i++) {
        bool gone = backward ? i == 1 && c->rate != 0 : same_memory(c->in[i], c->out);
        if (!gone && is_bad(c->in[i]))
            return false;
    }
    for (int i = 0; backward && i < c->n_in; i++)
        if (same_memory(c->d_in[i], c->d_out))
            return true;
    return !backward || !is_bad(c->d_out);
}

bool nn_call_not_finite(const struct nn_call *c, bool backward, char *text, size_t size,
                        bool *first) {
    int which;
    char op[512];
    const struct nn_tensor *t = made_bad(c, backward, &which);
    if (!t)
        return false;
    size_t at = find_bad(t);
    double v = nn_tensor_get(t, at);
    const char *what = isnan(v) ? "NaN" : v > 0 ? "inf" : "-inf";
    *first = reads_finite(c, backward);
    const char *why =
        *first ? _("lo que recibió era finito") : _("lo que recibió ya no era finito");
    nn_call_text(c, backward, op, sizeof op);
    if (which < 0)
        (void)snprintf(text, size,
                       _("%s en el resultado, elemento %zu de %zu; %s; operación %s"),
                       what, at + 1, t->n, why, op);
    else
        (void)snprintf(text, size,
                       _("%s en el gradiente de la entrada %d, elemento %zu de %zu; %s; "
                         "operación %s"),
                       what, which + 1, at + 1, t->n, why, op);
    return true;
}
