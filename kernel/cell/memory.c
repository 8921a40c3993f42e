/* memory.c: the ceiling. Lua's allocator counts its bytes; what the engine holds for Lua
 * values is charged beside it. Past the ceiling Lua collects garbage once, then raises its
 * memory error, which leaves the state whole. */
#include "state.h"

#include <unistd.h>
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 33)
#include <malloc.h>
#define GIVES_BACK
#endif

#define GIVE_BACK ((size_t)32 << 20) /* bytes that are worth the walk */

/* Notes the running line: a memory error has no traceback of its own. */
static void note_place(struct cell *c) {
    lua_Debug ar;
    c->mem.refused = true;
    c->mem.line = 0;
    for (int level = 0; c->running && lua_getstack(c->running, level, &ar); level++) {
        lua_getinfo(c->running, "Sl", &ar);
        if (ar.currentline > 0) {
            memcpy(c->mem.where, ar.short_src, sizeof c->mem.where);
            c->mem.line = ar.currentline;
            return;
        }
    }
}

void *cell_memory_alloc(void *ud, void *ptr, size_t osize, size_t nsize) {
    struct cell *c = ud;
    struct cell_memory *m = &c->mem;
    size_t old = ptr ? osize : 0; /* without ptr, osize is the kind of object */
    if (nsize == 0) {
        free(ptr);
        m->lua -= old;
        return NULL;
    }
    if (nsize > old) {
        size_t used = m->lua + m->charged;
        if (used >= m->max || nsize - old > m->max - used) {
            note_place(c);
            return NULL;
        }
    }
    void *p = realloc(ptr, nsize);
    if (!p) {
        if (nsize <= old)
            return ptr; /* Lua counts on shrinking to succeed */
        note_place(c);
        return NULL;
    }
    m->lua += nsize - old;
    return p;
}

#ifdef GIVES_BACK
/* Bytes of this process in memory, 0 when they cannot be read. */
static size_t resident(void) {
    size_t pages = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    if (f && fscanf(f, "%*u %zu", &pages) != 1)
        pages = 0;
    if (f)
        fclose(f);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* Resident bytes that no block in use accounts for: code, stacks, and what was freed and is
 * still there. Negative when blocks were never written. */
static ptrdiff_t idle_bytes(const struct mallinfo2 *i) {
    return (ptrdiff_t)resident() - (ptrdiff_t)(i->uordblks + i->hblkhd);
}
#endif

/* A few small blocks among freed ones, and all of these stay in the process: the library
 * gives back by itself what lies at the end alone. What was given back is still free. */
void cell_memory_give_back(struct cell_memory *m) {
#ifdef GIVES_BACK
    struct mallinfo2 info = mallinfo2();
    if (info.fordblks < GIVE_BACK)
        return;
    ptrdiff_t idle = idle_bytes(&info);
    m->idle = MIN_OF(m->idle, idle);
    if (idle - m->idle < (ptrdiff_t)GIVE_BACK)
        return;
    (void)malloc_trim(0);
    info = mallinfo2();
    m->idle = idle_bytes(&info);
#else
    (void)m;
#endif
}

/* "512M", "2G", "1000000": 0 when it is no such text. */
static size_t parse_size(const char *s) {
    char *end;
    double v = strtod(s, &end);
    double unit = *end == 'K' || *end == 'k'   ? 1024.0
                  : *end == 'M' || *end == 'm' ? 1048576.0
                  : *end == 'G' || *end == 'g' ? 1073741824.0
                                               : 1.0;
    if (end == s || !(v > 0) || v * unit > (double)(SIZE_MAX / 4))
        return 0;
    return (size_t)(v * unit);
}

size_t cell_memory_default(void) {
    const char *env = getenv("NABLA_MEMORY");
    size_t asked = env ? parse_size(env) : 0;
    if (asked)
        return asked;
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    size_t all;
    if (pages <= 0 || page <= 0 || !mul_size(&all, (size_t)pages, (size_t)page))
        return (size_t)2 << 30;
    return all / 2;
}

void cell_memory_words(size_t bytes, char out[32]) {
    static const char *const unit[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    double v = (double)bytes;
    size_t u = 0;
    while (v >= 1024 && u + 1 < ARRAY_LEN(unit)) {
        v /= 1024;
        u++;
    }
    snprintf(out, 32, u ? "%.1f %s" : "%.0f %s", v, unit[u]);
}

/* Charged bytes that may come on top of `charged` before the next full collection. */
static size_t slack(size_t charged) {
    return MAX_OF((size_t)64 << 20, charged / 2);
}

int cell_memory_charge(lua_State *L, size_t bytes, struct err *e) {
    struct cell_memory *m = &cell_of(L)->mem;
    size_t want;
    bool fits = add_size(&want, m->charged, bytes);
    if (!fits || want > m->collect_at || want > m->max - MIN_OF(m->lua, m->max)) {
        lua_gc(L, LUA_GCCOLLECT);
        m->collect_at = m->charged + slack(m->charged);
    }
    size_t used = m->lua + m->charged;
    if (used > m->max || bytes > m->max - used) {
        char asked[32], limit[32], now[32];
        cell_memory_words(bytes, asked);
        cell_memory_words(m->max, limit);
        cell_memory_words(used, now);
        return err_set(e, ERR_NOMEM,
                       _("no hay memoria para %s más: se usan %s y el límite es %s "
                         "(NABLA_MEMORY lo cambia)"),
                       asked, now, limit);
    }
    m->charged += bytes;
    return 0;
}

void cell_memory_release(lua_State *L, size_t bytes) {
    struct cell_memory *m = &cell_of(L)->mem;
    m->charged -= MIN_OF(bytes, m->charged);
}

size_t cell_memory_used(lua_State *L) {
    struct cell_memory *m = &cell_of(L)->mem;
    return m->lua + m->charged;
}

size_t cell_memory_max(lua_State *L) {
    return cell_of(L)->mem.max;
}
