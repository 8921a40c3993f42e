/* option.c: named options: defaults, limits, and a suggestion when a name is misspelt. */
#include "nn/option.h"

#include "base/i18n.h"
#include "base/util.h"

#include <ctype.h>
#include <math.h>

void nn_options_init(struct nn_options *o, const struct nn_option_row *row, int n,
                     const char *owner) {
    *o = (struct nn_options){.row = row, .n = MIN_OF(n, NN_OPTIONS_MAX), .owner = owner};
    for (int i = 0; i < o->n; i++) {
        o->value[i].number = row[i].number;
        if (row[i].text)
            snprintf(o->value[i].text, NN_OPTION_TEXT, "%s", row[i].text);
        bool pair = row[i].kind == NN_OPT_PAIR;
        if ((pair || row[i].kind == NN_OPT_SHAPE) && row[i].number > 0) {
            o->value[i].ndim = pair ? 2 : 1;
            o->value[i].shape[0] = o->value[i].shape[1] = (size_t)row[i].number;
        }
    }
}

int nn_options_index(const struct nn_options *o, const char *name) {
    for (int i = 0; i < o->n; i++)
        if (strcmp(o->row[i].name, name) == 0)
            return i;
    return -1;
}

/* Levenshtein distance of two short words, letters compared without case. */
static size_t distance(const char *a, size_t na, const char *b, size_t nb) {
    size_t row[NN_OPTION_TEXT + 1];
    if (na > NN_OPTION_TEXT || nb > NN_OPTION_TEXT)
        return SIZE_MAX;
    for (size_t j = 0; j <= nb; j++)
        row[j] = j;
    for (size_t i = 1; i <= na; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= nb; j++) {
            bool same =
                tolower((unsigned char)a[i - 1]) == tolower((unsigned char)b[j - 1]);
            size_t change = diagonal + (same ? 0 : 1);
            diagonal = row[j];
            row[j] = MIN_OF(change, MIN_OF(row[j], row[j - 1]) + 1);
        }
    }
    return row[nb];
}

bool nn_nearest_word(char out[NN_OPTION_TEXT], const char *word, const char *list) {
    size_t best = strlen(word) / 3 + 2; /* further away is another word */
    out[0] = '\0';
    while (list && *list) {
        size_t n = strcspn(list, "|");
        size_t d = distance(word, strlen(word), list, n);
        if (d < best && n < NN_OPTION_TEXT) {
            best = d;
            memcpy(out, list, n);
            out[n] = '\0';
        }
        list += n + (list[n] == '|');
    }
    return out[0] != '\0';
}

/* All names as "a|b|c", cut at the end of text. */
static void join_names(const struct nn_options *o, char *text, size_t size) {
    size_t used = 0;
    text[0] = '\0';
    for (int i = 0; i < o->n && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i ? "|" : "",
                                 o->row[i].name);
}

/* The option of that name and a kind that v may be given as; -1 otherwise. */
static int find(const struct nn_options *o, const char *name, struct err *e) {
    int i = nn_options_index(o, name);
    if (i >= 0)
        return i;
    char names[512], near[NN_OPTION_TEXT];
    join_names(o, names, sizeof names);
    if (nn_nearest_word(near, name, names))
        err_set(e, ERR_NOTFOUND, _("%s no tiene la opción «%s»; ¿querías decir «%s»?"),
                o->owner, name, near);
    else
        err_set(e, ERR_NOTFOUND, _("%s no tiene la opción «%s»"), o->owner, name);
    return -1;
}

static int wrong_kind(const struct nn_options *o, int i, const char *given,
                      struct err *e) {
    static const char *const kinds[] = {N_("un entero"),         N_("un número"),
                                        N_("verdadero o falso"), N_("un texto"),
                                        N_("una forma"),         N_("un entero o dos")};
    return err_set(e, ERR_ARG, _("%s: la opción «%s» espera %s y recibió %s"), o->owner,
                   o->row[i].name, _(kinds[o->row[i].kind]), given);
}

