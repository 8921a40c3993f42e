/* test_nested.c: layers made of layers: what they compute, against their parts called by
 * hand and against finite differences; names, counts, freezing; models inside models;
 * saved and loaded; hostile files and short memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../fail_alloc.h"
#include "nn/fit.h"
#include "nn/rng.h"
#include "nn/store.h"

static struct err e;

#define S(...) ((size_t[]){__VA_ARGS__})

static void must(int rc) {
    if (rc < 0)
        fail_msg("%s", e.msg);
}

static void says(int rc, int code, const char *part) {
    assert_int_equal(rc, code);
    if (!strstr(e.msg, part))
        fail_msg("«%s» sin «%s»", e.msg, part);
}

static struct nn_layer *make(const char *type) {
    struct nn_layer *l;
    must(nn_layer_new(&l, type, &e));
    return l;
}

static struct nn_layer *dense(size_t units, const char *activation) {
    struct nn_layer *l = make("Dense");
    must(nn_options_set_number(&l->options, "units", (double)units, &e));
    if (activation)
        must(nn_options_set_text(&l->options, "activation", activation, &e));
    return l;
}

static struct nn_layer *with(struct nn_layer *l, struct nn_layer *child) {
    must(nn_layer_add_child(l, child, &e));
    return l;
}

static struct nn_layer *dropout(double rate) {
    struct nn_layer *l = make("Dropout");
    must(nn_options_set_number(&l->options, "rate", rate, &e));
    return l;
}

static struct nn_model *model(uint64_t seed) {
    struct nn_model *m;
    must(nn_model_new(&m, &e));
    nn_model_set_seed(m, seed);
    return m;
}

/* 4 -> residual(dense 5 tanh, dense 4, +x, relu) -> concat(dense 3, x) -> residual with a
 * shortcut to 2 -> softmax */
static struct nn_model *network(void) {
    struct nn_model *m = model(11);
    struct nn_layer *r = with(with(make("Residual"), dense(5, "tanh")), dense(4, NULL));
    must(nn_options_set_text(&r->options, "activation", "tanh", &e));
    must(nn_model_add(m, r, &e));
    struct nn_layer *c =
        with(make("Concatenate"), with(make("Sequential"), dense(3, "tanh")));
    must(nn_model_add(m, with(c, make("Sequential")), &e));
    r = with(make("Residual"), dense(2, NULL));
    must(nn_layer_set_shortcut(r, dense(2, NULL), &e));
    must(nn_options_set_text(&r->options, "activation", "softmax", &e));
    must(nn_model_add(m, r, &e));
    return m;
}

static struct nn_tensor *normal(size_t rows, size_t cols, uint64_t seed) {
    struct nn_tensor *t;
    struct nn_rng r;
    nn_rng_seed(&r, seed);
    must(nn_tensor_new(&t, NN_F32, 2, S(rows, cols), &e));
    nn_rng_fill_normal(&r, t, 0, 1);
    return t;
}

static struct nn_tensor *labels(size_t rows, size_t classes) {
    struct nn_tensor *t;
    must(nn_tensor_new(&t, NN_I32, 1, S(rows), &e));
    for (size_t i = 0; i < rows; i++)
        nn_tensor_set(t, i, (double)(i * 7 % 5 % classes));
    return t;
}

