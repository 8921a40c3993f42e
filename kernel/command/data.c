/* data.c: data.mnist(), data.digits(), data.spiral{...}, data.csv(path): loading, and
 * the methods of a data set. How one shows itself is in data_show.c. */
#include "data_augment.h"
#include "data_show.h"
#include "objects.h"
#include "register.h"
#include "session.h"
#include "tensor.h"

#include "base/i18n.h"
#include "cell/cell.h"
#include "cell/display.h"
#include "cell/error.h"
#include "cell/stop.h"
#include "nn/cifar.h"
#include "nn/csv.h"
#include "nn/digits.h"
#include "nn/folder.h"
#include "nn/mnist.h"
#include "nn/png.h"
#include "nn/synthetic.h"

enum { FRAME_MS = 250 };

/* The line that moves while a file is fetched. */
struct progress {
    lua_State *L;
    const struct host *host;
    struct cell_stop *stop;
    char id[33];
    double last;
    bool shown;
};

static void show_line(struct progress *p, const char *text) {
    struct mime_bundle b = {0};
    if (mime_add_text(&b, "text/plain", text))
        p->host->display(p->host->self, ORIGIN_CURRENT, &b, p->id, p->shown);
    mime_release(&b);
    p->shown = true;
}

static int on_bytes(void *arg, const char *file, uint64_t done, uint64_t total) {
    struct progress *p = arg;
    double now = clock_seconds();
    char line[200];
    if (!p->shown || now - p->last >= FRAME_MS / 1000.0 || done == total) {
        p->last = now;
        (void)snprintf(line, sizeof line, _("Descargando %s: %.1f de %.1f MB (%.0f %%)"),
                       file, (double)done / 1e6, (double)total / 1e6,
                       total ? 100.0 * (double)done / (double)total : 0.0);
        show_line(p, line);
    }
    return cell_stop_poll(p->stop) != CELL_GO;
}

static void print_notes(lua_State *L, const struct nn_dataset *d) {
    const struct host *h = cell_host(L);
    if (!d->notes || !d->notes[0])
        return;
    h->stream(h->self, ORIGIN_CURRENT, HOST_STDOUT, d->notes, strlen(d->notes));
    h->stream(h->self, ORIGIN_CURRENT, HOST_STDOUT, "\n", 1);
}

struct published {
    int (*load)(struct nn_dataset **out, const struct nn_download_opts *o, struct err *e);
    int (*load_path)(struct nn_dataset **out, const char *path, struct err *e);
};

static int load_published(lua_State *L, const struct published *set) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    struct progress p = {.L = L, .host = cell_host(L), .stop = cell_stop_of(L)};
    cell_display_id(p.id);
    struct nn_download_opts o = {
        .progress = on_bytes, .arg = &p, .offline = cmd_boolean(&a, "offline")};
    struct err e = {0};
    const char *path = cmd_text(&a, "path");
    void **slot = cmd_box_push(L, CMD_DATASET);
    int rc = path ? set->load_path((struct nn_dataset **)slot, path, &e)
                  : set->load((struct nn_dataset **)slot, &o, &e);
    if (p.shown)
        show_line(&p, rc < 0 ? _("La descarga no terminó.") : _("Descarga completa."));
    if (rc < 0)
        cmd_raise(L, &e);
    print_notes(L, *slot);
    return 1;
}

static int mnist_folder(struct nn_dataset **out, const char *path, struct err *e) {
    return nn_mnist_load_folder(out, path, false, e);
}

static int fashion_folder(struct nn_dataset **out, const char *path, struct err *e) {
    return nn_mnist_load_folder(out, path, true, e);
}

static int data_mnist(lua_State *L) {
    return load_published(L, &(struct published){nn_mnist_load, mnist_folder});
}

static int data_fashion(lua_State *L) {
    return load_published(L, &(struct published){nn_mnist_load_fashion, fashion_folder});
}

static int data_cifar(lua_State *L) {
    return load_published(L, &(struct published){nn_cifar_load, nn_cifar_load_path});
}

static int data_digits(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    struct nn_digits_opts o = {.n_train = (size_t)cmd_integer(&a, "n_train"),
                               .n_test = (size_t)cmd_integer(&a, "n_test"),
                               .seed = (uint64_t)cmd_integer(&a, "seed")};
    struct err e = {0};
    if (nn_digits_new((struct nn_dataset **)cmd_box_push(L, CMD_DATASET), &o, &e) < 0)
        cmd_raise(L, &e);
    return 1;
}

