/* debug_lines.c: the lines of a text where the program can stop. lua_getinfo knows those of
 * a function that exists; the functions inside exist only once they are made. So they are
 * read out of the compiled chunk as lua_dump writes it (Lua 5.4, ldump.c: format 0), which
 * holds the line of each instruction of each function. */
#include "debug.h"

enum {
    HEADER = 4 + 1 + 1 + 6 + 3 + 8 + 8, /* signature to LUAC_NUM */
    INSTRUCTION = 4,                    /* bytes */
    ABSOLUTE = 0x80,                    /* a step of the line that does not fit a byte */
    DEPTH_MAX = 220,                    /* functions inside of functions: the parser's */
    LINES_MAX = 1 << 24
};

struct reader {
    const unsigned char *p, *end;
    struct buf *marks;
    bool bad;
};

static void skip(struct reader *r, size_t n) {
    if (n > (size_t)(r->end - r->p)) {
        r->bad = true;
        r->p = r->end;
    } else {
        r->p += n;
    }
}

static unsigned byte(struct reader *r) {
    const unsigned char *at = r->p;
    skip(r, 1);
    return r->bad ? 0 : *at;
}

/* Seven bits a byte, the highest first; the last byte has its top bit set. */
static size_t number(struct reader *r) {
    size_t n = 0;
    unsigned b = 0;
    do {
        b = byte(r);
        n = n << 7 | (b & 0x7F);
    } while (!(b & 0x80) && !r->bad);
    return n;
}

static void skip_items(struct reader *r, size_t size) {
    size_t n = number(r), bytes;
    if (mul_size(&bytes, n, size))
        skip(r, bytes);
    else
        r->bad = true;
}

static void skip_string(struct reader *r) {
    size_t n = number(r);
    if (n > 1) /* 0: none; else the length plus one */
        skip(r, n - 1);
}

static void skip_constants(struct reader *r) {
    for (size_t n = number(r); n > 0 && !r->bad; n--) {
        unsigned type = byte(r);
        if ((type & 0x0F) == LUA_TNUMBER)
            skip(r, 8);
        else if ((type & 0x0F) == LUA_TSTRING)
            skip_string(r);
    }
}

static void mark(struct reader *r, long line) {
    if (line < 1 || line > LINES_MAX)
        return;
    while (!r->marks->failed && r->marks->len <= (size_t)line)
        buf_putc(r->marks, 0);
    if (!r->marks->failed)
        r->marks->data[line] = 1;
}

/* The first instruction of a vararg function prepares its arguments: no hook sees it. */
static void read_lines(struct reader *r, long line, bool vararg) {
    size_t n = number(r);
    const unsigned char *step = r->p;
    skip(r, n);
    size_t absolutes = number(r);
    for (size_t pc = 0; pc < n && !r->bad; pc++) {
        if (step[pc] != ABSOLUTE) {
            line += (signed char)step[pc];
        } else if (absolutes > 0) {
            absolutes--;
            (void)number(r); /* pc */
            line = (long)number(r);
        } else {
            r->bad = true;
        }
        if (!(vararg && pc == 0))
            mark(r, line);
    }
    for (; absolutes > 0 && !r->bad; absolutes--) {
        (void)number(r);
        (void)number(r);
    }
}

static void read_function(struct reader *r, int depth) {
    if (depth > DEPTH_MAX) {
        r->bad = true;
        return;
    }
    skip_string(r);
    long defined = (long)number(r);
    (void)number(r); /* last line */
    (void)byte(r);   /* parameters */
    bool vararg = byte(r) != 0;
    (void)byte(r); /* stack size */
    skip_items(r, INSTRUCTION);
    skip_constants(r);
    skip_items(r, 3); /* upvalues */
    for (size_t n = number(r); n > 0 && !r->bad; n--)
        read_function(r, depth + 1);
    read_lines(r, defined, vararg);
    for (size_t n = number(r); n > 0 && !r->bad; n--) {
        skip_string(r); /* a local variable */
        (void)number(r);
        (void)number(r);
    }
    for (size_t n = number(r); n > 0 && !r->bad; n--)
        skip_string(r); /* an upvalue's name */
}

static int write_part(lua_State *L, const void *p, size_t n, void *arg) {
    (void)L;
    struct buf *b = arg;
    buf_add(b, p, n);
    return b->failed;
}

struct buf *cell_debug_lines(lua_State *L, const char *code, size_t len) {
    struct cell_code how = {0};
    luaL_checkstack(L, 8, NULL);
    struct buf *marks = cell_buf_push(L, LINES_MAX + 1);
    struct buf *dump = cell_buf_push(L, (size_t)256 << 20);
    bool ok = cell_compile(L, code, len, "=?", &how) == LUA_OK &&
              lua_dump(L, write_part, dump, 0) == 0 && dump->len > HEADER + 1;
    if (ok) {
        const unsigned char *p = (const unsigned char *)dump->data;
        struct reader r = {.p = p + HEADER + 1, .end = p + dump->len, .marks = marks};
        read_function(&r, 0);
        ok = !r.bad && !marks->failed && r.p == r.end;
    }
    buf_release(dump);
    lua_pop(L, ok ? 2 : 3);
    return ok ? marks : NULL;
}
