/* spec.c: reading and writing "word(number, number)". */
#include "spec.h"

#include <ctype.h>
#include <math.h>

/* "HeNormal" as "he_normal", "L1L2" as "l1_l2". false: it does not fit. */
static bool small_letters(char out[NN_OPTION_TEXT], const char *word, size_t n) {
    size_t used = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)word[i];
        if (!isalnum(c) && c != '_')
            return false;
        if (used + 3 > NN_OPTION_TEXT)
            return false;
        if (isupper(c) && i > 0)
            out[used++] = '_';
        out[used++] = (char)tolower(c);
    }
    out[used] = '\0';
    return used > 0;
}

bool nn_spec_parse(struct nn_spec *s, const char *text) {
    size_t n = strcspn(text, "(");
    *s = (struct nn_spec){0};
    if (!small_letters(s->name, text, n))
        return false;
    if (!text[n])
        return true;
    const char *p = text + n + 1;
    p += strspn(p, " ");
    while (*p != ')') {
        char *end;
        if (s->n == NN_SPEC_ARGS)
            return false;
        double v = strtod(p, &end);
        if (end == p || !isfinite(v))
            return false;
        s->arg[s->n++] = v;
        p = end + strspn(end, " ");
        if (*p == ',')
            p += 1 + strspn(p + 1, " ");
        else if (*p != ')')
            return false;
    }
    return p[1] == '\0';
}

static void number_text(char text[32], double v) {
    for (int digits = 1; digits <= 15; digits++) {
        snprintf(text, 32, "%.*g", digits, v);
        if (strtod(text, NULL) == v)
            return;
    }
}

void nn_spec_text(char text[NN_OPTION_TEXT], const struct nn_spec *s) {
    char a[32] = "", b[32] = "";
    if (s->n > 0)
        number_text(a, s->arg[0]);
    if (s->n > 1)
        number_text(b, s->arg[1]);
    snprintf(text, NN_OPTION_TEXT,
             s->n == 0   ? "%s"
             : s->n == 1 ? "%s(%s)"
                         : "%s(%s,%s)",
             s->name, a, b);
}