static void names_and_counts(void **state) {
    (void)state;
    struct nn_model *m = network();
    struct nn_layer_info info;
    must(nn_model_build(m, 1, S(4), &e));
    static const struct {
        const char *name;
        int depth;
        size_t params;
    } rows[] = {{"residual", 0, 25 + 24}, {"dense", 1, 25},      {"dense_1", 1, 24},
                {"concatenate", 0, 15},   {"sequential", 1, 15}, {"dense", 2, 15},
                {"sequential_1", 1, 0},   {"residual_1", 0, 32}, {"dense", 1, 16},
                {"shortcut", 1, 16}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(nn_model_layer_info(m, (int)i, &info), 0);
        assert_string_equal(info.name, rows[i].name);
        assert_int_equal(info.depth, rows[i].depth);
        assert_int_equal(info.params, rows[i].params);
    }
    assert_int_equal(nn_model_layer_info(m, ARRAY_LEN(rows), &info), ERR_RANGE);
    assert_int_equal(nn_model_count(m), 10);
    assert_int_equal(nn_model_count_params(m, false), 49 + 15 + 32);
    assert_string_equal(nn_model_param(m, 4, NULL)->name,
                        "concatenate/sequential/dense/kernel");
    assert_string_equal(nn_model_param(m, 9, NULL)->name, "residual_1/shortcut/bias");
    assert_null(nn_model_param(m, 10, NULL));
    assert_ptr_equal(nn_model_find_layer(m, "residual_1/shortcut"),
                     m->layer[2]->child[1]);
    assert_ptr_equal(nn_model_find_layer(m, "concatenate"), m->layer[1]);
    assert_null(nn_model_find_layer(m, "concatenate/nada"));
    assert_null(nn_model_find_layer(m, "concat"));
    assert_string_equal(nn_layer_final_activation(m->layer[2]), "softmax");
    nn_model_free(m);
}

static double at(const struct nn_var *v, size_t i) {
    return nn_tensor_get(v->value, i);
}

static void they_compute_what_their_parts_do(void **state) {
    (void)state;
    struct nn_model *m = network();
    struct nn_tensor *t = normal(3, 4, 2);
    struct nn_var *x, *y, *f, *g, *s;
    struct nn_call_mode mode = {0};
    must(nn_var_new(&x, t, &e));
    must(nn_model_build(m, 1, S(4), &e));
    struct nn_layer **l = m->layer;
    must(nn_layer_call(l[0], &y, x, &mode, &e));
    must(nn_layer_call(l[0]->child[0], &f, x, &mode, &e));
    must(nn_layer_call(l[0]->child[1], &g, f, &mode, &e));
    for (size_t i = 0; i < 12; i++)
        assert_true(fabs(at(y, i) - tanh(at(x, i) + at(g, i))) < 1e-6);
    nn_var_release(f);
    nn_var_release(g);
    must(nn_layer_call(l[1], &g, y, &mode, &e));
    must(nn_layer_call(l[1]->child[0]->child[0], &f, y, &mode, &e));
    assert_int_equal(g->shape[1], 7);
    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0; k < 7; k++)
            assert_true(at(g, i * 7 + k) ==
                        (k < 3 ? at(f, i * 3 + k) : at(y, i * 4 + k - 3)));
    nn_var_release(f);
    nn_var_release(y);
    must(nn_layer_call(l[2]->child[0], &f, g, &mode, &e));
    must(nn_layer_call(l[2]->child[1], &s, g, &mode, &e));
    must(nn_layer_call(l[2], &y, g, &mode, &e));
    for (size_t i = 0; i < 3; i++) {
        double a = at(f, 2 * i) + at(s, 2 * i), b = at(f, 2 * i + 1) + at(s, 2 * i + 1);
        assert_true(fabs(at(y, 2 * i) - 1 / (1 + exp(b - a))) < 1e-6);
    }
    struct nn_var *all[] = {x, y, f, g, s};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        nn_var_release(all[i]);
    nn_tensor_release(t);
    nn_model_free(m);
}

/* Sum of the squares of the outputs; the model's numbers are float64 here. */
static double loss_of(struct nn_model *m, struct nn_var *x, struct nn_var **keep) {
    struct nn_var *y, *loss, *zero;
    struct nn_tensor *t;
    must(nn_model_call(m, &y, x, false, &e));
    must(nn_tensor_new(&t, NN_F64, y->ndim, y->shape, &e));
    must(nn_var_new(&zero, t, &e));
    must(nn_apply(&loss, "mse", NULL, y, zero, &e));
    double v = at(loss, 0);
    nn_tensor_release(t);
    nn_var_release(y);
    nn_var_release(zero);
    if (keep)
        *keep = loss;
    else
        nn_var_release(loss);
    return v;
}

