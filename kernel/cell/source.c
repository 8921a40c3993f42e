/* source.c: the texts of the latest cells, so that a traceback can show the lines it names. A
 * ring: the oldest goes when there are CELL_SOURCES of them or 8 MiB. */
#include "state.h"

#define BYTES_MAX ((size_t)8 << 20)

static struct cell_source *find(struct cell *c, const char *name) {
    for (size_t i = 0; i < CELL_SOURCES; i++)
        if (c->source[i].text && strcmp(c->source[i].name, name) == 0)
            return &c->source[i];
    return NULL;
}

static void drop(struct cell *c, struct cell_source *s) {
    if (s->text)
        c->source_bytes -= s->len;
    free(s->text);
    *s = (struct cell_source){0};
}

/* Short of memory the text is not kept: tracebacks then show line numbers alone. */
void cell_source_keep(struct cell *c, const char *name, const char *text, size_t len) {
    struct cell_source *s = find(c, name);
    if (s)
        drop(c, s);
    if (len > BYTES_MAX)
        return;
    for (size_t i = 0; i < CELL_SOURCES && c->source_bytes + len > BYTES_MAX; i++)
        drop(c, &c->source[(c->next_source + i) % CELL_SOURCES]);
    if (!s) {
        s = &c->source[c->next_source];
        c->next_source = (c->next_source + 1) % CELL_SOURCES;
        drop(c, s);
    }
    s->text = copy_bytes(text, len);
    if (!s->text)
        return;
    s->len = len;
    s->hash = cell_debug_hash(text, len);
    s->began = time(NULL);
    c->source_bytes += len;
    snprintf(s->name, sizeof s->name, "%s", name);
}

const char *cell_source_text(struct cell *c, const char *name, size_t *len) {
    struct cell_source *s = find(c, name);
    *len = s ? s->len : 0;
    return s ? s->text : NULL;
}

void cell_source_number(struct cell *c, const char *name, int count) {
    struct cell_source *s = find(c, name);
    if (s)
        s->count = count;
}

const char *cell_ran(lua_State *L, int count, time_t *began) {
    struct cell *c = cell_of(L);
    for (size_t i = 0; i < CELL_SOURCES; i++) {
        const struct cell_source *s = &c->source[i];
        if (count > 0 && s->text && s->count == count) {
            *began = s->began;
            return s->text;
        }
    }
    return NULL;
}

int cell_count(lua_State *L) {
    return cell_of(L)->count;
}

bool cell_source_hash(struct cell *c, const char *name, uint32_t *hash) {
    struct cell_source *s = find(c, name);
    *hash = s ? s->hash : 0;
    return s != NULL;
}

const char *cell_source_of_hash(struct cell *c, uint32_t hash, size_t *len) {
    for (size_t i = 0; i < CELL_SOURCES; i++) {
        const struct cell_source *s = &c->source[i];
        if (s->text && s->hash == hash) {
            *len = s->len;
            return s->text;
        }
    }
    return NULL;
}

bool cell_source_line(struct cell *c, const char *name, int line, const char **out,
                      size_t *n) {
    size_t len, i = 0;
    const char *text = cell_source_text(c, name, &len);
    if (!text || line < 1)
        return false;
    for (int at = 1; at < line; at++) {
        const char *nl = memchr(text + i, '\n', len - i);
        if (!nl)
            return false;
        i = (size_t)(nl - text) + 1;
    }
    const char *end = memchr(text + i, '\n', len - i);
    *out = text + i;
    *n = end ? (size_t)(end - *out) : len - i;
    while (*n && (*out)[*n - 1] == '\r')
        (*n)--;
    return true;
}

void cell_source_release(struct cell *c) {
    for (size_t i = 0; i < CELL_SOURCES; i++)
        drop(c, &c->source[i]);
}
