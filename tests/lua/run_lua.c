/* run_lua.c: runs scripts that carry their expected output beside the line.
 *
 *     run_lua FILE.lua...
 *
 * A script is a list of cells with blank lines between them; one interpreter runs them all.
 *     print(1 + 1)      --> 2
 *     x + 1             --> 3            the value shown is output as well
 *     --> more                           a further line, or one of its own
 *     print(("x"):rep(1000)) --> xxx...  ends in ...: the line begins with this
 *     nn.Dens(3)        --! Dense        the cell fails, and ename or sentence hold this
 *     f(1               --! =falta …     ... and the sentence is this
 * A script without any mark is one cell: it asserts what it means.
 * A cell with --> must print exactly these lines; one without may print anything. What is
 * displayed counts by its text/plain. Prints each difference; the exit status is the number
 * of cells that failed (at most 100). */
#include "../unit/cell/recorder.h"

#ifndef RUN_LUA_BARE
#include "command/command.h"
#endif

#include <ctype.h>

struct lines {
    char *line[512];
    size_t n;
};

struct script_cell {
    int first_line;
    const char *code;
    size_t len;
    struct lines want;
    char *fail; /* after --!, or NULL */
};

static void lines_release(struct lines *l) {
    for (size_t i = 0; i < l->n; i++)
        free(l->line[i]);
    l->n = 0;
}

static void lines_add(struct lines *l, const char *s, size_t n) {
    while (n && isspace((unsigned char)s[n - 1]))
        n--;
    char *copy = copy_bytes(s, n);
    if (copy && l->n < ARRAY_LEN(l->line))
        l->line[l->n++] = copy;
    else
        free(copy);
}

static void show(void *self, uint64_t origin, const struct mime_bundle *b, const char *id,
                 bool update) {
    struct recorder *r = self;
    (void)origin;
    (void)id;
    (void)update;
    const struct mime_item *m = mime_get(b, "text/plain");
    if (m) {
        buf_add(&r->out, m->data, m->len);
        buf_putc(&r->out, '\n');
    }
}

/* The expectation in one line of source, if there is one. */
static void read_mark(struct script_cell *c, const char *s, size_t n) {
    for (size_t i = 0; i + 3 <= n; i++) {
        if (memcmp(s + i, "-->", 3) != 0 && memcmp(s + i, "--!", 3) != 0)
            continue;
        const char *text = s + i + 3;
        size_t k = n - i - 3;
        if (k && *text == ' ') {
            text++;
            k--;
        }
        while (k && isspace((unsigned char)text[k - 1]))
            k--;
        if (s[i + 2] == '>') {
            lines_add(&c->want, text, k);
        } else {
            free(c->fail);
            c->fail = copy_bytes(text, k);
        }
        return;
    }
}

static bool is_blank(const char *s, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!isspace((unsigned char)s[i]))
            return false;
    return true;
}

static size_t line_len(const char *s, size_t left) {
    const char *nl = memchr(s, '\n', left);
    return nl ? (size_t)(nl - s) : left;
}

/* The next cell from *at on; false at the end of the text. */
static bool next_cell(const char *text, size_t len, size_t *at, int *line,
                      struct script_cell *c) {
    *c = (struct script_cell){0};
    while (*at < len) {
        size_t n = line_len(text + *at, len - *at);
        bool blank = is_blank(text + *at, n);
        if (blank && c->code)
            break;
        if (!blank && !c->code) {
            c->code = text + *at;
            c->first_line = *line;
        }
        if (!blank)
            read_mark(c, text + *at, n);
        *at += MIN_OF(n + 1, len - *at);
        (*line)++;
        if (c->code)
            c->len = (size_t)(text + *at - c->code);
    }
    return c->code != NULL;
}

static bool line_fits(const char *want, const char *got) {
    size_t n = strlen(want);
    if (n >= 3 && strcmp(want + n - 3, "...") == 0)
        return strncmp(want, got, n - 3) == 0;
    return strcmp(want, got) == 0;
}

