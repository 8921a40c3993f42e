/* live.c: frames of the training figure and its progress line. */
#include "live.h"

#include "base/i18n.h"
#include "base/util.h"

#include <math.h>

static const double frame_seconds = 0.25; /* at most four a second */
static const double frame_share = 100; /* a frame's cost is paid 100 times by training */

/* " · pérdida 0.310 · exactitud 0.910", and " · val. 0.330 / 0.900" when known. */
static void add_scores(struct buf *b, double loss, double accuracy, double val_loss,
                       double val_accuracy) {
    if (isfinite(loss))
        buf_printf(b, _(" · pérdida %.4g"), loss);
    if (isfinite(accuracy))
        buf_printf(b, _(" · exactitud %.3f"), accuracy);
    if (isfinite(val_loss))
        buf_printf(b, _(" · val. %.4g"), val_loss);
    if (isfinite(val_loss) && isfinite(val_accuracy))
        buf_printf(b, " / %.3f", val_accuracy);
}

static void keep_title(struct cmd_live *v, struct buf *b) {
    if (!b->failed && b->data)
        (void)snprintf(v->title, sizeof v->title, "%s", b->data);
    buf_release(b);
}

static void write_progress(struct cmd_live *v, const struct nn_fit_event *ev) {
    struct buf b;
    buf_init(&b, sizeof v->title - 1);
    if (ev->kind == NN_FIT_BEGIN)
        buf_puts(&b, _("Preparando el entrenamiento…"));
    else
        buf_printf(&b, _("Época %d/%d · %zu/%zu · %.1f s"), ev->epoch, ev->epochs,
                   ev->batch, ev->batches, ev->total_seconds);
    bool end = ev->kind == NN_FIT_EPOCH_END;
    if (ev->kind != NN_FIT_BEGIN && ev->batch > 0)
        add_scores(&b, ev->loss, ev->accuracy, end ? ev->val_loss : NAN,
                   end ? ev->val_accuracy : NAN);
    keep_title(v, &b);
}

/* The end of the time axis: the plan, which comes into view by doubling when it is long; at
 * the end the last epoch there was, so that a stopped training fills its figure. */
static int axis_end(const struct cmd_live *v, enum viz_stage stage) {
    double done = v->points > 0 ? v->bx[v->points - 1] : 0;
    int reached = MAX_OF((int)v->n, (int)ceil(done)), end = 20;
    if (stage == VIZ_FINAL)
        return reached;
    while (end <= reached && end < v->epochs)
        end *= 2;
    return MIN_OF(end, v->epochs);
}

static void send(struct cmd_live *v, enum viz_stage stage) {
    struct cmd_curves c = {.n = v->n,
                           .epochs = axis_end(v, stage),
                           .x = v->x,
                           .loss = v->loss,
                           .val_loss = v->val_loss,
                           .accuracy = v->has_accuracy ? v->accuracy : NULL,
                           .val_accuracy = v->val_accuracy,
                           .n_batch = v->epochs > LIVE_POINTS ? 0 : v->points,
                           .batch_x = v->bx,
                           .batch_loss = v->bloss,
                           .batch_accuracy = v->baccuracy,
                           .title = v->title,
                           .caption = v->caption,
                           .label = v->label};
    struct mime_bundle b = {0};
    struct err e = {0};
    struct viz_panel plane;
    if (v->boundary && cmd_boundary_draw(v->boundary, &plane, &e) == 0)
        c.plane = &plane;
    if (cmd_curves_bundle(&b, &c, stage, &e) == 0) {
        v->host->display(v->host->self, v->origin, &b, v->id, v->shown);
        v->shown = true;
    }
    mime_release(&b);
}

static void draw_when_due(struct cmd_live *v) {
    double before = clock_seconds();
    if (before < v->next)
        return;
    send(v, VIZ_LIVE);
    double cost = clock_seconds() - before;
    v->next = before + MAX_OF(frame_seconds, MIN_OF(frame_share * cost, 2.0));
}

/* Adds a batch to the bin; a full bin becomes a point of the light line. The accuracy of
 * a bin follows from the running means before and after it. */
static void note_batch(struct cmd_live *v, const struct nn_fit_event *ev) {
    if (v->bin_size == 0) {
        size_t total = ev->batches * (size_t)MAX_OF(ev->epochs, 1);
        v->bin_size = (total + LIVE_POINTS - 1) / LIVE_POINTS;
        v->bin_size =
            MIN_OF(MAX_OF(v->bin_size, (size_t)1), MAX_OF(ev->batches, (size_t)1));
    }
    v->bin_loss += ev->batch_loss;
    v->bin_batches++;
    if (v->bin_batches < v->bin_size && ev->batch < ev->batches)
        return;
    bool scrap = v->bin_batches * 2 < v->bin_size; /* an epoch's last few: too noisy */
    double now = (double)ev->batch, last = (double)v->last_batch;
    double bin =
        now > last ? (ev->accuracy * now - v->last_accuracy * last) / (now - last) : NAN;
    if (v->points <= LIVE_POINTS && !scrap) {
        v->bx[v->points] = ev->epoch - 1 + now / (double)MAX_OF(ev->batches, (size_t)1);
        v->bloss[v->points] = v->bin_loss / (double)v->bin_batches;
        v->baccuracy[v->points++] = MIN_OF(MAX_OF(bin, 0.0), 1.0);
    }
    v->last_accuracy = ev->accuracy;
    v->last_batch = ev->batch;
    v->bin_loss = 0;
    v->bin_batches = 0;
}

static void note_epoch(struct cmd_live *v, const struct nn_fit_event *ev) {
    if (v->n >= v->epochs)
        return;
    v->x[v->n] = ev->epoch;
    v->loss[v->n] = ev->loss;
    v->accuracy[v->n] = ev->accuracy;
    v->val_loss[v->n] = ev->val_loss;
    v->val_accuracy[v->n++] = ev->val_accuracy;
    v->last_batch = 0;
    v->last_accuracy = 0;
}

static void print_epoch(struct cmd_live *v, const struct nn_fit_event *ev) {
    write_progress(v, ev);
    size_t n = strlen(v->title);
    if (n + 1 < sizeof v->title)
        v->title[n++] = '\n';
    v->host->stream(v->host->self, v->origin, HOST_STDOUT, v->title, n);
}

void cmd_live_event(struct cmd_live *v, const struct nn_fit_event *ev) {
    if (ev->kind == NN_FIT_END)
        return;
    if (ev->kind == NN_FIT_BATCH)
        note_batch(v, ev);
    if (ev->kind == NN_FIT_EPOCH_END)
        note_epoch(v, ev);
    if (v->verbose == 2 && ev->kind == NN_FIT_EPOCH_END)
        print_epoch(v, ev);
    if (v->verbose != 1)
        return;
    if (ev->kind == NN_FIT_BEGIN || clock_seconds() >= v->next) {
        write_progress(v, ev);
        draw_when_due(v);
    }
}

void cmd_live_finish(struct cmd_live *v, double seconds, bool stopped) {
    struct buf b;
    if (v->verbose != 1)
        return;
    buf_init(&b, sizeof v->title - 1);
    buf_printf(&b, ngettext_("%d época", "%d épocas", v->n), v->n);
    buf_printf(&b, " · %.1f s", seconds);
    if (v->n > 0)
        add_scores(&b, v->loss[v->n - 1], v->accuracy[v->n - 1], v->val_loss[v->n - 1],
                   v->val_accuracy[v->n - 1]);
    if (stopped)
        buf_puts(&b, _(" · detenido"));
    keep_title(v, &b);
    send(v, VIZ_FINAL);
}
