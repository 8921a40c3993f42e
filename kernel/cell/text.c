/* text.c: bytes of any kind as clean UTF-8, and the buffers that Lua's collector releases. */
#include "lex.h"
#include "state.h"

#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

void cell_text_clean(struct buf *out, const char *s, size_t n) {
    size_t plain = 0; /* bytes before i that can be added as they are */
    for (size_t i = 0; i < n;) {
        unsigned char c = (unsigned char)s[i];
        size_t step = cell_utf8_len(s + i, n - i);
        bool control = step == 1 && c != '\n' && c != '\t' && (c < 32 || c == 127);
        /* U+0080..U+009F are control characters as well */
        control = control || (step == 2 && c == 0xC2 && (unsigned char)s[i + 1] < 0xA0);
        if (step && !control) {
            i += step;
            continue;
        }
        buf_add(out, s + plain, i - plain);
        if (!step)
            buf_puts(out, "\xEF\xBF\xBD");
        else if (c == '\r' && i + 1 < n && s[i + 1] == '\n')
            ; /* the newline alone */
        else
            buf_printf(out, "\\%u",
                       step == 2 ? (unsigned)(unsigned char)s[i + 1] : (unsigned)c);
        i += step ? step : 1;
        plain = i;
    }
    buf_add(out, s + plain, n - plain);
}

static int buf_gc(lua_State *L) {
    buf_release(lua_touserdata(L, 1));
    return 0;
}

struct buf *cell_buf_push(lua_State *L, size_t max) {
    struct buf *b = lua_newuserdatauv(L, sizeof *b, 0);
    buf_init(b, max);
    if (luaL_newmetatable(L, "cell.buf")) {
        lua_pushcfunction(L, buf_gc);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    return b;
}

void cell_display_id(char id[33]) {
    static atomic_ulong count;
    unsigned char r[16];
    unsigned long n = atomic_fetch_add(&count, 1);
    if (getrandom(r, sizeof r, GRND_NONBLOCK) != (ssize_t)sizeof r) {
        unsigned long long t = (unsigned long long)(clock_seconds() * 1e9);
        unsigned long long mix[2] = {t ^ ((unsigned long long)getpid() << 40), n};
        memcpy(r, mix, sizeof r);
    }
    for (size_t i = 0; i < sizeof r; i++)
        snprintf(id + 2 * i, 3, "%02x", r[i]);
}