static bool compare(const char *path, const struct script_cell *c,
                    const struct lines *got) {
    bool same = got->n == c->want.n;
    for (size_t i = 0; same && i < got->n; i++)
        same = line_fits(c->want.line[i], got->line[i]);
    if (same)
        return true;
    printf("%s:%d: the output differs\n", path, c->first_line);
    for (size_t i = 0; i < MAX_OF(got->n, c->want.n); i++) {
        const char *w = i < c->want.n ? c->want.line[i] : "(nothing)";
        const char *g = i < got->n ? got->line[i] : "(nothing)";
        printf("  %c expected: %s\n    got:      %s\n", line_fits(w, g) ? ' ' : '*', w,
               g);
    }
    return false;
}

static bool check_error(const char *path, const struct script_cell *c,
                        const struct interp_result *out) {
    const char *fail = c->fail;
    if (!out->ok && fail && fail[0] == '=' && strcmp(out->error.evalue, fail + 1) == 0)
        return true;
    if (!out->ok && fail &&
        (strstr(out->error.evalue, fail) || strstr(out->error.ename, fail)))
        return true;
    if (out->ok && !c->fail)
        return true;
    printf("%s:%d: %s\n", path, c->first_line,
           out->ok ? "it did not fail" : "another error");
    if (c->fail)
        printf("    expected: %s\n", c->fail);
    for (size_t i = 0; i < out->error.lines; i++)
        printf("    %s\n", out->error.traceback[i]);
    return false;
}

static bool run_cell(struct cell *cell, struct recorder *r, const char *path,
                     const struct script_cell *c, int number) {
    recorder_reset(r);
    struct interp_result out = recorder_run_n(cell, c->code, c->len, number);
    if (out.ok && out.value.n)
        show(r, 0, &out.value, NULL, false);
    struct lines got = {0};
    for (size_t i = 0; i < r->out.len;) {
        size_t n = line_len(r->out.data + i, r->out.len - i);
        lines_add(&got, r->out.data + i, n);
        i += n + 1;
    }
    bool ok = check_error(path, c, &out);
    if (ok && c->want.n)
        ok = compare(path, c, &got);
    lines_release(&got);
    interp_result_release(&out);
    return ok;
}

/* The whole text as one cell, for a script without marks. */
static bool whole(const struct buf *text, size_t *at, struct script_cell *c) {
    if (*at >= text->len)
        return false;
    *at = text->len;
    *c = (struct script_cell){.first_line = 1, .code = text->data, .len = text->len};
    return true;
}

static bool has_marks(const struct buf *text) {
    return text->len && (strstr(text->data, "-->") || strstr(text->data, "--!"));
}

static bool read_file(const char *path, struct buf *b) {
    FILE *f = fopen(path, "rb");
    if (!f)
        return false;
    char part[4096];
    size_t n;
    while ((n = fread(part, 1, sizeof part, f)) > 0)
        buf_add(b, part, n);
    fclose(f);
    return !b->failed;
}

static int run_script(const char *path) {
    struct recorder r;
    struct err e = {0};
    struct cell *cell = NULL;
    struct buf text;
    int bad = 0, cells = 0, line = 1;
    size_t at = 0;
    recorder_init(&r);
    r.host.display = show;
    buf_init(&text, 1 << 24);
    struct cell_config cfg = {.host = &r.host};
#ifndef RUN_LUA_BARE
    cfg.open = cmd_open;
#endif
    if (!read_file(path, &text) || cell_new(&cell, &cfg, &e) < 0) {
        printf("%s: %s\n", path, e.code ? e.msg : "cannot be read");
        bad = 1;
        goto done;
    }
    struct script_cell c;
    bool marked = has_marks(&text);
    while (marked ? next_cell(text.data, text.len, &at, &line, &c)
                  : whole(&text, &at, &c)) {
        bad += !run_cell(cell, &r, path, &c, ++cells);
        lines_release(&c.want);
        free(c.fail);
    }
    printf("%s %s: %d cells\n", bad ? "FAILED" : "ok", path, cells);
done:
    cell_free(cell);
    buf_release(&text);
    recorder_release(&r);
    return bad;
}

int main(int argc, char **argv) {
    int bad = 0;
    for (int i = 1; i < argc; i++)
        bad += run_script(argv[i]);
    return MIN_OF(bad, 100);
}