static int data_toy(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    enum nn_synthetic kind = NN_CIRCLE;
    for (int k = NN_CIRCLE; k <= NN_SPIRAL; k++)
        if (strcmp(a.row->name + strlen("data."),
                   nn_synthetic_name((enum nn_synthetic)k)) == 0)
            kind = (enum nn_synthetic)k;
    struct nn_synthetic_opts o = {.n = (size_t)cmd_integer(&a, "n"),
                                  .noise = cmd_number(&a, "noise"),
                                  .test = cmd_number(&a, "test"),
                                  .seed = cmd_given(&a, "seed")
                                              ? (uint64_t)cmd_integer(&a, "seed")
                                              : cmd_session_seed(L)};
    struct err e = {0};
    void **slot = cmd_box_push(L, CMD_DATASET);
    if (nn_synthetic_new((struct nn_dataset **)slot, kind, &o, &e) < 0)
        cmd_raise(L, &e);
    return 1;
}

static int data_csv(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    int label = cmd_slot(&a, "label");
    struct nn_csv_opts o = {
        .label = lua_isnil(L, label) ? NULL : luaL_tolstring(L, label, NULL),
        .test = cmd_number(&a, "test"),
        .seed = cmd_given(&a, "seed") ? (uint64_t)cmd_integer(&a, "seed")
                                      : cmd_session_seed(L),
        .header = lua_isnil(L, cmd_slot(&a, "header")) ? NN_CSV_HEADER_FOUND_OUT
                  : cmd_boolean(&a, "header")          ? NN_CSV_HEADER_YES
                                                       : NN_CSV_HEADER_NO,
        .regression = cmd_boolean(&a, "regression")};
    struct err e = {0};
    void **slot = cmd_box_push(L, CMD_DATASET);
    if (nn_csv_load((struct nn_dataset **)slot, cmd_text(&a, "path"), &o, &e) < 0)
        cmd_raise(L, &e);
    print_notes(L, *slot);
    return 1;
}

static uint64_t arg_seed(const struct cmd_args *a) {
    return cmd_given(a, "seed") ? (uint64_t)cmd_integer(a, "seed")
                                : cmd_session_seed(a->L);
}

/* size = 32 or {height, width} */
static void read_size(const struct cmd_args *a, struct nn_folder_opts *o) {
    lua_State *L = a->L;
    int slot = cmd_slot(a, "size");
    if (lua_isnil(L, slot))
        return;
    bool list = lua_istable(L, slot);
    if (list && lua_rawlen(L, slot) != 2)
        cmd_refuse(a, "size", "%s", _("va un número o {alto, ancho}"));
    lua_Integer side[2];
    for (int i = 0; i < 2; i++) {
        if (list)
            lua_rawgeti(L, slot, i + 1);
        else
            lua_pushvalue(L, slot);
        side[i] = lua_tointeger(L, -1);
        if (side[i] < 1 || side[i] > NN_PNG_MAX_SIDE)
            cmd_refuse(a, "size", _("cada lado es un entero de 1 a %d y llegó %s"),
                       NN_PNG_MAX_SIDE, cmd_value_text(L, -1));
        lua_pop(L, 1);
    }
    o->height = (size_t)side[0];
    o->width = (size_t)side[1];
}

static int data_folder(lua_State *L) {
    struct cmd_args a;
    cmd_args_read(&a, L, 1);
    struct nn_folder_opts o = {.gray = cmd_boolean(&a, "gray"),
                               .test = cmd_number(&a, "test"),
                               .seed = arg_seed(&a)};
    read_size(&a, &o);
    struct err e = {0};
    void **slot = cmd_box_push(L, CMD_DATASET);
    if (nn_folder_load((struct nn_dataset **)slot, cmd_text(&a, "path"), &o, &e) < 0)
        cmd_raise(L, &e);
    print_notes(L, *slot);
    return 1;
}

static int d_split(lua_State *L) {
    struct nn_dataset *d = cmd_self(L, CMD_DATASET);
    struct cmd_args a;
    cmd_args_read(&a, L, 2);
    struct err e = {0};
    void **slot = cmd_box_push(L, CMD_DATASET);
    if (nn_dataset_split((struct nn_dataset **)slot, d, cmd_number(&a, "validation"),
                         arg_seed(&a), &e) < 0)
        cmd_raise(L, &e);
    return 1;
}

