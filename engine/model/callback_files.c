/* callback_files.c: ModelCheckpoint and CSVLogger: what goes to files after each epoch. */
#include "callbacks.h"

#include "base/buf.h"
#include "base/oserr.h"
#include "nn/store.h"

#include <errno.h>
#include <math.h>

#define PATH_LIMIT 4096

/* ---- ModelCheckpoint */

/* The value that {name} stands for in a path. */
static void put_value(struct buf *b, const struct nn_callback_run *r, const char *name,
                      size_t len) {
    char text[64];
    snprintf(text, sizeof text, "%.*s", (int)len, name);
    const double *v = nn_history_column(r->h, text);
    if (strcmp(text, "epoch") == 0)
        buf_printf(b, "%02d", r->epoch);
    else if (v && r->h->n > 0)
        buf_printf(b, "%.4f", v[r->h->n - 1]);
    else
        buf_printf(b, "{%s}", text);
}

static int write_path(struct buf *b, const struct nn_callback *c,
                      const struct nn_callback_run *r, struct err *e) {
    buf_init(b, PATH_LIMIT);
    for (const char *p = c->path; *p;) {
        const char *end = *p == '{' ? strchr(p, '}') : NULL;
        if (end && end - p < 64) {
            put_value(b, r, p + 1, (size_t)(end - p - 1));
            p = end + 1;
        } else {
            buf_putc(b, *p++);
        }
    }
    return b->failed
               ? err_set(e, ERR_NOMEM, _("no hay memoria para guardar «%s»"), c->path)
               : 0;
}

static int checkpoint_begin(struct nn_callback *c, struct nn_callback_run *r,
                            struct err *e) {
    int rc = nn_callback_watch(c, r, e);
    if (rc < 0 && !nn_option_bool(&c->options, "save_best_only")) {
        err_clear(e); /* every epoch is saved: nothing has to be watched */
        return 0;
    }
    return rc;
}

static int checkpoint_epoch(struct nn_callback *c, struct nn_callback_run *r,
                            struct err *e) {
    bool only_best = nn_option_bool(&c->options, "save_best_only");
    double v = nn_callback_value(c, r);
    struct buf path;
    if (only_best && (isnan(v) || !nn_callback_improved(c, r, v, 0)))
        return 0;
    int rc = write_path(&path, c, r, e);
    if (rc == 0)
        rc = nn_model_save(r->m, path.data ? path.data : "", e);
    if (rc == 0 && only_best)
        nn_callback_say(r, _("ModelCheckpoint: época %d, %s %.4g: guardado en «%s»."),
                        r->epoch, nn_option_text(&c->options, "monitor"), v, path.data);
    else if (rc == 0)
        nn_callback_say(r, _("ModelCheckpoint: época %d: guardado en «%s»."), r->epoch,
                        path.data);
    buf_release(&path);
    return rc;
}

static const struct nn_option_row checkpoint_rows[] = {
    NN_MONITOR_ROWS,
    {.name = "save_best_only",
     .kind = NN_OPT_BOOL,
     .help = N_("guarda solo cuando lo que se vigila mejora")},
};

const struct nn_callback_type nn_model_checkpoint = {
    .name = "ModelCheckpoint",
    .help = N_("Guarda el modelo en un archivo después de cada época o de cada mejora."),
    .row = checkpoint_rows,
    .n_rows = ARRAY_LEN(checkpoint_rows),
    .path = true,
    .begin = checkpoint_begin,
    .epoch = checkpoint_epoch};

/* ---- CSVLogger */

static int cannot_write(const struct nn_callback *c, struct err *e) {
    return err_set(e, ERR_IO, _("no se pudo escribir «%s»: %s"), c->path,
                   os_reason(errno));
}

/* epoch, then the columns in the history's order. */
static void put_line(FILE *f, const struct nn_callback *c,
                     const struct nn_callback_run *r, bool header) {
    const char *between = nn_option_text(&c->options, "separator");
    char name[64];
    if (header)
        fprintf(f, "epoch");
    else
        fprintf(f, "%d", r->epoch);
    for (int i = 0; nn_history_column_name(r->h, i, name); i++) {
        const double *v = nn_history_column(r->h, name);
        fprintf(f, "%s", between);
        if (header)
            fprintf(f, "%s", name);
        else if (isfinite(v[r->h->n - 1]))
            fprintf(f, "%.9g", v[r->h->n - 1]);
    }
    fprintf(f, "\n");
}

static int put(struct nn_callback *c, struct nn_callback_run *r, const char *how,
               bool header, struct err *e) {
    FILE *f = fopen(c->path, how);
    if (!f)
        return cannot_write(c, e);
    put_line(f, c, r, header);
    bool bad = ferror(f) != 0;
    bad = fclose(f) != 0 || bad;
    return bad ? cannot_write(c, e) : 0;
}

static int csv_begin(struct nn_callback *c, struct nn_callback_run *r, struct err *e) {
    FILE *f = nn_option_bool(&c->options, "append") ? fopen(c->path, "re") : NULL;
    if (f) { /* goes on below what is there */
        fclose(f);
        return 0;
    }
    return put(c, r, "we", true, e);
}

static int csv_epoch(struct nn_callback *c, struct nn_callback_run *r, struct err *e) {
    return put(c, r, "ae", false, e);
}

static const struct nn_option_row csv_rows[] = {
    {.name = "separator",
     .kind = NN_OPT_TEXT,
     .text = ",",
     .help = N_("lo que va entre dos columnas")},
    {.name = "append",
     .kind = NN_OPT_BOOL,
     .help = N_("sigue debajo de lo que el archivo ya tiene")},
};

const struct nn_callback_type nn_csv_logger = {
    .name = "CSVLogger",
    .help = N_("Escribe una línea por época en un archivo CSV."),
    .row = csv_rows,
    .n_rows = ARRAY_LEN(csv_rows),
    .path = true,
    .begin = csv_begin,
    .epoch = csv_epoch};
