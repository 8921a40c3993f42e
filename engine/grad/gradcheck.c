/* gradcheck.c: backpropagation against central differences. */
#include "graph.h"

#include "base/i18n.h"

#include "nn/gradcheck.h"

#include <math.h>

enum nn_grad_verdict nn_grad_verdict_of(double error) {
    if (error <= 1e-7)
        return NN_GRAD_RIGHT;
    if (error <= 1e-4)
        return NN_GRAD_FAIR;
    if (error <= 1e-2)
        return NN_GRAD_SUSPICIOUS;
    return NN_GRAD_WRONG; /* also for NaN */
}

const char *nn_grad_verdict_text(enum nn_grad_verdict v) {
    static const char *const text[] = {N_("correcto"), N_("aceptable"), N_("sospechoso"),
                                       N_("incorrecto")};
    return _(text[v]);
}

double nn_relative_error(double a, double b, double floor) {
    double scale = fmax(floor, fabs(a) + fabs(b));
    return fabs(a - b) / scale;
}

/* f at the present values, as one forward pass however many ops it took. */
static int evaluate(double *out, nn_loss_fn *f, void *ctx, struct err *e) {
    struct nn_passes before = nn_passes_get();
    struct nn_var *y = NULL;
    bool was = nn_grad_set_enabled(false);
    int rc = f(&y, ctx, e);
    nn_grad_set_enabled(was);
    before.forward++;
    nn_passes_set(before);
    if (rc < 0)
        return rc;
    if (!y->value || y->value->n != 1) {
        char text[NN_SHAPE_TEXT];
        rc =
            err_set(e, ERR_SHAPE,
                    _("gradcheck: la función debe devolver un número y devolvió la forma "
                      "%s"),
                    nn_shape_text(text, y->ndim, y->shape));
    } else {
        *out = nn_tensor_get(y->value, 0);
    }
    nn_var_release(y);
    return rc;
}

/* f with element i of p moved by h; p is put back. */
static int evaluate_at(double *out, struct nn_var *p, size_t i, double h, nn_loss_fn *f,
                       void *ctx, struct err *e) {
    double x = nn_tensor_get(p->value, i);
    nn_tensor_set(p->value, i, x + h);
    int rc = evaluate(out, f, ctx, e);
    nn_tensor_set(p->value, i, x);
    return rc;
}

/* The step that the numbers can really represent around x. */
static double real_step(const struct nn_var *p, size_t i, double h) {
    double x = nn_tensor_get(p->value, i);
    if (p->dtype == NN_F32)
        return (double)((float)(x + h) - (float)x);
    volatile double moved = x + h;
    return moved - x;
}

int nn_numeric_gradient(struct nn_tensor **out, struct nn_var *p, nn_loss_fn *f,
                        void *ctx, double h, struct err *e) {
    double up, down;
    int rc = nn_tensor_like(out, p->value, e);
    for (size_t i = 0; rc == 0 && i < p->value->n; i++) {
        double step = real_step(p, i, h > 0 ? h : 1e-5);
        rc = evaluate_at(&up, p, i, step, f, ctx, e);
        if (rc == 0)
            rc = evaluate_at(&down, p, i, -step, f, ctx, e);
        if (rc == 0)
            nn_tensor_set(*out, i, (up - down) / (2 * step));
    }
    if (rc < 0) {
        nn_tensor_release(*out);
        *out = NULL;
    }
    return rc;
}

/* One element: its central difference, and whether the slopes on both sides are so
 * different that there is a kink in between: a smooth function's differ by h f''. */
static int difference(double *numeric, bool *kink, struct nn_var *p, size_t i, double h,
                      double middle, nn_loss_fn *f, void *ctx, struct err *e) {
    double up, down;
    double step = real_step(p, i, h);
    int rc = evaluate_at(&up, p, i, step, f, ctx, e);
    if (rc == 0)
        rc = evaluate_at(&down, p, i, -step, f, ctx, e);
    if (rc < 0)
        return rc;
    double right = (up - middle) / step, left = (middle - down) / step;
    *numeric = (up - down) / (2 * step);
    *kink = fabs(right - left) > 1e-2 * fmax(fabs(right), fabs(left)) &&
            fabs(right - left) > 1e-6;
    return 0;
}

