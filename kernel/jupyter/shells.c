/* shells.c: the table of shells. */
#include "shells.h"

#include "base/i18n.h"
#include "wire.h"

#include <string.h>

int jup_shells_add(struct jup_shells *x, const char **id, struct err *e) {
    *id = NULL;
    if (x->n >= JUP_SHELLS_MAX)
        return err_set(e, ERR_RANGE, _("ya hay %d subshells, y no caben más"), x->n);
    struct jup_shell s = {.number = x->last + 1};
    int rc = jup_uuid(s.id, e);
    if (rc)
        return rc;
    x->last++;
    x->shell[++x->n] = s;
    *id = x->shell[x->n].id;
    return 0;
}

static int index_of(const struct jup_shells *x, const char *id) {
    for (int i = 1; i <= x->n; i++)
        if (strcmp(x->shell[i].id, id) == 0)
            return i;
    return -1;
}

bool jup_shells_remove(struct jup_shells *x, const char *id) {
    int i = index_of(x, id);
    if (i < 0)
        return false;
    memmove(&x->shell[i], &x->shell[i + 1], (size_t)(x->n - i) * sizeof x->shell[0]);
    x->n--;
    return true;
}

int jup_shells_find(const struct jup_shells *x, const char *id) {
    if (!id)
        return JUP_SHELL_PARENT;
    int i = index_of(x, id);
    return i < 0 ? JUP_SHELL_UNKNOWN : x->shell[i].number;
}

struct jup_shell *jup_shells_get(struct jup_shells *x, int number) {
    for (int i = 0; i <= x->n; i++)
        if (x->shell[i].number == number)
            return &x->shell[i];
    return NULL;
}

bool jup_shells_free(const struct jup_shells *x, int number) {
    for (int i = 0; i < x->depth; i++)
        if (x->active[i] == number)
            return false;
    return x->depth <= JUP_VISITS_MAX;
}

void jup_shells_begin(struct jup_shells *x, int number) {
    x->active[x->depth++] = number;
}

void jup_shells_end(struct jup_shells *x) {
    if (x->depth > 0)
        x->depth--;
}
