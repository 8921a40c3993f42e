/* contour.c: lines of equal value. Each cell of the grid is cut where the level crosses
 * its edges; pieces that share an edge are then joined. The two readings of a saddle are
 * told apart by the value in the middle of the cell. */
#include "contour.h"

#include "base/util.h"
#include "scene_list.h"

#include <math.h>

/* A crossed edge of the grid, and the pieces of line that end there, from 1. */
struct edge {
    uint32_t piece[2];
};

struct piece {
    size_t edge[2];
    double end[2][2]; /* (col, row) */
    bool used;
};

struct tracer {
    const struct viz_field *f;
    double level;
    struct edge *edge; /* of node i: 2 i to the right, 2 i + 1 upwards */
    struct piece *piece;
    size_t n, cap;
    struct contour *out;
};

double viz_field_between(const struct viz_field *f, double row, double col) {
    size_t r = MIN_OF((size_t)fmax(row, 0), f->rows - 2);
    size_t c = MIN_OF((size_t)fmax(col, 0), f->cols - 2);
    double v = row - (double)r, u = col - (double)c;
    const double *z = f->z + r * f->cols + c;
    return (1 - v) * ((1 - u) * z[0] + u * z[1]) +
           v * ((1 - u) * z[f->cols] + u * z[f->cols + 1]);
}

struct crossing {
    size_t edge;
    double at[2];
};

/* Where the level crosses the cell at (r, c), in order around it: at most four. */
static int find_crossings(struct crossing out[4], const struct tracer *t, size_t r,
                          size_t c) {
    static const size_t corner[5][2] = {{0, 0}, {0, 1}, {1, 1}, {1, 0}, {0, 0}};
    const struct viz_field *f = t->f;
    size_t node = r * f->cols + c;
    const size_t edge[4] = {2 * node, 2 * (node + 1) + 1, 2 * (node + f->cols),
                            2 * node + 1};
    int n = 0;
    for (int k = 0; k < 4; k++) {
        const size_t *a = corner[k], *b = corner[k + 1];
        double za = f->z[node + a[0] * f->cols + a[1]];
        double zb = f->z[node + b[0] * f->cols + b[1]];
        if (!isfinite(za) || !isfinite(zb))
            return 0;
        if ((za < t->level) == (zb < t->level))
            continue;
        double part = (t->level - za) / (zb - za);
        out[n].edge = edge[k];
        out[n].at[0] = (double)(c + a[1]) + part * ((double)b[1] - (double)a[1]);
        out[n++].at[1] = (double)(r + a[0]) + part * ((double)b[0] - (double)a[0]);
    }
    return n;
}

static bool add_piece(struct tracer *t, const struct crossing *a,
                      const struct crossing *b) {
    if (t->n == t->cap) {
        size_t cap = t->cap ? 2 * t->cap : 128, bytes;
        struct piece *more =
            mul_size(&bytes, cap, sizeof *more) ? realloc(t->piece, bytes) : NULL;
        if (!more)
            return false;
        t->piece = more;
        t->cap = cap;
    }
    t->piece[t->n++] = (struct piece){
        .edge = {a->edge, b->edge}, .end = {{a->at[0], a->at[1]}, {b->at[0], b->at[1]}}};
    for (int k = 0; k < 2; k++) {
        struct edge *e = &t->edge[k ? b->edge : a->edge];
        e->piece[e->piece[0] ? 1 : 0] = (uint32_t)t->n;
    }
    return true;
}

static bool cut_cell(struct tracer *t, size_t r, size_t c) {
    struct crossing x[4];
    const struct viz_field *f = t->f;
    int n = find_crossings(x, t, r, c);
    if (n < 2)
        return true;
    if (n == 2)
        return add_piece(t, &x[0], &x[1]);
    /* Four: x[3] and x[0] surround the first corner. When the middle lies on its side the
     * corner stays connected, and the lines cut off the two beside it. */
    bool first = f->z[r * f->cols + c] < t->level;
    bool middle = viz_field_between(f, (double)r + 0.5, (double)c + 0.5) < t->level;
    int k = first == middle ? 0 : 1;
    return add_piece(t, &x[k], &x[k + 1]) && add_piece(t, &x[k + 2], &x[(k + 3) % 4]);
}

static void put_point(struct contour *o, double x, double y) {
    o->xy[2 * o->n] = x;
    o->xy[2 * o->n++ + 1] = y;
}

/* From the free end `side` of piece i along the line to its end, or around it. */
static void follow(struct tracer *t, size_t i, int side) {
    put_point(t->out, t->piece[i].end[side][0], t->piece[i].end[side][1]);
    for (;;) {
        struct piece *p = &t->piece[i];
        const struct edge *e = &t->edge[p->edge[!side]];
        p->used = true;
        put_point(t->out, p->end[!side][0], p->end[!side][1]);
        uint32_t next = e->piece[0] == i + 1 ? e->piece[1] : e->piece[0];
        if (next == 0 || t->piece[next - 1].used)
            break;
        side = t->piece[next - 1].edge[0] == p->edge[!side] ? 0 : 1;
        i = next - 1;
    }
    put_point(t->out, (double)NAN, (double)NAN);
}

/* Open lines from their ends first, then the closed ones. */
static void join(struct tracer *t) {
    for (int closed = 0; closed < 2; closed++)
        for (size_t i = 0; i < t->n; i++)
            for (int side = 0; side < 2 && !t->piece[i].used; side++)
                if (closed || t->edge[t->piece[i].edge[side]].piece[1] == 0)
                    follow(t, i, side);
}

int viz_contour_trace(struct contour *out, const struct viz_field *f, double level,
                      struct err *e) {
    struct tracer t = {.f = f, .level = level, .out = out};
    size_t bytes;
    int rc = ERR_NOMEM;
    *out = (struct contour){0};
    t.edge = calloc(2 * f->rows * f->cols, sizeof *t.edge);
    if (!t.edge)
        goto done;
    for (size_t r = 0; r + 1 < f->rows; r++)
        for (size_t c = 0; c + 1 < f->cols; c++)
            if (!cut_cell(&t, r, c))
                goto done;
    /* A line of k pieces takes k + 1 points and a gap: at most 3 a piece. */
    if (t.n > 0) {
        out->xy = mul_size(&bytes, t.n, 6 * sizeof *out->xy) ? malloc(bytes) : NULL;
        if (!out->xy)
            goto done;
        join(&t);
    }
    rc = 0;
done:
    free(t.edge);
    free(t.piece);
    return rc ? viz_no_memory(e) : 0;
}
