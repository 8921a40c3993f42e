/* stop.c: the graded interrupt, and how it reaches a Lua loop.
 *
 * A count hook that is always installed halves Lua's speed (measured: 0.18 s against 0.36 s
 * for the same loop), so none is. The request sends SIGURG to the thread that executes;
 * there the handler sets the hook, as Lua allows from a signal handler of its own thread,
 * and the hook raises. SIGURG is ignored by default and nothing else here uses it. */
#include "state.h"

#include <errno.h>
#include <signal.h>

#define WINDOW_NS 3000000000LL /* a second request within this unwinds */

/* A sanitizer that delays signals until the next call into libc cannot break a pure loop. */
#if defined(__SANITIZE_THREAD__)
#define HOOK_ALWAYS 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define HOOK_ALWAYS 1
#endif
#endif

static _Thread_local struct cell *volatile executing_here;

static void hook(lua_State *L, lua_Debug *ar) {
    (void)ar;
    struct cell_stop *s = &cell_of(L)->stop;
    if (s->unwinding || atomic_load(&s->pending) == CELL_UNWIND)
        cell_raise_interrupt(L);
#ifndef HOOK_ALWAYS
    lua_sethook(L, NULL, 0, 0);
#endif
    cell_stop_visit(L);
}

static void on_signal(int number) {
    (void)number;
    int keep = errno;
    struct cell *c = executing_here;
    if (c &&
        (atomic_load(&c->stop.pending) == CELL_UNWIND || atomic_load(&c->stop.attend))) {
        lua_sethook(c->L, hook, LUA_MASKCOUNT, 1);
        if (c->running != c->L)
            lua_sethook(c->running, hook, LUA_MASKCOUNT, 1);
    }
    errno = keep;
}

static void install(void) {
    struct sigaction sa = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigemptyset(&sa.sa_mask);
    sigaction(SIGURG, &sa, NULL);
}

void cell_stop_enter(struct cell *c) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, install);
    sigset_t urgent;
    sigemptyset(&urgent);
    sigaddset(&urgent, SIGURG);
    pthread_sigmask(SIG_UNBLOCK, &urgent, NULL);
    c->stop.thread = pthread_self();
    c->stop.unwinding = false;
    atomic_store(&c->stop.pending, CELL_GO);
    atomic_store(&c->stop.training, 0);
    atomic_store(&c->stop.last_ns, 0);
    c->running = c->L;
    executing_here = c;
#ifdef HOOK_ALWAYS
    lua_sethook(c->L, hook, LUA_MASKCOUNT, 1000);
#endif
    atomic_store(&c->stop.executing, true);
    if (atomic_load(&c->stop.attend)) /* asked before there was anybody to ask */
        lua_sethook(c->L, hook, LUA_MASKCOUNT, 1);
}

void cell_stop_leave(struct cell *c) {
    atomic_store(&c->stop.executing, false);
    executing_here = NULL;
    lua_sethook(c->L, NULL, 0, 0);
    c->stop.unwinding = false;
    c->running = c->L;
    atomic_store(&c->stop.pending, CELL_GO);
    atomic_store(&c->stop.training, 0);
}

struct cell_stop *cell_stop_of(lua_State *L) {
    return &cell_of(L)->stop;
}

/* Fit for a signal handler. */
static void wake(struct cell_stop *s) {
    if (atomic_exchange(&s->waiting, false))
        sem_post(&s->wake);
}

static void raise_to(struct cell_stop *s, int kind) {
    int was = atomic_load(&s->pending);
    while (was < kind && !atomic_compare_exchange_weak(&s->pending, &was, kind)) {
    }
}

void cell_stop_request(struct cell_stop *s) {
    atomic_fetch_add(&s->requests, 1);
    if (!atomic_load(&s->executing))
        return;
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    long long now = (long long)t.tv_sec * 1000000000LL + t.tv_nsec;
    long long before = atomic_exchange(&s->last_ns, now);
    bool again = before && now - before <= WINDOW_NS;
    bool gentle = atomic_load(&s->training) > 0 && !again;
    raise_to(s, gentle ? CELL_GENTLE : CELL_UNWIND);
    wake(s);
    if (!gentle)
        pthread_kill(s->thread, SIGURG);
}

void cell_stop_request_gentle(struct cell_stop *s) {
    if (atomic_load(&s->training) > 0)
        raise_to(s, CELL_GENTLE);
    wake(s);
}

void cell_stop_begin(struct cell_stop *s) {
    int stale = CELL_GENTLE; /* meant for a training that is over */
    if (atomic_load(&s->training) == 0)
        atomic_compare_exchange_strong(&s->pending, &stale, CELL_GO);
    atomic_fetch_add(&s->training, 1);
}

enum cell_stop_kind cell_stop_poll(struct cell_stop *s) {
    int kind = atomic_load(&s->pending);
    if (kind == CELL_GENTLE && atomic_load(&s->training) == 0)
        return CELL_GO;
    return (enum cell_stop_kind)kind;
}

enum cell_stop_kind cell_stop_end(struct cell_stop *s) {
    if (atomic_load(&s->training) > 0)
        atomic_fetch_sub(&s->training, 1);
    int kind = CELL_GENTLE;
    if (atomic_compare_exchange_strong(&s->pending, &kind, CELL_GO))
        return CELL_GENTLE;
    return (enum cell_stop_kind)kind;
}

int cell_raise_interrupt(lua_State *L) {
    struct cell *c = cell_of(L);
    c->stop.unwinding = true;
    /* Whatever catches it on the way up: the hook raises it again soon. */
    lua_sethook(c->L, hook, LUA_MASKCOUNT, 1000);
    if (L != c->L)
        lua_sethook(L, hook, LUA_MASKCOUNT, 1000);
    lua_getfield(L, LUA_REGISTRYINDEX, "cell.interrupt");
    return lua_error(L);
}

void cell_stop_check(lua_State *L) {
    if (cell_stop_poll(cell_stop_of(L)) == CELL_UNWIND)
        cell_raise_interrupt(L);
}

void cell_attend(void *self) {
    struct cell_stop *s = &((struct cell *)self)->stop;
    atomic_store(&s->attend, true);
    wake(s);
    if (atomic_load(&s->executing))
        pthread_kill(s->thread, SIGURG);
}

void cell_stop_visit(lua_State *L) {
    struct cell *c = cell_of(L);
    if (!atomic_exchange(&c->stop.attend, false) || !c->true_host->visit)
        return;
    lua_State *running = c->running;
    c->running = L; /* where the visit's coroutine is made */
    c->true_host->visit(c->true_host->self);
    c->running = running;
}

/* Who wakes sets its flag first and looks at waiting then; here it is the other way round, so
 * that one of the two always sees the other. */
void cell_stop_wait(lua_State *L) {
    struct cell_stop *s = cell_stop_of(L);
    atomic_store(&s->waiting, true);
    bool something = atomic_load(&s->attend) || atomic_load(&s->pending) != CELL_GO;
    if (!something || !atomic_exchange(&s->waiting, false))
        while (sem_wait(&s->wake) != 0 && errno == EINTR) {
        }
    cell_stop_visit(L);
}