static void widen(struct nn_var *v) {
    struct nn_tensor *t;
    must(nn_tensor_cast(&t, v->value, NN_F64, &e));
    nn_tensor_release(v->value);
    v->value = t;
    v->dtype = NN_F64;
}

static void gradients_are_those_of_finite_differences(void **state) {
    (void)state;
    struct nn_model *m = network();
    struct nn_tensor *t = normal(3, 4, 2);
    struct nn_var *x, *loss;
    must(nn_model_build(m, 1, S(4), &e));
    must(nn_var_new(&x, t, &e));
    widen(x);
    for (int i = 0; i < nn_model_count(m); i++)
        widen(nn_model_param(m, i, NULL));
    loss_of(m, x, &loss);
    must(nn_var_backward(loss, NULL, false, &e));
    for (int i = 0; i < nn_model_count(m); i++) {
        struct nn_var *p = nn_model_param(m, i, NULL);
        assert_non_null(p->grad);
        for (size_t k = 0; k < p->value->n; k++) {
            double was = at(p, k), h = 1e-5;
            nn_tensor_set(p->value, k, was + h);
            double up = loss_of(m, x, NULL);
            nn_tensor_set(p->value, k, was - h);
            double down = loss_of(m, x, NULL);
            nn_tensor_set(p->value, k, was);
            double numeric = (up - down) / (2 * h), exact = nn_tensor_get(p->grad, k);
            if (fabs(numeric - exact) > 1e-9 + 1e-7 * fabs(exact))
                fail_msg("%s[%zu]: %g y %g", p->name, k, exact, numeric);
        }
    }
    nn_var_release(loss);
    nn_var_release(x);
    nn_tensor_release(t);
    nn_model_free(m);
}

static void compile(struct nn_model *m) {
    struct nn_optim *o;
    must(nn_optim_new(&o, "adam", &e));
    must(nn_options_set_number(&o->options, "learning_rate", 0.02, &e));
    must(nn_model_compile(m, o, "cross_entropy", 0, NULL, &e));
}

static double train(struct nn_model *m, int epochs) {
    struct nn_tensor *x = normal(40, 4, 5), *y = labels(40, 2);
    struct nn_fit_data d = {.x = x, .y = y};
    struct nn_fit_options o = {.epochs = epochs, .batch_size = 16};
    must(nn_fit(m, &d, &o, &e));
    nn_tensor_release(x);
    nn_tensor_release(y);
    return m->history->loss[m->history->n - 1];
}

static void they_train(void **state) {
    (void)state;
    struct nn_model *m = network();
    compile(m);
    double first = train(m, 1), last = train(m, 80);
    assert_true(last < 0.6 * first);
    nn_model_free(m);
}

static void what_does_not_fit_is_said(void **state) {
    (void)state;
    struct nn_layer *l = make("Residual"), *d = dense(3, NULL);
    struct nn_rng r;
    nn_rng_seed(&r, 1);
    says(nn_layer_build(l, 1, S(4), &r, &e), ERR_ARG, "al menos una capa");
    says(nn_layer_add_child(d, l, &e), ERR_ARG, "Dense no contiene otras");
    says(nn_layer_set_shortcut(d, l, &e), ERR_ARG, "Dense no tiene atajo");
    says(nn_layer_add_child(l, l, &e), ERR_ARG, "sí misma");
    with(l, d);
    says(nn_layer_add_child(l, d, &e), ERR_STATE, "ya es parte");
    says(nn_layer_build(l, 1, S(4), &r, &e), ERR_SHAPE, "shortcut = nn.Dense(3)");
    assert_int_equal(d->n_params, 0);
    must(nn_layer_build(l, 1, S(3), &r, &e)); /* the refusal left nothing behind */
    says(nn_layer_build(l, 1, S(4), &r, &e), ERR_SHAPE, "(3,)");
    nn_layer_free(l);

    l = with(make("Residual"), dense(5, NULL));
    must(nn_layer_set_shortcut(l, dense(4, NULL), &e));
    says(nn_layer_build(l, 3, S(2, 2, 1), &r, &e), ERR_SHAPE,
         "el atajo sería shortcut = nn.Conv2D(5, 1)");
    nn_layer_free(l);

    l = with(with(make("Concatenate"), dense(5, NULL)), make("Flatten"));
    says(nn_layer_build(l, 2, S(2, 2), &r, &e), ERR_SHAPE, "la rama 2 con (4,)");
    must(nn_options_set_number(&l->options, "axis", 1, &e));
    says(nn_layer_build(l, 1, S(2), &r, &e), ERR_RANGE, "el eje 1");
    must(nn_options_set_number(&l->options, "axis", 2, &e));
    must(nn_layer_build(l, 1, S(2), &r, &e));
    assert_int_equal(l->out_shape[0], 7);
    nn_layer_free(l);
}

