/* pictures.c: tensors as pictures, and the grid of them that a command shows. */
#include "pictures.h"

#include "register.h"
#include "show.h"

#include "base/i18n.h"
#include "cell/error.h"

#include <math.h>

bool cmd_square_side(size_t n, size_t *side) {
    *side = (size_t)lround(sqrt((double)n));
    return *side > 1 && *side * *side == n;
}

void cmd_pictures_read(const struct cmd_args *a, const struct nn_tensor *t,
                       struct cmd_pictures *p) {
    char shape[NN_SHAPE_TEXT];
    size_t side;
    *p = (struct cmd_pictures){.t = t, .c = 1};
    bool flat = t->ndim == 2 && cmd_square_side(t->shape[1], &side);
    if (t->ndim < 2 || t->ndim > 4 || (t->ndim == 2 && !flat) ||
        (t->ndim == 4 && t->shape[3] != 1 && t->shape[3] != 3))
        cell_raisef(a->L, ERR_SHAPE,
                    _("%s: las imágenes van como (n, alto, ancho, canales) con 1 o 3 "
                      "canales y llegó %s"),
                    a->row->name, nn_shape_text(shape, t->ndim, t->shape));
    p->n = t->shape[0];
    p->h = flat ? side : t->shape[1];
    p->w = flat ? side : t->shape[2];
    if (t->ndim == 4)
        p->c = t->shape[3];
}

/* Picture i as bytes: bytes as they are; reals from 0..1, or stretched when they leave
 * it. */
static const uint8_t *picture_bytes(lua_State *L, const struct cmd_pictures *p,
                                    size_t i) {
    size_t n = p->h * p->w * p->c;
    if (p->t->dtype == NN_U8)
        return nn_tensor_u8(p->t) + i * n;
    uint8_t *out = cmd_scratch(L, n, 1);
    double low = 0, high = 1;
    for (size_t k = 0; k < n; k++) {
        double v = nn_tensor_get(p->t, i * n + k);
        low = fmin(low, v);
        high = fmax(high, v);
    }
    for (size_t k = 0; k < n; k++) {
        double v = (nn_tensor_get(p->t, i * n + k) - low) / (high - low);
        out[k] = (uint8_t)lround(255 * (isfinite(v) ? v : 0));
    }
    return out;
}

struct viz_tile cmd_pictures_tile(lua_State *L, const struct cmd_pictures *p, size_t i) {
    return (struct viz_tile){
        .pixels = picture_bytes(L, p, i), .h = p->h, .w = p->w, .c = p->c};
}

int cmd_grid_show(const struct cmd_args *a, struct viz_grid *g) {
    lua_State *L = a->L;
    struct err e = {0};
    g->title = cmd_text(a, "title") ? cmd_text(a, "title") : g->title;
    g->caption = cmd_text(a, "caption");
    g->label = cmd_text(a, "label");
    if (viz_grid_bundle(cmd_figure_push(L), g, &e) < 0)
        cmd_raise(L, &e);
    cmd_show_now(L);
    return 1;
}
