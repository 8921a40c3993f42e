/* confusion_text.c: the confusion matrix in words: accuracy, the counts when they fit into
 * a terminal, and the pairs that are confused most. */
#include "confusion_parts.h"

#include "base/i18n.h"
#include "base/util.h"
#include "viz/escape.h"
#include "viz/table.h"

enum { SHOWN_MAX = 16, PAIRS = 5, DIGITS = 24 };

static void put_summary(struct buf *out, const struct viz_confusion *c) {
    double total = 0, right = 0;
    for (size_t t = 0; t < c->n; t++) {
        total += viz_confusion_row(c, t);
        right += (double)viz_confusion_at(c, t, t);
    }
    viz_escape_text(out, c->title && *c->title ? c->title : _("Matriz de confusión"));
    buf_printf(out, _(": %.0f ejemplos, exactitud %.2f %%\n"), total,
               total > 0 ? 100 * right / total : 0);
}

/* The counts as a table: rows true, columns predicted. */
static int put_counts(struct buf *out, const struct viz_confusion *c, struct err *e) {
    char digits[SHOWN_MAX * SHOWN_MAX][DIGITS];
    char scratch[SHOWN_MAX][CONFUSION_NAME];
    struct viz_column column[SHOWN_MAX + 1];
    const char *cell[SHOWN_MAX * (SHOWN_MAX + 1)];
    column[0] = (struct viz_column){_("verdadera \\ predicha"), VIZ_LEFT};
    for (size_t t = 0; t < c->n; t++) {
        const char *name = viz_confusion_name(c, t, scratch[t]);
        column[t + 1] = (struct viz_column){name, VIZ_RIGHT};
        cell[t * (c->n + 1)] = name;
        for (size_t p = 0; p < c->n; p++) {
            char *text = digits[t * c->n + p];
            (void)snprintf(text, DIGITS, "%lld", (long long)viz_confusion_at(c, t, p));
            cell[t * (c->n + 1) + p + 1] = text;
        }
    }
    return viz_table_text(
        out,
        &(struct viz_table){
            .columns = column, .n_columns = c->n + 1, .cells = cell, .n_rows = c->n},
        e);
}

/* Puts the pair (index t * n + p) into the descending list. */
static void insert(const struct viz_confusion *c, size_t *top, size_t *n, size_t pair) {
    size_t at = *n;
    while (at > 0 && c->counts[top[at - 1]] < c->counts[pair])
        at--;
    if (at >= PAIRS)
        return;
    if (*n < PAIRS)
        (*n)++;
    for (size_t i = *n - 1; i > at; i--)
        top[i] = top[i - 1];
    top[at] = pair;
}

bool viz_confusion_pairs(struct buf *out, const struct viz_confusion *c, size_t most) {
    size_t top[PAIRS], n = 0;
    for (size_t i = 0; i < c->n * c->n; i++)
        if (i / c->n != i % c->n && c->counts[i] > 0)
            insert(c, top, &n, i);
    for (size_t i = 0; i < n && i < most; i++) {
        char a[CONFUSION_NAME], b[CONFUSION_NAME];
        buf_puts(out, i ? ", " : "");
        viz_escape_text(out, viz_confusion_name(c, top[i] / c->n, a));
        buf_puts(out, " → ");
        viz_escape_text(out, viz_confusion_name(c, top[i] % c->n, b));
        buf_printf(out, " (%lld)", (long long)c->counts[top[i]]);
    }
    return n > 0;
}

static void put_pairs(struct buf *out, const struct viz_confusion *c) {
    size_t before = out->len;
    buf_puts(out, _("Lo que más se confunde (verdadera → predicha): "));
    if (viz_confusion_pairs(out, c, PAIRS))
        buf_putc(out, '\n');
    else if (!out->failed)
        out->data[out->len = before] = '\0';
}

int viz_confusion_text(struct buf *out, const struct viz_confusion *c, struct err *e) {
    int rc = viz_confusion_check(c, e);
    if (rc)
        return rc;
    put_summary(out, c);
    if (c->n <= SHOWN_MAX)
        rc = put_counts(out, c, e);
    put_pairs(out, c);
    if (rc == 0 && out->failed)
        rc = err_set(e, ERR_NOMEM, _("no queda memoria para la matriz de confusión"));
    return rc;
}