static int d_subset(lua_State *L) {
    struct nn_dataset *d = cmd_self(L, CMD_DATASET);
    struct cmd_args a;
    cmd_args_read(&a, L, 2);
    struct err e = {0};
    void **slot = cmd_box_push(L, CMD_DATASET);
    if (nn_dataset_subset((struct nn_dataset **)slot, d, (size_t)cmd_integer(&a, "n"),
                          (size_t)cmd_integer(&a, "test"), arg_seed(&a), &e) < 0)
        cmd_raise(L, &e);
    return 1;
}

char **cmd_class_names(const struct nn_dataset *d) {
    /* the translation itself tells which language is on */
    bool english = strcmp(_("exactitud"), "exactitud") != 0;
    return english && d->classes_en ? d->classes_en : d->classes;
}

static void push_texts(lua_State *L, char **text, size_t n) {
    lua_createtable(L, (int)n, 0);
    for (size_t i = 0; i < n && text; i++) {
        lua_pushstring(L, text[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

static void push_part(lua_State *L, struct nn_tensor *t) {
    if (t)
        cmd_tensor_push(L, nn_tensor_retain(t));
    else
        lua_pushnil(L);
}

static bool data_field(lua_State *L, const char *key) {
    struct nn_dataset *d = cmd_self(L, CMD_DATASET);
    const struct {
        const char *key;
        struct nn_tensor *t;
    } part[] = {{"x_train", d->x_train}, {"y_train", d->y_train},
                {"x_test", d->x_test},   {"y_test", d->y_test},
                {"x_valid", d->x_valid}, {"y_valid", d->y_valid}};
    for (size_t i = 0; i < ARRAY_LEN(part); i++)
        if (strcmp(key, part[i].key) == 0) {
            push_part(L, part[i].t);
            return true;
        }
    if (strcmp(key, "classes") == 0)
        push_texts(L, cmd_class_names(d), d->n_classes);
    else if (strcmp(key, "features") == 0)
        push_texts(L, d->features, d->n_features);
    else if (strcmp(key, "name") == 0)
        lua_pushstring(L, d->name);
    else if (strcmp(key, "n_classes") == 0)
        lua_pushinteger(L, (lua_Integer)d->n_classes);
    else if (strcmp(key, "notes") == 0)
        lua_pushstring(L, d->notes);
    else
        return false;
    return true;
}

static void release_dataset(void *d) {
    nn_dataset_release(d);
}

static const struct cell_help_param p_published[] = {
    {.name = "path",
     .types = CELL_STRING,
     .doc = N_("carpeta o archivo propios; sin él se buscan y, si faltan, se descargan")},
    {.name = "offline",
     .types = CELL_BOOLEAN,
     .flags = CELL_NAMED,
     .fallback = "false",
     .doc = N_("solo busca en las carpetas, sin descargar")}};
static const struct cell_help_param p_digits[] = {
    {.name = "n_train",
     .types = CELL_INTEGER,
     .flags = CELL_MIN,
     .min = 10,
     .fallback = "6000",
     .doc = N_("ejemplos de entrenamiento")},
    {.name = "n_test",
     .types = CELL_INTEGER,
     .flags = CELL_MIN,
     .min = 10,
     .fallback = "1000",
     .doc = N_("ejemplos de prueba")},
    {.name = "seed",
     .types = CELL_INTEGER,
     .flags = CELL_NAMED | CELL_MIN,
     .min = 0,
     .fallback = "0",
     .doc = N_("otra semilla dibuja otros dígitos")}};
#define SEED                                                                             \
    {                                                                                    \
        .name = "seed", .types = CELL_INTEGER, .flags = CELL_NAMED,                      \
        .doc = N_("semilla; sin ella, la de lab.seed")                                   \
    }
#define TEST_PART                                                                        \
    {                                                                                    \
        .name = "test", .types = CELL_NUMBER,                                            \
        .flags = CELL_NAMED | CELL_MIN | CELL_MAX_OPEN, .min = 0, .max = 1,              \
        .fallback = "0", .doc = N_("fracción para la prueba")                            \
    }
static const struct cell_help_param p_toy[] = {
    {.name = "n",
     .types = CELL_INTEGER,
     .flags = CELL_MIN | CELL_MAX,
     .min = 4,
     .max = NN_SYNTHETIC_MAX,
     .fallback = "500",
     .doc = N_("cuántos puntos")},
    {.name = "noise",
     .types = CELL_NUMBER,
     .flags = CELL_MIN | CELL_MAX,
     .min = 0,
     .max = 0.5,
     .fallback = "0",
     .doc = N_("ruido, de 0 a 0.5")},
    {.name = "test",
     .types = CELL_NUMBER,
     .flags = CELL_NAMED | CELL_MIN_OPEN | CELL_MAX_OPEN,
     .min = 0,
     .max = 1,
     .fallback = "0.25",
     .doc = N_("fracción para la prueba")},
    SEED};
static const struct cell_help_param p_csv[] = {
    {.name = "path",
     .types = CELL_STRING,
     .flags = CELL_REQUIRED,
     .doc = N_("archivo de texto con una fila por ejemplo")},
    {.name = "label",
     .types = CELL_STRING | CELL_INTEGER,
     .flags = CELL_NAMED,
     .doc = N_("columna de la etiqueta, por nombre o número; sin ella, la última")},
    {.name = "header",
     .types = CELL_BOOLEAN,
     .flags = CELL_NAMED,
     .doc = N_("si la primera línea son los nombres; sin decirlo, se averigua")},
    TEST_PART,
    SEED,
    {.name = "regression",
     .types = CELL_BOOLEAN,
     .flags = CELL_NAMED,
     .fallback = "false",
     .doc = N_("la etiqueta es un número real, no una clase")}};
static const struct cell_help_param p_folder[] = {
    {.name = "path",
     .types = CELL_STRING,
     .flags = CELL_REQUIRED,
     .doc = N_("carpeta con una subcarpeta por clase, o con train y test")},
    {.name = "size",
     .types = CELL_INTEGER | CELL_LIST_NUMBER,
     .flags = CELL_NAMED,
     .doc = N_("{alto, ancho} al que se lleva cada imagen; sin él deben medir lo mismo")},
    {.name = "gray",
     .types = CELL_BOOLEAN,
     .flags = CELL_NAMED,
     .fallback = "false",
     .doc = N_("pasa los colores a grises; si todas son grises, así quedan")},
    TEST_PART,
    SEED};
static const struct cell_help_param p_split[] = {
    {.name = "validation",
     .types = CELL_NUMBER,
     .flags = CELL_MIN_OPEN | CELL_MAX_OPEN,
     .min = 0,
     .max = 1,
     .fallback = "0.1",
     .doc = N_("fracción del entrenamiento que pasa a validación")},
    SEED};
static const struct cell_help_param p_subset[] = {
    {.name = "n",
     .types = CELL_INTEGER,
     .flags = CELL_REQUIRED | CELL_MIN,
     .min = 1,
     .doc = N_("ejemplos de entrenamiento que quedan")},
    {.name = "test",
     .types = CELL_INTEGER,
     .flags = CELL_MIN,
     .min = 0,
     .fallback = "0",
     .doc = N_("ejemplos de prueba que quedan; 0: todos")},
    SEED};

#define ROW(title, how, list, text, form, ex)                                            \
    .name = title, .kind = how, .params = list, .n_params = ARRAY_LEN(list),             \
    .returns = N_("un conjunto de datos"), .doc = text, .shapes = form, .example = ex
#define FIELD(title, back, text)                                                         \
    .name = title, .kind = CELL_FIELD, .returns = back, .doc = text

static const char toy_shapes[] = "x (n, 2) float32, y (n,) int32";

static const struct cmd_command commands[] = {
    {{.name = "data",
      .kind = CELL_MODULE,
      .doc = N_("Conjuntos de datos: imágenes publicadas, dígitos incorporados, nubes de "
                "puntos, archivos CSV y carpetas de imágenes."),
      .see_also = "data.digits data.mnist"},
     NULL},
    {{ROW("data.mnist", CELL_FUNCTION, p_published,
          N_("MNIST: 70 000 dígitos escritos a mano. La primera vez se descarga."),
          "x (60000, 28, 28, 1) uint8, y (60000,) int32", "data.mnist():subset(1000)")},
     data_mnist},
    {{ROW("data.fashion_mnist", CELL_FUNCTION, p_published,
          N_("Fashion-MNIST: 70 000 prendas de vestir. La primera vez se descarga."),
          "x (60000, 28, 28, 1) uint8, y (60000,) int32",
          "data.fashion_mnist():subset(1000)")},
     data_fashion},
    {{ROW("data.cifar10", CELL_FUNCTION, p_published,
          N_("CIFAR-10: 60 000 fotos pequeñas en color. La primera vez se descarga."),
          "x (50000, 32, 32, 3) uint8, y (50000,) int32", "data.cifar10():subset(1000)")},
     data_cifar},
    {{ROW("data.digits", CELL_FUNCTION, p_digits,
          N_("Dígitos dibujados por un programa: siempre están, sin archivos ni red."),
          "x (6000, 28, 28, 1) uint8, y (6000,) int32", "data.digits{n_train = 200}")},
     data_digits},
    {{ROW("data.circle", CELL_FUNCTION, p_toy, N_("Un disco rodeado por un anillo."),
          toy_shapes, "data.circle{n = 200, noise = 0.1}")},
     data_toy},
    {{ROW("data.xor", CELL_FUNCTION, p_toy, N_("Cuatro cuadrantes con clases cruzadas."),
          toy_shapes, "data.xor{n = 200}")},
     data_toy},
    {{ROW("data.gauss", CELL_FUNCTION, p_toy, N_("Dos nubes redondas."), toy_shapes,
          "data.gauss{n = 200}")},
     data_toy},
    {{ROW("data.spiral", CELL_FUNCTION, p_toy, N_("Dos espirales enlazadas."), toy_shapes,
          "data.spiral{n = 200, seed = 3}")},
     data_toy},
    {{ROW("data.csv", CELL_FUNCTION, p_csv,
          N_("Un archivo CSV: una fila por ejemplo, una columna con la etiqueta."),
          N_("x (n, columnas) float32"),
          "ruta = os.tmpname(); f = io.open(ruta, \"w\")\n"
          "f:write(\"largo,ancho,clase\\n1.5,2,a\\n3,1,b\\n\"); f:close()\n"
          "d = data.csv{ruta, label = \"clase\"}; os.remove(ruta)\nreturn d")},
     data_csv},
    {{ROW("data.folder", CELL_FUNCTION, p_folder,
          N_("Imágenes PNG en carpetas: una subcarpeta por clase."),
          N_("x (n, alto, ancho, 1 o 3) uint8, y (n,) int32"),
          "data.folder(\"imagenes\")")},
     data_folder},
    {{.name = "Dataset",
      .kind = CELL_CLASS,
      .doc = N_("Ejemplos con sus etiquetas, ya divididos en entrenamiento y prueba."),
      .see_also = "data Model:fit"},
     NULL},
    {{ROW("Dataset:split", CELL_METHOD, p_split,
          N_("Separa una parte del entrenamiento para validación, por clases."), NULL,
          "d = data.digits{n_train = 200}:split{validation = 0.2}; #d.x_valid")},
     d_split},
    {{ROW("Dataset:subset", CELL_METHOD, p_subset,
          N_("Un conjunto más pequeño con las mismas proporciones de clases."), NULL,
          "#data.digits{n_train = 200}:subset(50).x_train")},
     d_subset},
    {{FIELD("Dataset.x_train", N_("un tensor"), N_("Los ejemplos de entrenamiento."))},
     NULL},
    {{FIELD("Dataset.y_train", N_("un tensor"), N_("Sus etiquetas, desde 0."))}, NULL},
    {{FIELD("Dataset.x_valid", N_("un tensor o nil"),
            N_("Los ejemplos de validación, después de split."))},
     NULL},
    {{FIELD("Dataset.y_valid", N_("un tensor o nil"), N_("Sus etiquetas."))}, NULL},
    {{FIELD("Dataset.x_test", N_("un tensor o nil"), N_("Los ejemplos de prueba."))},
     NULL},
    {{FIELD("Dataset.y_test", N_("un tensor o nil"), N_("Sus etiquetas."))}, NULL},
    {{FIELD("Dataset.classes", N_("una lista"),
            N_("Los nombres de las clases: classes[1] es la clase 0."))},
     NULL},
    {{FIELD("Dataset.n_classes", N_("un entero"),
            N_("Cuántas clases hay; 0 en una regresión."))},
     NULL},
    {{FIELD("Dataset.features", N_("una lista"),
            N_("Los nombres de las columnas de un CSV."))},
     NULL},
    {{FIELD("Dataset.name", N_("un texto"), N_("El nombre del conjunto."))}, NULL},
    {{FIELD("Dataset.notes", N_("un texto o nil"), N_("Observaciones de la carga."))},
     NULL},
};

void cmd_data_open(lua_State *L) {
    cmd_class(L, CMD_DATASET, release_dataset, data_field);
    cmd_class_meta(L, CMD_DATASET, "__display", cmd_data_display);
    cmd_class_meta(L, CMD_DATASET, "__tostring", cmd_data_tostring);
    cmd_register(L, commands, ARRAY_LEN(commands));
    cmd_data_augment_open(L);
}
