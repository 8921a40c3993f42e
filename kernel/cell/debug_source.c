/* debug_source.c: cells by the name that the front end computes for them: a prefix, the
 * MurmurHash2 of the text in decimal, a suffix. No such file exists; the texts stay here. */
#include "debug.h"

#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX ((size_t)16 << 20) /* bytes of a script that is shown */

/* MurmurHash2 (Austin Appleby, public domain), 32 bits, bytes in little-endian order. The
 * front end computes the same over the cell's UTF-8. */
uint32_t cell_debug_hash(const char *text, size_t len) {
    const uint32_t m = 0x5bd1e995;
    const unsigned char *p = (const unsigned char *)text;
    uint32_t h = CELL_DEBUG_SEED ^ (uint32_t)len;
    for (; len >= 4; p += 4, len -= 4) {
        uint32_t k = (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
                     (uint32_t)p[3] << 24;
        k *= m;
        k ^= k >> 24;
        k *= m;
        h = (h * m) ^ k;
    }
    if (len >= 3)
        h ^= (uint32_t)p[2] << 16;
    if (len >= 2)
        h ^= (uint32_t)p[1] << 8;
    if (len >= 1)
        h = (h ^ p[0]) * m;
    h ^= h >> 13;
    h *= m;
    return h ^ (h >> 15);
}

const char *cell_debug_prefix(char out[64]) {
    (void)snprintf(out, 64, "/tmp/nabla_%ld/", (long)getpid());
    return out;
}

const char *cell_debug_suffix(void) {
    return ".lua";
}

static void path_of_hash(uint32_t hash, char path[DEBUG_PATH]) {
    char prefix[64];
    (void)snprintf(path, DEBUG_PATH, "%s%u%s", cell_debug_prefix(prefix), hash,
                   cell_debug_suffix());
}

/* source is lua_Debug's: "=celda 3", "@modelo.lua", or a text that load was given. */
bool cell_debug_hashed(struct cell *c, const char *source, size_t len, uint32_t *hash) {
    if (*source == '@')
        return false;
    if (*source == '=')
        return cell_source_hash(c, source + 1, hash);
    *hash = cell_debug_hash(source, len);
    return true;
}

void cell_debug_path(struct cell *c, const char *source, size_t len,
                     char path[DEBUG_PATH]) {
    uint32_t hash;
    if (cell_debug_hashed(c, source, len, &hash))
        path_of_hash(hash, path);
    else
        (void)snprintf(path, DEBUG_PATH, "%s", source + 1);
}

bool cell_debug_hash_of_path(const char *path, uint32_t *hash) {
    char prefix[64];
    size_t n = strlen(cell_debug_prefix(prefix));
    char *end;
    if (strncmp(path, prefix, n) != 0)
        return false;
    unsigned long long number = strtoull(path + n, &end, 10);
    *hash = (uint32_t)number;
    return end != path + n && number <= UINT32_MAX &&
           strcmp(end, cell_debug_suffix()) == 0;
}

static const struct debug_text *dumped(const struct cell_debug *d, uint32_t hash) {
    for (size_t i = 0; i < DEBUG_TEXTS; i++)
        if (d->text[i].text && d->text[i].hash == hash)
            return &d->text[i];
    return NULL;
}

void cell_debug_keep(struct cell_debug *d, const char *text, size_t len) {
    uint32_t hash = cell_debug_hash(text, len);
    if (len > DEBUG_TEXT_MAX || dumped(d, hash))
        return;
    struct debug_text *t = &d->text[d->next_text];
    char *copy = copy_bytes(text, len);
    if (!copy)
        return;
    d->next_text = (d->next_text + 1) % DEBUG_TEXTS;
    free(t->text);
    *t = (struct debug_text){.hash = hash, .text = copy, .len = len};
}

/* A pipe or a terminal would be waited for. */
static bool read_file(lua_State *L, const char *path) {
    struct stat st;
    FILE *f = stat(path, &st) == 0 && S_ISREG(st.st_mode) ? fopen(path, "rbe") : NULL;
    if (!f)
        return false;
    struct buf *b = cell_buf_push(L, FILE_MAX);
    char part[4096];
    size_t n;
    while (!b->failed && (n = fread(part, 1, sizeof part, f)) > 0)
        buf_add(b, part, n);
    bool ok = !ferror(f) && !b->failed;
    (void)fclose(f);
    if (ok)
        lua_pushlstring(L, b->data ? b->data : "", b->len);
    lua_remove(L, ok ? -2 : -1);
    return ok;
}

bool cell_debug_text(lua_State *L, struct cell *c, const char *path) {
    uint32_t hash;
    size_t len = 0;
    const char *text = NULL;
    luaL_checkstack(L, 4, NULL);
    if (cell_debug_hash_of_path(path, &hash)) {
        const struct debug_text *t = dumped(c->debug, hash);
        text = t ? t->text : cell_source_of_hash(c, hash, &len);
        len = t ? t->len : len;
    } else {
        text = cell_source_text(c, path, &len);
        if (!text)
            return read_file(L, path);
    }
    if (text)
        lua_pushlstring(L, text, len);
    return text != NULL;
}

void cell_debug_dump_cell(lua_State *L, struct debug_ask *a) {
    (void)L;
    const json_t *code = json_object_get(a->args, "code");
    if (!json_is_string(code)) {
        cell_debug_refuse(a, _("a %s le falta «%s»"), a->command, "code");
        return;
    }
    size_t len = json_string_length(code);
    if (len > DEBUG_TEXT_MAX) {
        cell_debug_refuse(a, _("la celda tiene %zu bytes y el depurador admite %d"), len,
                          DEBUG_TEXT_MAX);
        return;
    }
    char path[DEBUG_PATH];
    cell_debug_keep(a->d, json_string_value(code), len);
    path_of_hash(cell_debug_hash(json_string_value(code), len), path);
    a->body = json_pack("{s:s}", "sourcePath", path);
}

void cell_debug_source(lua_State *L, struct debug_ask *a) {
    const char *path = cell_debug_string(json_object_get(a->args, "source"), "path");
    size_t n;
    if (!path || !cell_debug_text(L, a->c, path)) {
        cell_debug_refuse(a, _("no se conoce el texto de «%s»"), path ? path : "");
        return;
    }
    const char *s = lua_tolstring(L, -1, &n);
    a->body = json_pack("{s:o, s:s}", "content", cell_debug_text_of(s, n), "mimeType",
                        "text/x-lua");
}
