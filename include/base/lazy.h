/* lazy.h: a shared library that is loaded when it is first needed. A kernel that has not drawn or
 * downloaded anything yet starts without Cairo, libcurl and the dozens of libraries behind
 * them: they cost most of the start-up time and of the memory at rest.
 *
 * One file per library (cairo_lazy.c) defines the library's functions as forwarders, under their
 * own names and against the library's own header, so that the callers do not know:
 *
 *     static struct lazy_library library = {.name = "libcairo.so.2"};
 *     LAZY_VOID(library, cairo_fill, (cairo_t * c), (c))
 *     LAZY(library, cairo_t *, cairo_create, (cairo_surface_t * s), (s))
 *     int viz_cairo_load(struct err *e) { return lazy_load(&library, e); }
 *
 * The layer calls its load function once before it uses the library, and reports a library that is
 * missing as an ordinary error; a forwarder without library does nothing and returns 0.
 * Threads: any; loading twice is harmless. */
#ifndef BASE_LAZY_H
#define BASE_LAZY_H

#include "base/err.h"
#include "base/i18n.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>

struct lazy_library {
    const char *name; /* the soname, as the headers' own version has it */
    _Atomic(void *) handle;
};

/* ERR_NOTFOUND with the name when the library is not installed, ERR_NOMEM. */
static inline int lazy_load(struct lazy_library *l, struct err *e) {
    void *h = atomic_load_explicit(&l->handle, memory_order_acquire);
    if (!h) {
        errno = 0;
        h = dlopen(l->name, RTLD_LAZY | RTLD_LOCAL);
        if (!h && errno == ENOMEM)
            return err_set(e, ERR_NOMEM, _("no hay memoria para cargar %s"), l->name);
        atomic_store_explicit(&l->handle, h, memory_order_release);
    }
    return h ? ERR_OK : err_set(e, ERR_NOTFOUND, _("falta la biblioteca %s"), l->name);
}

/* The function of that name, or NULL; remembered in *slot. */
static inline void *lazy_symbol(struct lazy_library *l, _Atomic(void *) *slot,
                                const char *name) {
    void *f = atomic_load_explicit(slot, memory_order_acquire);
    if (!f && lazy_load(l, NULL) == ERR_OK) {
        f = dlsym(atomic_load_explicit(&l->handle, memory_order_relaxed), name);
        atomic_store_explicit(slot, f, memory_order_release);
    }
    return f;
}

/* Declares `call`, the library's function with its own type; dlsym's void * becomes a function
 * through a union, which POSIX guarantees and ISO C's cast does not. */
#define LAZY_CALL(library, name)                                                         \
    static _Atomic(void *) slot;                                                         \
    union {                                                                              \
        void *object;                                                                    \
        __typeof__(&name) function;                                                      \
    } call = {.object = lazy_symbol(&(library), &slot, #name)}

#define LAZY(library, type, name, params, args)                                          \
    type name params {                                                                   \
        LAZY_CALL(library, name);                                                        \
        return call.object ? call.function args : (type)0;                               \
    }

#define LAZY_VOID(library, name, params, args)                                           \
    void name params {                                                                   \
        LAZY_CALL(library, name);                                                        \
        if (call.object)                                                                 \
            call.function args;                                                          \
    }

#endif
