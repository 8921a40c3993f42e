/* chain_factors.c: dv/du between two steps with symbols: the sum, over the ways through
 * the unnamed parts between them, of the products of local derivatives. */
#include "chain.h"

#include "symbol.h"

#include "base/i18n.h"

#include <math.h>

struct search {
    struct cmd_explain *x;
    const bool *below; /* depends on w */
    struct cmd_factor *f;
    size_t n, cap;
};

static int no_memory(struct err *e) {
    return err_set(e, ERR_NOMEM, "%s", _("no queda memoria"));
}

void cmd_factors_free(struct cmd_factor *f, size_t n) {
    for (size_t i = 0; i < n; i++) {
        free(f[i].formula);
        free(f[i].numbers);
    }
    free(f);
}

static struct cmd_factor *factor_of(struct search *s, int v, int u) {
    for (size_t i = s->n; i-- > 0 && s->f[i].v == v;)
        if (s->f[i].u == u)
            return &s->f[i];
    if (s->n == s->cap) {
        size_t cap = s->cap ? 2 * s->cap : 32;
        struct cmd_factor *f = realloc(s->f, cap * sizeof *f);
        if (!f)
            return NULL;
        s->f = f;
        s->cap = cap;
    }
    s->f[s->n] = (struct cmd_factor){.v = v, .u = u, .value = NAN};
    return &s->f[s->n++];
}

/* A product that grows: ones are left out, minus signs are counted. */
struct product {
    char text[1024];
    bool negative;
    bool full; /* too long to be shown */
};

static void product_add(struct product *p, const struct cmd_explain *x, int i, int k) {
    struct buf b, t;
    buf_init(&b, 1 << 16);
    buf_init(&t, sizeof p->text - 1);
    cmd_explain_local(&b, x, i, k);
    const char *part = b.data ? b.data : "";
    if (part[0] == '-' && cmd_latex_binding(part + 1) < CMD_SUM) {
        p->negative = !p->negative;
        part++;
    }
    if (b.failed || part[0] == '\0') {
        p->full = true;
    } else if (strcmp(part, "1") != 0) {
        bool wrap = cmd_latex_binding(part) == CMD_SUM;
        buf_puts(&t, p->text);
        if (t.len)
            buf_puts(&t, x->as_numbers ? " \\cdot " : "\\,");
        buf_printf(&t, "%s%s%s", wrap ? "(" : "", part, wrap ? ")" : "");
        p->full = p->full || t.failed;
        if (!t.failed)
            memcpy(p->text, t.data, t.len + 1);
    }
    buf_release(&b);
    buf_release(&t);
}

/* A lone sum needs no parentheses. */
static const char *product_text(struct product *p) {
    size_t n = strlen(p->text);
    if (n == 0)
        return "1";
    if (!p->negative && p->text[0] == '(' && p->text[n - 1] == ')') {
        int depth = 0;
        size_t at = 0;
        do
            depth += p->text[at] == '(' ? 1 : p->text[at] == ')' ? -1 : 0;
        while (depth > 0 && ++at < n);
        if (at == n - 1) {
            p->text[n - 1] = '\0';
            return p->text + 1;
        }
    }
    return p->text;
}

static bool add_term(struct cmd_factor *f, char **to, struct product *p) {
    struct buf b;
    if (p->full || f->terms > CMD_TERMS_MAX) {
        free(*to);
        *to = NULL;
        f->terms = CMD_TERMS_MAX + 1;
        return true;
    }
    buf_init(&b, 1 << 16);
    buf_puts(&b, *to ? *to : "");
    buf_puts(&b, p->negative ? "-" : b.len ? "+" : "");
    buf_puts(&b, product_text(p));
    if (b.failed) {
        buf_release(&b);
        return false;
    }
    free(*to);
    *to = buf_take(&b, NULL);
    return true;
}

/* The formulas of the factors of v, through node i. */
static int walk(struct search *s, int v, int i, const struct product *so_far, int depth,
                struct err *e) {
    const struct cmd_node *d = &s->x->node[i];
    for (int k = 0; k < d->n_in; k++) {
        int u = d->in[k];
        if (!s->below[u])
            continue;
        struct product p = *so_far;
        product_add(&p, s->x, i, k);
        p.full = p.full || depth >= CMD_DEPTH_MAX;
        if (!s->x->node[u].tex) {
            int rc = depth < 2 * CMD_DEPTH_MAX ? walk(s, v, u, &p, depth + 1, e) : 0;
            if (rc < 0)
                return rc;
            continue;
        }
        struct cmd_factor *f = factor_of(s, v, u);
        if (!f)
            return no_memory(e);
        if (!s->x->as_numbers)
            f->terms++;
        if (!add_term(f, s->x->as_numbers ? &f->numbers : &f->formula, &p))
            return no_memory(e);
    }
    return 0;
}

/* The values: what reaches each step when v alone is pushed, through unnamed nodes. */
static int weigh(struct search *s, int v, size_t first, struct err *e) {
    double *reach = calloc((size_t)v + 1, sizeof *reach);
    if (!reach)
        return no_memory(e);
    reach[v] = 1;
    for (int i = v; i >= 0; i--) {
        const struct cmd_node *d = &s->x->node[i];
        if (reach[i] == 0 || (i != v && d->tex))
            continue;
        for (int k = 0; k < d->n_in; k++)
            if (s->below[d->in[k]])
                reach[d->in[k]] += reach[i] * d->local[k];
    }
    for (size_t i = first; i < s->n; i++)
        s->f[i].value = reach[s->f[i].u];
    free(reach);
    return 0;
}

static int find_from(struct search *s, int v, struct err *e) {
    size_t first = s->n;
    struct product none = {.text = ""};
    s->x->as_numbers = false;
    int rc = walk(s, v, v, &none, 0, e);
    if (rc == 0 && s->x->single) {
        s->x->as_numbers = true;
        rc = walk(s, v, v, &none, 0, e);
        s->x->as_numbers = false;
        if (rc == 0)
            rc = weigh(s, v, first, e);
    }
    return rc;
}

int cmd_factors_find(struct cmd_factor **out, size_t *n, struct cmd_explain *x, int w,
                     struct err *e) {
    bool *below = calloc(x->n, sizeof *below);
    struct search s = {.x = x, .below = below};
    int rc = below ? 0 : no_memory(e);
    for (size_t i = 0; rc == 0 && i < x->n; i++) {
        const struct cmd_node *d = &x->node[i];
        below[i] = (int)i == w;
        for (int k = 0; k < d->n_in; k++)
            below[i] = below[i] || (below[d->in[k]] && d->twin->requires_grad);
    }
    for (size_t i = x->n; rc == 0 && i-- > (size_t)w + 1;)
        if (below[i] && x->node[i].tex)
            rc = find_from(&s, (int)i, e);
    free(below);
    *out = s.f;
    *n = s.n;
    return rc;
}