static void too_deep_or_badly_named(void **state) {
    (void)state;
    struct nn_layer *l = dense(3, NULL);
    for (int i = 1; i < NN_LAYER_MAX_DEPTH; i++)
        l = with(make("Sequential"), l);
    struct nn_layer *top = make("Sequential");
    says(nn_layer_add_child(top, l, &e), ERR_RANGE, "más de 8");
    says(nn_layer_set_name(l, "a/b", &e), ERR_ARG, "«a/b»");
    says(nn_layer_set_name(l, "", &e), ERR_ARG, "no sirve");
    for (struct nn_layer *k = l; k; k = k->n_children ? k->child[0] : NULL)
        snprintf(k->name, sizeof k->name, "una_capa_con_un_nombre_muy_largo");
    struct nn_model *m = model(1);
    must(nn_model_add(m, l, &e));
    says(nn_model_build(m, 1, S(3), &e), ERR_RANGE, "demasiado largo");
    nn_model_free(m);
    nn_layer_free(top);

    m = model(1);
    struct nn_layer *a = dense(3, NULL), *b = dense(3, NULL);
    must(nn_layer_set_name(a, "cabeza", &e));
    must(nn_layer_set_name(b, "cabeza", &e));
    must(nn_model_add(m, a, &e));
    says(nn_model_add(m, b, &e), ERR_ARG, "dos capas con el nombre «cabeza»");
    says(nn_layer_set_name(a, "otra", &e), ERR_STATE, "ya es parte");
    nn_layer_free(b);
    must(nn_model_pop(m, &a, &e));
    must(nn_layer_set_name(a, "otra", &e));
    nn_layer_free(a);
    says(nn_model_pop(m, &a, &e), ERR_STATE, "no tiene capas");
    nn_model_free(m);
}

static void a_layer_outlives_its_model(void **state) {
    (void)state;
    struct nn_model *m = network();
    must(nn_model_build(m, 1, S(4), &e));
    struct nn_layer *l = nn_layer_retain(m->layer[0]->child[1]);
    nn_model_free(m);
    assert_int_equal(nn_layer_count_params(l, false), 24);
    assert_true(!l->parent && !l->adopted);
    nn_layer_free(l);
}

static float first_weight(const struct nn_model *m, int i) {
    return nn_tensor_f32(nn_model_param(m, i, NULL)->value)[0];
}

static void frozen_layers_stay(void **state) {
    (void)state;
    struct nn_model *m = network();
    must(nn_model_build(m, 1, S(4), &e));
    compile(m);
    train(m, 1);
    nn_layer_set_trainable(m->layer[0], false);
    assert_int_equal(nn_model_count_params(m, true), 15 + 32);
    float frozen = first_weight(m, 0), live = first_weight(m, 4);
    struct nn_tensor *grad = nn_tensor_retain(nn_model_param(m, 0, NULL)->grad);
    nn_tensor_fill(grad, 7);
    train(m, 1); /* without compile: the next fit sees it */
    assert_true(first_weight(m, 0) == frozen && first_weight(m, 4) != live);
    assert_true(nn_tensor_get(grad, 0) == 7); /* nobody computed it */
    nn_tensor_release(grad);
    nn_model_set_trainable(m, true);
    compile(m);
    train(m, 1);
    assert_true(first_weight(m, 0) != frozen);
    nn_model_set_trainable(m, false);
    struct nn_tensor *x = normal(4, 4, 5), *y = labels(4, 2);
    struct nn_fit_data d = {.x = x, .y = y};
    says(nn_fit(m, &d, &(struct nn_fit_options){0}, &e), ERR_STATE, "nada que entrenar");
    nn_tensor_release(x);
    nn_tensor_release(y);
    nn_model_free(m);
}