static int check_params(int n, struct nn_var *const params[],
                        const struct nn_gradcheck_options *o, struct err *e) {
    for (int i = 0; i < n; i++) {
        const struct nn_var *p = params[i];
        if (!p->value || p->op)
            return err_set(e, ERR_ARG,
                           _("gradcheck: el parámetro %d debe ser una hoja con valor"),
                           i + 1);
        if (p->dtype == NN_F64 || (o->allow_f32 && p->dtype == NN_F32))
            continue;
        return err_set(
            e, ERR_DTYPE,
            _("gradcheck: el parámetro «%s» es %s; se necesita float64, porque "
              "float32 no distingue 1e-7"),
            p->name ? p->name : "?", nn_dtype_name(p->dtype));
    }
    return 0;
}

static int check_one(struct nn_gradcheck_row *row, struct nn_var *p,
                     const struct nn_tensor *given, double middle, nn_loss_fn *f,
                     void *ctx, const struct nn_gradcheck_options *o, struct err *e) {
    double h = o->h > 0 ? o->h : 1e-5, floor = o->floor > 0 ? o->floor : 1e-8;
    size_t n = p->value->n;
    size_t stride = o->max_elements && n > o->max_elements ? n / o->max_elements : 1;
    *row = (struct nn_gradcheck_row){0};
    snprintf(row->name, sizeof row->name, "%s", p->name ? p->name : "");
    for (size_t i = 0; i < n; i += stride) {
        double numeric, analytic = nn_tensor_get(given, i);
        bool kink;
        int rc = difference(&numeric, &kink, p, i, h, middle, f, ctx, e);
        if (rc < 0)
            return rc;
        double error = nn_relative_error(analytic, numeric, floor);
        if (kink && error > 1e-7) {
            row->kinks++;
            continue;
        }
        row->checked++;
        if (row->checked == 1 || error > row->error || error != error) {
            row->error = error;
            row->worst = i;
            row->analytic = analytic;
            row->numeric = numeric;
        }
    }
    row->verdict = nn_grad_verdict_of(row->error);
    if (row->checked == 0 && row->kinks > 0) /* nothing speaks for it or against it */
        row->verdict = NN_GRAD_SUSPICIOUS;
    return 0;
}

int nn_gradcheck_given(struct nn_gradcheck_row rows[], int n,
                       struct nn_var *const params[], struct nn_tensor *const given[],
                       nn_loss_fn *f, void *ctx, const struct nn_gradcheck_options *o,
                       struct err *e) {
    struct nn_gradcheck_options usual = {0};
    double middle;
    o = o ? o : &usual;
    int rc = check_params(n, params, o, e);
    for (int i = 0; rc == 0 && i < n; i++)
        if (!nn_tensor_same_shape(params[i]->value, given[i])) {
            char a[NN_SHAPE_TEXT], b[NN_SHAPE_TEXT];
            rc = err_set(e, ERR_SHAPE,
                         _("gradcheck: el gradiente %d tiene forma %s y su parámetro %s"),
                         i + 1, nn_shape_text(a, given[i]->ndim, given[i]->shape),
                         nn_shape_text(b, params[i]->ndim, params[i]->shape));
        }
    if (rc == 0)
        rc = evaluate(&middle, f, ctx, e);
    for (int i = 0; rc == 0 && i < n; i++)
        rc = check_one(&rows[i], params[i], given[i], middle, f, ctx, o, e);
    return rc;
}

int nn_gradcheck(struct nn_gradcheck_row rows[], int n, struct nn_var *const params[],
                 nn_loss_fn *f, void *ctx, const struct nn_gradcheck_options *o,
                 struct err *e) {
    struct nn_var *y = NULL;
    struct nn_gradcheck_options usual = {0};
    struct nn_tensor **grads = calloc((size_t)n + 1, sizeof(struct nn_tensor *));
    if (!grads)
        return err_set(e, ERR_NOMEM, _("gradcheck: no hay memoria"));
    int rc = check_params(n, params, o ? o : &usual, e);
    if (rc == 0)
        rc = f(&y, ctx, e);
    if (rc == 0)
        rc = nn_var_gradients(grads, y, n, params, false, e);
    if (rc == 0)
        rc = nn_gradcheck_given(rows, n, params, grads, f, ctx, o, e);
    for (int i = 0; i < n; i++)
        nn_tensor_release(grads[i]);
    free(grads);
    nn_var_release(y);
    return rc;
}
