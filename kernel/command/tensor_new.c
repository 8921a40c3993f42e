/* tensor_new.c: tensor{...} and the constructors tensor.zeros, randn, arange ... */
#include "register.h"
#include "session.h"
#include "tensor.h"

#include "base/i18n.h"
#include "cell/error.h"
#include "nn/rng.h"

#include <math.h>

enum { ARANGE_MAX = 1 << 28 };

static const char *const dtypes[] = {"float32", "float64", "uint8", "int32", NULL};
static const char *const real_dtypes[] = {"float32", "float64", NULL};

static enum nn_dtype arg_dtype(const struct cmd_args *a, enum nn_dtype fallback) {
    const char *name = cmd_text(a, "dtype");
    return name ? cmd_to_dtype(a->L, name) : fallback;
}

/* A new tensor of the shape in the arguments, in a holder on the stack. */
static struct nn_tensor *new_shaped(const struct cmd_args *a, const char *what) {
    size_t shape[NN_MAX_DIMS];
    int slot = cmd_slot(a, "shape");
    int ndim = lua_isnil(a->L, slot) ? 0 : cmd_to_shape(a->L, slot, shape, what);
    struct err e = {0};
    enum nn_dtype d = arg_dtype(a, NN_F64);
    struct nn_tensor **hold = cmd_hold(a->L);
    int rc = nn_tensor_new(hold, d, ndim, shape, &e);
    if (rc == ERR_NOMEM) { /* the collector may hold what is missing */
        cmd_collect(a->L);
        rc = nn_tensor_new(hold, d, ndim, shape, &e);
    }
    if (rc < 0)
        cmd_raise(a->L, &e);
    return *hold;
}

/* Leaves in slot what the tensor is made from: tensor{1, 2} is the list itself, tensor(5)
 * and tensor{t} what is in it. */
static void unwrap_data(const struct cmd_args *a, int slot, bool list) {
    lua_State *L = a->L;
    if (lua_isnil(L, slot)) { /* tensor{} */
        lua_newtable(L);
        lua_replace(L, slot);
        return;
    }
    if (!list && lua_rawlen(L, slot) != 1)
        cmd_refuse(a, "data", "%s", _("va una sola lista: tensor{{1, 2}, {3, 4}}"));
    lua_rawgeti(L, slot, 1);
    if (!list || (lua_rawlen(L, slot) == 1 && cmd_var_test(L, -1)))
        lua_replace(L, slot);
    else
        lua_pop(L, 1);
}

/* The module's __call: the table tensor itself lies at 1. */
static int tensor_call(lua_State *L) {
    lua_remove(L, 1);
    bool list = lua_gettop(L) == 1 && lua_istable(L, 1);
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    int slot = cmd_slot(&a, "data");
    unwrap_data(&a, slot, list);
    struct nn_var *old = cmd_var_test(L, slot);
    enum nn_dtype d = arg_dtype(&a, old ? old->dtype : NN_F64);
    struct nn_var *v = cmd_to_var(L, slot, d == NN_F32 ? d : NN_F64, "tensor");
    if (!old && v->dtype == d) {
        lua_settop(L, slot);
        return 1;
    }
    struct err e = {0};
    struct nn_tensor **hold = cmd_hold(L);
    int rc = v->dtype == d ? nn_tensor_copy(hold, v->value, &e)
                           : nn_tensor_cast(hold, v->value, d, &e);
    if (rc < 0)
        cmd_raise(L, &e);
    cmd_hold_finish(L);
    return 1;
}

static int tensor_full_of(lua_State *L, double value, const char *what) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    struct nn_tensor *t = new_shaped(&a, what);
    if (value != 0)
        nn_tensor_fill(t, value);
    cmd_hold_finish(L);
    return 1;
}

static int tensor_zeros(lua_State *L) {
    return tensor_full_of(L, 0, "tensor.zeros");
}

static int tensor_ones(lua_State *L) {
    return tensor_full_of(L, 1, "tensor.ones");
}

static int tensor_full(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    struct nn_tensor *t = new_shaped(&a, "tensor.full");
    double v = cmd_number(&a, "value");
    if ((t->dtype == NN_U8 && !(v >= 0 && v <= 255)) ||
        (t->dtype == NN_I32 && !(fabs(v) <= INT32_MAX)))
        cmd_refuse(&a, "value", _("%.10g no cabe en %s"), v, nn_dtype_name(t->dtype));
    nn_tensor_fill(t, v);
    cmd_hold_finish(L);
    return 1;
}

/* The generator of the session, or one of its own for seed=. */
static struct nn_rng *arg_rng(const struct cmd_args *a, struct nn_rng *own) {
    if (!cmd_given(a, "seed"))
        return cmd_session_rng(a->L);
    nn_rng_seed(own, (uint64_t)cmd_integer(a, "seed"));
    return own;
}