static void a_trained_model_becomes_a_layer(void **state) {
    (void)state;
    struct nn_model *base = network(), *m = model(3);
    compile(base);
    train(base, 1);
    float was = first_weight(base, 0);
    struct nn_layer *l, *tail = with(make("Residual"), dense(3, NULL));
    must(nn_model_to_layer(&l, base, &e));
    nn_model_take_back(base, l);
    assert_true(first_weight(base, 0) == was && base->n_layers == 3);
    must(nn_model_to_layer(&l, base, &e));
    nn_model_free(base);
    nn_layer_set_trainable(l, false);
    must(nn_model_add(m, l, &e));
    must(nn_model_add(m, tail, &e));
    says(nn_model_build(m, 1, S(5), &e), ERR_SHAPE, "(4,)");
    says(nn_model_build(m, 1, S(4), &e), ERR_SHAPE, "shortcut");
    assert_true(l->built && first_weight(m, 0) == was); /* the refusals left it alone */
    struct nn_layer *popped;
    must(nn_model_pop(m, &popped, &e));
    nn_layer_free(popped);
    must(nn_model_add(m, dense(2, "softmax"), &e));
    must(nn_model_build(m, 1, S(4), &e));
    assert_string_equal(nn_model_param(m, 0, NULL)->name,
                        "sequential/residual/dense/kernel");
    compile(m);
    train(m, 1);
    assert_true(first_weight(m, 0) == was);
    assert_int_equal(nn_model_count_params(m, true), 6);
    nn_model_free(m);
}

/* ---- saved and loaded */

static char path[] = "/tmp/nabla_nested_XXXXXX";

static int make_file(void **state) {
    (void)state;
    int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int drop_file(void **state) {
    (void)state;
    return unlink(path);
}

static struct nn_model *with_dropout(void) {
    struct nn_model *m = model(11);
    struct nn_layer *r = with(with(make("Residual"), dropout(0.3)), dense(4, "tanh"));
    must(nn_model_add(m, r, &e));
    r = with(with(make("Residual"), dense(2, NULL)), dropout(0.5));
    must(nn_layer_set_shortcut(r, dense(2, NULL), &e));
    must(nn_model_add(m, r, &e));
    return m;
}

static void what_was_saved_comes_back_and_goes_on(void **state) {
    (void)state;
    struct nn_model *kinds[] = {network(), with_dropout()};
    for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
        struct nn_model *m = kinds[k], *back;
        compile(m);
        must(nn_model_build(m, 1, S(4), &e));
        nn_layer_set_trainable(m->layer[0]->child[1], false);
        train(m, 2);
        must(nn_model_save(m, path, &e));
        must(nn_model_load(&back, path, &e));
        assert_int_equal(nn_model_count(back), nn_model_count(m));
        assert_int_equal(nn_model_count_params(back, true),
                         nn_model_count_params(m, true));
        assert_true(train(m, 2) == train(back, 2)); /* also the dropout masks */
        for (int i = 0; i < nn_model_count(m); i++) {
            const struct nn_var *a = nn_model_param(m, i, NULL);
            const struct nn_var *b = nn_model_param(back, i, NULL);
            assert_string_equal(a->name, b->name);
            assert_memory_equal(a->value->data, b->value->data,
                                a->value->n * sizeof(float));
        }
        nn_model_free(m);
        nn_model_free(back);
    }
}

/* The metadata of a file with these layers, up to the end of the header. In layers, 'x'
 * stands for \"x\". Returns its length. */
