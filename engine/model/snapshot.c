/* snapshot.c: copies of a model's parameters to go back to. */
#include "models.h"

int nn_snapshot_init(struct nn_snapshot *s, const struct nn_model *m, struct err *e) {
    int n = nn_model_count(m), rc = 0;
    *s = (struct nn_snapshot){0};
    s->copy = calloc((size_t)n + 1, sizeof(struct nn_tensor *));
    if (!s->copy)
        return err_set(e, ERR_NOMEM, _("no hay memoria para guardar los pesos"));
    for (int i = 0; rc == 0 && i < n; i++) {
        rc = nn_tensor_copy(&s->copy[i], nn_model_param(m, i, NULL)->value, e);
        s->n += rc == 0;
    }
    if (rc < 0)
        nn_snapshot_release(s);
    return rc;
}

void nn_snapshot_release(struct nn_snapshot *s) {
    for (int i = 0; i < s->n; i++)
        nn_tensor_release(s->copy[i]);
    free(s->copy);
    *s = (struct nn_snapshot){0};
}

static void copy_data(struct nn_tensor *to, const struct nn_tensor *from) {
    memcpy(to->data, from->data, from->n * nn_dtype_size(from->dtype));
}

void nn_snapshot_take(struct nn_snapshot *s, const struct nn_model *m) {
    for (int i = 0; i < s->n; i++)
        copy_data(s->copy[i], nn_model_param(m, i, NULL)->value);
}

void nn_snapshot_restore(const struct nn_snapshot *s, struct nn_model *m) {
    for (int i = 0; i < s->n; i++)
        copy_data(nn_model_param(m, i, NULL)->value, s->copy[i]);
}
