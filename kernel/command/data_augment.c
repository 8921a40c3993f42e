/* data_augment.c: d:augment{flip = true, shift = 4, ...}: a data set whose training
 * examples change from epoch to epoch, and its normalisation. */
#include "data_augment.h"

#include "objects.h"
#include "register.h"

#include "base/i18n.h"

static int d_augment(lua_State *L) {
    struct nn_dataset *d = cmd_self(L, CMD_DATASET);
    struct cmd_args a;
    cmd_args_read(&a, L, 2);
    struct nn_augment o = {.flip = cmd_boolean(&a, "flip"),
                           .shift = (int)cmd_integer(&a, "shift"),
                           .reflect = strcmp(cmd_text(&a, "padding"), "reflect") == 0,
                           .rotate = cmd_number(&a, "rotate"),
                           .cutout = (int)cmd_integer(&a, "cutout"),
                           .brightness = cmd_number(&a, "brightness"),
                           .contrast = cmd_number(&a, "contrast")};
    struct err e = {0};
    void **slot = cmd_box_push(L, CMD_DATASET);
    if (nn_dataset_augment((struct nn_dataset **)slot, d, &o,
                           cmd_boolean(&a, "normalise"), &e) < 0)
        cmd_raise(L, &e);
    return 1;
}

/* The changes that are on, as the user wrote them. */
static void changes_text(struct buf *b, const struct nn_augment *a) {
    const struct {
        const char *name;
        double value;
    } change[] = {
        {"flip", a->flip},     {"shift", a->shift},           {"rotate", a->rotate},
        {"cutout", a->cutout}, {"brightness", a->brightness}, {"contrast", a->contrast}};
    const char *between = " ";
    for (size_t i = 0; i < ARRAY_LEN(change); i++) {
        if (change[i].value <= 0)
            continue;
        buf_printf(b, "%s%s", between, change[i].name);
        if (i > 0)
            buf_printf(b, " %.3g", change[i].value);
        between = ", ";
    }
}

static void channels_text(struct buf *b, const struct nn_normalise *n) {
    if (n->channels == 0)
        return;
    buf_puts(b, _("; normalizado por canal: media"));
    for (int k = 0; k < n->channels; k++)
        buf_printf(b, " %.3f",
                   (double)(-n->channel_offset[k] / n->channel_scale[k] / 255));
    buf_puts(b, _(", desviación"));
    for (int k = 0; k < n->channels; k++)
        buf_printf(b, " %.3f", 1 / (double)n->channel_scale[k] / 255);
}

void cmd_augment_text(struct buf *b, const struct nn_dataset *d) {
    if (nn_augment_any(&d->augment)) {
        buf_puts(b, _("; aumento:"));
        changes_text(b, &d->augment);
    }
    channels_text(b, &d->input);
}

static const char *const paddings[] = {"zero", "reflect", NULL};

#define PIXELS(title, text)                                                              \
    {                                                                                    \
        .name = title, .types = CELL_INTEGER, .flags = CELL_NAMED | CELL_MIN | CELL_MAX, \
        .min = 0, .max = 4096, .fallback = "0", .doc = text                              \
    }
#define SHARE(title, most, text)                                                         \
    {                                                                                    \
        .name = title, .types = CELL_NUMBER, .flags = CELL_NAMED | CELL_MIN | CELL_MAX,  \
        .min = 0, .max = most, .fallback = "0", .doc = text                              \
    }

static const struct cell_help_param p_augment[] = {
    {.name = "flip",
     .types = CELL_BOOLEAN,
     .flags = CELL_NAMED,
     .fallback = "false",
     .doc = N_("la mitad de las veces, izquierda y derecha se cambian")},
    PIXELS("shift", N_("píxeles que la imagen se mueve como mucho en cada dirección")),
    {.name = "padding",
     .types = CELL_STRING,
     .flags = CELL_NAMED,
     .choices = paddings,
     .fallback = "\"zero\"",
     .doc = N_("lo que entra por el borde: negro, o la imagen reflejada")},
    SHARE("rotate", 180, N_("grados que gira como mucho hacia cada lado")),
    PIXELS("cutout", N_("lado del cuadrado que se tapa con el color medio")),
    SHARE("brightness", 1, N_("cuánto cambia el brillo: 0.2 es de 0.8 a 1.2 veces")),
    SHARE("contrast", 1, N_("cuánto cambia el contraste, en la misma medida")),
    {.name = "normalise",
     .types = CELL_BOOLEAN,
     .flags = CELL_NAMED,
     .fallback = "false",
     .doc = N_("resta la media y divide por la desviación de cada canal o columna; el "
               "modelo lo recuerda")}};

static const struct cmd_command commands[] = {
    {{.name = "Dataset:augment",
      .kind = CELL_METHOD,
      .params = p_augment,
      .n_params = ARRAY_LEN(p_augment),
      .returns = N_("un conjunto de datos"),
      .doc =
          N_("Los mismos datos con variantes al azar: en cada época el entrenamiento ve "
             "cada imagen un poco distinta. Validación y prueba solo se normalizan. Sin "
             "opciones, deshace el aumento."),
      .example = "data.digits{n_train = 200}:augment{shift = 2, rotate = 10}",
      .see_also = "Dataset:split Model:fit"},
     d_augment},
};

void cmd_data_augment_open(lua_State *L) {
    cmd_register(L, commands, ARRAY_LEN(commands));
}