static size_t description(char *out, const char *layers) {
    char plain[8192];
    size_t len = 0;
    snprintf(plain, sizeof plain,
             "\"__metadata__\":{\"nabla.model\":\"{'layers':[%s],'input_shape':[3]}\"}}",
             layers);
    for (const char *p = plain; *p; p++) {
        if (*p == '\'')
            out[len++] = '\\';
        out[len++] = *p == '\'' ? '"' : *p;
    }
    return len;
}

static void refused(const char *layers, const char *part) {
    char file[8192] = {0};
    struct nn_model *m;
    file[8] = '{';
    size_t len = 1 + description(file + 9, layers);
    file[0] = (char)(len & 255);
    file[1] = (char)(len >> 8);
    err_clear(&e);
    says(nn_model_parse(&m, file, 8 + len, &e), ERR_FORMAT, part);
    assert_null(m);
}

/* Each parameter would fit into the 400 bytes, all of them do not. */
static void a_file_bounds_what_all_its_layers_ask_for(void **state) {
    (void)state;
#define DENSE(name) "{'type':'Dense','name':'" name "','options':{'units':8}}"
    static const char *const kinds[] = {
        DENSE("a") "," DENSE("b"),
        "{'type':'Sequential','name':'s','options':{},'layers':[" DENSE("a") "," DENSE(
            "b") "]}"};
    for (size_t k = 0; k < ARRAY_LEN(kinds); k++)
        for (size_t bytes = 400; bytes <= 416; bytes += 16) { /* 24 + 8 + 64 + 8 = 104 */
            char file[2048] = {0};
            struct nn_model *m;
            int n = snprintf(file + 8, 100,
                             "{\"w\":{\"dtype\":\"F32\",\"shape\":[%zu],"
                             "\"data_offsets\":[0,%zu]},",
                             bytes / 4, bytes);
            size_t len = (size_t)n + description(file + 8 + n, kinds[k]);
            file[0] = (char)(len & 255);
            file[1] = (char)(len >> 8);
            says(nn_model_parse(&m, file, 8 + len + bytes, &e), ERR_FORMAT,
                 bytes < 416 ? "demasiado grande" : "falta el tensor");
        }
}

static void hostile_descriptions_are_refused(void **state) {
    (void)state;
    char deep[4096] = "{'type':'Flatten','name':'f','options':{}}", more[4096];
    for (int i = 0; i < NN_LAYER_MAX_DEPTH; i++) {
        snprintf(more, sizeof more,
                 "{'type':'Sequential','name':'s','options':{},'layers':[%.3900s]}",
                 deep);
        memcpy(deep, more, sizeof deep);
    }
    refused(deep, "demasiadas capas");
    refused("{'type':'Flatten','name':'f','options':{},'layers':[{'type':'Flatten',"
            "'name':'g','options':{}}]}",
            "no contiene otras");
    refused("{'type':'Sequential','name':'s','options':{},'layers':[],'shortcut':"
            "{'type':'Flatten','name':'g','options':{}}}",
            "no tiene atajo");
    refused("{'type':'Residual','name':'s','options':{},'layers':[]}", "al menos una");
    refused("{'type':'Residual','name':'s','options':{},'layers':3}", "al menos una");
    refused("{'type':'Residual','name':'s','options':{},'layers':[4]}", "tipo o nombre");
    refused("{'type':'Residual','name':'a/b','options':{},'layers':[]}", "«a/b»");
    refused("{'type':'Concatenate','name':'s','options':{},'layers':[]}", "1 a 8 ramas");
    refused("{'type':'Sequential','name':'s','options':{},'layers':["
            "{'type':'Flatten','name':'f','options':{}},"
            "{'type':'Flatten','name':'f','options':{}}]}",
            "dos capas");
    refused("{'type':'Sequential','name':'s','options':{},'layers':[{'type':'Dense',"
            "'name':'d','options':{'units':10000000}}]}",
            "demasiado grande");
}

/* ---- short memory */