static int tensor_randn(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    struct nn_rng own;
    struct nn_rng *r = arg_rng(&a, &own);
    struct nn_tensor *t = new_shaped(&a, "tensor.randn");
    nn_rng_fill_normal(r, t, cmd_number(&a, "mean"), cmd_number(&a, "std"));
    cmd_hold_finish(L);
    return 1;
}

static int tensor_uniform(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    double low = cmd_number(&a, "low"), high = cmd_number(&a, "high");
    if (!(low <= high) || !isfinite(low) || !isfinite(high))
        cmd_refuse(&a, "low", _("%.10g debe ser a lo más high (%.10g)"), low, high);
    struct nn_rng own;
    struct nn_rng *r = arg_rng(&a, &own);
    struct nn_tensor *t = new_shaped(&a, "tensor.uniform");
    nn_rng_fill_uniform(r, t, low, high);
    cmd_hold_finish(L);
    return 1;
}

/* arange(n): 1..n; arange(a, b): a..b, the end included, as a Lua for. */
static int tensor_arange(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    double from = cmd_number(&a, "start"), to = cmd_number(&a, "stop");
    double step = cmd_number(&a, "step");
    if (!cmd_given(&a, "stop")) {
        to = from;
        from = 1;
    }
    if (!isfinite(from) || !isfinite(to) || !isfinite(step) || step == 0)
        cmd_refuse(&a, "step",
                   _("el paso no puede ser 0 y todo debe ser finito; llegó "
                     "de %.10g a %.10g con paso %.10g"),
                   from, to, step);
    double n = floor((to - from) / step + 1e-9) + 1;
    if (n > ARANGE_MAX)
        cmd_refuse(&a, "stop", _("serían %.0f elementos; el máximo es %d"), n,
                   ARANGE_MAX);
    size_t shape = n > 0 ? (size_t)n : 0;
    struct err e = {0};
    struct nn_tensor **hold = cmd_hold(L);
    if (nn_tensor_new(hold, arg_dtype(&a, NN_F64), 1, &shape, &e) < 0)
        cmd_raise(L, &e);
    for (size_t i = 0; i < shape; i++)
        nn_tensor_set(*hold, i, from + (double)i * step);
    cmd_hold_finish(L);
    return 1;
}

static int tensor_linspace(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    double from = cmd_number(&a, "start"), to = cmd_number(&a, "stop");
    size_t n = (size_t)cmd_integer(&a, "n");
    struct err e = {0};
    struct nn_tensor **hold = cmd_hold(L);
    if (nn_tensor_new(hold, arg_dtype(&a, NN_F64), 1, &n, &e) < 0)
        cmd_raise(L, &e);
    for (size_t i = 0; i < n; i++)
        nn_tensor_set(*hold, i,
                      i + 1 == n
                          ? to
                          : from + (to - from) * (double)i / (double)(n > 1 ? n - 1 : 1));
    cmd_hold_finish(L);
    return 1;
}

static int tensor_eye(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    size_t n = (size_t)cmd_integer(&a, "n");
    struct err e = {0};
    struct nn_tensor **hold = cmd_hold(L);
    if (nn_tensor_new(hold, arg_dtype(&a, NN_F64), 2, (size_t[]){n, n}, &e) < 0)
        cmd_raise(L, &e);
    for (size_t i = 0; i < n; i++)
        nn_tensor_set(*hold, i * n + i, 1);
    cmd_hold_finish(L);
    return 1;
}

#define SHAPE                                                                            \
    {                                                                                    \
        .name = "shape", .types = CELL_INTEGER | CELL_LIST_NUMBER,                       \
        .flags = CELL_REST | CELL_MIN, .min = 0, .doc = N_("largo de cada eje")          \
    }
#define DTYPE(list)                                                                      \
    {                                                                                    \
        .name = "dtype", .types = CELL_STRING, .flags = CELL_NAMED,                      \
        .fallback = "\"float64\"", .choices = list, .doc = N_("tipo de los números")     \
    }
#define SEED                                                                             \
    {                                                                                    \
        .name = "seed", .types = CELL_INTEGER, .flags = CELL_NAMED,                      \
        .doc = N_("semilla propia; sin ella, la de lab.seed")                            \
    }

static const struct cell_help_param p_tensor[] = {
    {.name = "data",
     .types = CELL_ANY,
     .flags = CELL_REST,
     .doc = N_("números, listas anidadas del mismo largo, o un tensor que se copia")},
    {.name = "dtype",
     .types = CELL_STRING,
     .flags = CELL_NAMED,
     .choices = dtypes,
     .doc = N_("tipo de los números; sin él float64, o el del tensor copiado")},
};
static const struct cell_help_param p_zeros[] = {SHAPE, DTYPE(dtypes)};
static const struct cell_help_param p_full[] = {
    SHAPE,
    {.name = "value",
     .types = CELL_NUMBER,
     .flags = CELL_NAMED | CELL_REQUIRED,
     .doc = N_("el valor de todos los elementos")},
    DTYPE(dtypes)};