int nn_options_set_number(struct nn_options *o, const char *name, double v,
                          struct err *e) {
    int i = find(o, name, e);
    if (i < 0)
        return ERR_NOTFOUND;
    const struct nn_option_row *r = &o->row[i];
    char given[64];
    snprintf(given, sizeof given, "%g", v);
    bool whole = v == floor(v) && fabs(v) < 9e15;
    if (r->kind == NN_OPT_BOOL || r->kind == NN_OPT_TEXT ||
        (r->kind != NN_OPT_NUMBER && !whole))
        return wrong_kind(o, i, given, e);
    if (r->kind == NN_OPT_SHAPE || r->kind == NN_OPT_PAIR) {
        size_t one = v > 0 ? (size_t)v : 0;
        return nn_options_set_shape(o, name, 1, &one, e);
    }
    if (!(v >= r->min && v <= r->max))
        return err_set(e, ERR_RANGE,
                       _("%s: la opción «%s» es %s y debe estar entre %g y %g"), o->owner,
                       name, given, r->min, r->max);
    o->value[i].number = v;
    o->value[i].set = true;
    return 0;
}

int nn_options_set_bool(struct nn_options *o, const char *name, bool v, struct err *e) {
    int i = find(o, name, e);
    if (i < 0)
        return ERR_NOTFOUND;
    if (o->row[i].kind != NN_OPT_BOOL)
        return wrong_kind(o, i, v ? "true" : "false", e);
    o->value[i].number = v ? 1 : 0;
    o->value[i].set = true;
    return 0;
}

int nn_options_set_text(struct nn_options *o, const char *name, const char *v,
                        struct err *e) {
    int i = find(o, name, e);
    if (i < 0)
        return ERR_NOTFOUND;
    const struct nn_option_row *r = &o->row[i];
    char given[80], near[NN_OPTION_TEXT], kept[NN_OPTION_TEXT];
    snprintf(given, sizeof given, _("«%.60s»"), v);
    if (r->kind != NN_OPT_TEXT || strlen(v) >= NN_OPTION_TEXT)
        return wrong_kind(o, i, given, e);
    if (r->check) {
        int rc = r->check(kept, v, e);
        if (rc < 0)
            return rc;
        v = kept;
    } else if (r->choices && !text_in_list(v, r->choices)) {
        if (nn_nearest_word(near, v, r->choices))
            return err_set(e, ERR_NOTFOUND,
                           _("%s: %s no es un valor de «%s»; ¿querías decir «%s»?"),
                           o->owner, given, name, near);
        return err_set(e, ERR_NOTFOUND,
                       _("%s: %s no es un valor de «%s»; los valores son "
                         "%s"),
                       o->owner, given, name, r->choices);
    }
    snprintf(o->value[i].text, NN_OPTION_TEXT, "%s", v);
    o->value[i].set = true;
    return 0;
}

int nn_options_set_shape(struct nn_options *o, const char *name, int ndim,
                         const size_t *shape, struct err *e) {
    int i = find(o, name, e);
    if (i < 0)
        return ERR_NOTFOUND;
    const struct nn_option_row *r = &o->row[i];
    char text[NN_SHAPE_TEXT];
    bool pair = r->kind == NN_OPT_PAIR;
    if ((r->kind != NN_OPT_SHAPE && !pair) || ndim < 1 || ndim > (pair ? 2 : NN_MAX_DIMS))
        return wrong_kind(
            o, i, ndim < 1 ? "()" : nn_shape_text(text, MIN_OF(ndim, 6), shape), e);
    for (int k = 0; k < ndim; k++)
        if ((double)shape[k] < r->min || (double)shape[k] > r->max)
            return err_set(e, ERR_RANGE,
                           _("%s: la opción «%s» es %s y cada número debe estar entre %g "
                             "y %g"),
                           o->owner, name, nn_shape_text(text, ndim, shape), r->min,
                           r->max);
    o->value[i].ndim = pair ? 2 : ndim;
    memcpy(o->value[i].shape, shape, (size_t)ndim * sizeof *shape);
    if (pair && ndim == 1)
        o->value[i].shape[1] = shape[0];
    o->value[i].set = true;
    return 0;
}

int nn_options_check(const struct nn_options *o, struct err *e) {
    for (int i = 0; i < o->n; i++)
        if (o->row[i].required && !o->value[i].set)
            return err_set(e, ERR_ARG, _("%s: falta «%s»"), o->owner, o->row[i].name);
    return 0;
}

const struct nn_option_value *nn_option_get(const struct nn_options *o,
                                            const char *name) {
    static const struct nn_option_value none;
    int i = nn_options_index(o, name);
    return i < 0 ? &none : &o->value[i];
}

double nn_option_number(const struct nn_options *o, const char *name) {
    return nn_option_get(o, name)->number;
}

bool nn_option_bool(const struct nn_options *o, const char *name) {
    return nn_option_get(o, name)->number != 0;
}

const char *nn_option_text(const struct nn_options *o, const char *name) {
    return nn_option_get(o, name)->text;
}