static int with_child(struct nn_layer **l, const char *type, const char *inner) {
    struct nn_layer *child = NULL;
    int rc = nn_layer_new(l, type, &e);
    if (rc == 0)
        rc = nn_layer_new(&child, inner, &e);
    if (rc == 0 && strcmp(inner, "Dense") == 0)
        rc = nn_options_set_number(&child->options, "units", 3, &e);
    if (rc == 0)
        rc = nn_layer_add_child(*l, child, &e);
    if (rc < 0)
        nn_layer_free(child);
    return rc;
}

static int build_and_call(struct nn_var *x) {
    struct nn_layer *r = NULL, *c = NULL, *all = NULL, *extra = NULL;
    struct nn_model *m = NULL;
    struct nn_var *y = NULL;
    int rc = with_child(&r, "Residual", "Dense");
    if (rc == 0)
        rc = with_child(&c, "Concatenate", "Dense");
    if (rc == 0)
        rc = nn_layer_new(&extra, "Flatten", &e);
    if (rc == 0 && (rc = nn_layer_add_child(c, extra, &e)) == 0)
        extra = NULL;
    if (rc == 0)
        rc = nn_model_new(&m, &e);
    if (rc == 0 && (rc = nn_model_add(m, r, &e)) == 0)
        r = NULL;
    if (rc == 0 && (rc = nn_model_add(m, c, &e)) == 0)
        c = NULL;
    if (rc == 0 && (rc = nn_model_to_layer(&all, m, &e)) == 0) {
        nn_model_free(m);
        rc = nn_model_new(&m, &e);
    }
    if (rc == 0 && (rc = nn_model_add(m, all, &e)) == 0)
        all = NULL;
    if (rc == 0)
        rc = nn_model_call(m, &y, x, true, &e);
    nn_var_release(y);
    nn_layer_free(r);
    nn_layer_free(c);
    nn_layer_free(extra);
    nn_layer_free(all);
    nn_model_free(m);
    return rc;
}

static void short_memory_is_an_error(void **state) {
    (void)state;
    if (!fail_alloc_supported())
        skip();
    struct nn_tensor *t = normal(2, 3, 1);
    struct nn_var *x;
    must(nn_var_new(&x, t, &e));
    for (long k = 0;; k++) {
        fail_alloc_after(k);
        int rc = build_and_call(x);
        if (!fail_alloc_stop()) {
            assert_int_equal(rc, 0);
            break;
        }
        assert_int_equal(rc, ERR_NOMEM);
    }
    nn_var_release(x);
    nn_tensor_release(t);
}

static void loading_with_short_memory(void **state) {
    (void)state;
    if (!fail_alloc_supported())
        skip();
    struct nn_model *m = network();
    must(nn_model_build(m, 1, S(4), &e));
    must(nn_model_save(m, path, &e));
    nn_model_free(m);
    char bytes[1 << 14];
    FILE *f = fopen(path, "rb");
    size_t n = fread(bytes, 1, sizeof bytes, f);
    fclose(f);
    for (long k = 0;; k++) {
        fail_alloc_after(k);
        int rc = nn_model_parse(&m, bytes, n, &e);
        bool failed = fail_alloc_stop();
        if (!failed) {
            assert_int_equal(rc, 0);
            nn_model_free(m);
            break;
        }
        assert_true(rc < 0);
        assert_null(m);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_counts),
        cmocka_unit_test(they_compute_what_their_parts_do),
        cmocka_unit_test(gradients_are_those_of_finite_differences),
        cmocka_unit_test(they_train),
        cmocka_unit_test(what_does_not_fit_is_said),
        cmocka_unit_test(too_deep_or_badly_named),
        cmocka_unit_test(a_layer_outlives_its_model),
        cmocka_unit_test(frozen_layers_stay),
        cmocka_unit_test(a_trained_model_becomes_a_layer),
        cmocka_unit_test(what_was_saved_comes_back_and_goes_on),
        cmocka_unit_test(a_file_bounds_what_all_its_layers_ask_for),
        cmocka_unit_test(hostile_descriptions_are_refused),
        cmocka_unit_test(short_memory_is_an_error),
        cmocka_unit_test(loading_with_short_memory),
    };
    return cmocka_run_group_tests(tests, make_file, drop_file);
}