static const struct cell_help_param p_randn[] = {SHAPE,
                                                 {.name = "mean",
                                                  .types = CELL_NUMBER,
                                                  .flags = CELL_NAMED,
                                                  .fallback = "0",
                                                  .doc = N_("media")},
                                                 {.name = "std",
                                                  .types = CELL_NUMBER,
                                                  .flags = CELL_NAMED | CELL_MIN,
                                                  .fallback = "1",
                                                  .doc = N_("desviación estándar")},
                                                 SEED,
                                                 DTYPE(real_dtypes)};
static const struct cell_help_param p_uniform[] = {
    SHAPE,
    {.name = "low",
     .types = CELL_NUMBER,
     .flags = CELL_NAMED,
     .fallback = "0",
     .doc = N_("desde este valor")},
    {.name = "high",
     .types = CELL_NUMBER,
     .flags = CELL_NAMED,
     .fallback = "1",
     .doc = N_("hasta este valor, sin incluirlo")},
    SEED,
    DTYPE(real_dtypes)};
static const struct cell_help_param p_arange[] = {
    {.name = "start",
     .types = CELL_NUMBER,
     .flags = CELL_REQUIRED,
     .doc = N_("primer valor; con un solo argumento, el último (desde 1)")},
    {.name = "stop", .types = CELL_NUMBER, .doc = N_("último valor, incluido")},
    {.name = "step", .types = CELL_NUMBER, .fallback = "1", .doc = N_("paso")},
    DTYPE(dtypes)};
static const struct cell_help_param p_linspace[] = {{.name = "start",
                                                     .types = CELL_NUMBER,
                                                     .flags = CELL_REQUIRED,
                                                     .doc = N_("primer valor")},
                                                    {.name = "stop",
                                                     .types = CELL_NUMBER,
                                                     .flags = CELL_REQUIRED,
                                                     .doc = N_("último valor, incluido")},
                                                    {.name = "n",
                                                     .types = CELL_INTEGER,
                                                     .flags = CELL_MIN | CELL_MAX,
                                                     .min = 0,
                                                     .max = 1e8,
                                                     .fallback = "50",
                                                     .doc = N_("cuántos")},
                                                    DTYPE(real_dtypes)};
static const struct cell_help_param p_eye[] = {
    {.name = "n",
     .types = CELL_INTEGER,
     .flags = CELL_REQUIRED | CELL_MIN | CELL_MAX,
     .min = 0,
     .max = 1e6,
     .doc = N_("filas y columnas")},
    DTYPE(dtypes)};

#define ROW(title, list, text, shape_text, ex)                                           \
    .name = title, .kind = CELL_FUNCTION, .params = list, .n_params = ARRAY_LEN(list),   \
    .returns = N_("un tensor"), .doc = text, .shapes = shape_text, .example = ex

/* The first one is the module's own call; the registrar treats it apart. */
static const struct cell_help_row tensor_row = {
    ROW("tensor", p_tensor,
        N_("Crea un tensor con números en listas anidadas. Los índices empiezan en 1."),
        "tensor{{1, 2, 3}, {4, 5, 6}} → (2, 3)", "tensor{{1, 2, 3}, {4, 5, 6}}"),
    .see_also = "tensor.zeros tensor.randn var"};

static const struct cmd_command commands[] = {
    {{ROW("tensor.zeros", p_zeros, N_("Tensor lleno de ceros."), "n, m → (n, m)",
          "tensor.zeros(2, 3)")},
     tensor_zeros},
    {{ROW("tensor.ones", p_zeros, N_("Tensor lleno de unos."), "n, m → (n, m)",
          "tensor.ones{2, 3, dtype = \"float32\"}")},
     tensor_ones},
    {{ROW("tensor.full", p_full, N_("Tensor con el mismo valor en todas partes."),
          "n, m → (n, m)", "tensor.full{2, 3, value = 7}")},
     tensor_full},
    {{ROW("tensor.randn", p_randn, N_("Números al azar con distribución normal."),
          "n, m → (n, m)", "tensor.randn{2, 3, seed = 1}")},
     tensor_randn},
    {{ROW("tensor.uniform", p_uniform, N_("Números al azar repartidos por igual."),
          "n, m → (n, m)", "tensor.uniform{4, low = -1, high = 1, seed = 1}")},
     tensor_uniform},
    {{ROW("tensor.arange", p_arange,
          N_("Números en orden, el último incluido, como un for de Lua."), "n → (n,)",
          "tensor.arange(1, 10, 2)")},
     tensor_arange},
    {{ROW("tensor.linspace", p_linspace, N_("Números equidistantes, extremos incluidos."),
          "n → (n,)", "tensor.linspace(0, 1, 5)")},
     tensor_linspace},
    {{ROW("tensor.eye", p_eye, N_("Matriz identidad."), "n → (n, n)", "tensor.eye(3)")},
     tensor_eye},
};

void cmd_tensor_new_open(lua_State *L) {
    cmd_register(L, commands, ARRAY_LEN(commands));
    cmd_register_module_call(L, "tensor", &tensor_row, tensor_call);
}
