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

static void hook(lua_State *L, lua_Debug *ar);

/* What stays between two events: the debugger's line hook, when it has lines to watch. */
static void set_base(struct cell *c, lua_State *L) {
    int mask = atomic_load(&c->stop.lines) ? LUA_MASKLINE : 0;
#ifdef HOOK_ALWAYS
    lua_sethook(L, hook, mask | LUA_MASKCOUNT, 1000);
#else
    lua_sethook(L, mask ? hook : NULL, mask, 0);
#endif
}

static void set_soon(struct cell *c, lua_State *L) {
    int mask = atomic_load(&c->stop.lines) ? LUA_MASKLINE : 0;
    lua_sethook(L, hook, mask | LUA_MASKCOUNT, 1);
}

static bool is_wanted(const struct cell *c) {
    return atomic_load(&c->stop.pending) == CELL_UNWIND || atomic_load(&c->stop.attend);
}

/* What was asked before the base was set is looked at after it. */
void cell_stop_arm(struct cell *c, lua_State *L) {
    if (c->stop.unwinding)
        return;
    bool lines = (lua_gethookmask(L) & LUA_MASKLINE) != 0;
    if (lines != atomic_load(&c->stop.lines))
        set_base(c, L);
    if (is_wanted(c))
        set_soon(c, L);
}

static void hook(lua_State *L, lua_Debug *ar) {
    struct cell *c = cell_of(L);
    if (c->stop.unwinding || atomic_load(&c->stop.pending) == CELL_UNWIND)
        cell_raise_interrupt(L);
    if (ar->event == LUA_HOOKLINE) {
        cell_debug_line(L, ar);
        return;
    }
    set_base(c, L);
    cell_stop_visit(L);
    cell_stop_arm(c, L);
}

static void on_signal(int number) {
    (void)number;
    int keep = errno;
    struct cell *c = executing_here;
    if (c && is_wanted(c)) {
        set_soon(c, c->L);
        if (c->running != c->L)
            set_soon(c, c->running);
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
    set_base(c, c->L);
    atomic_store(&c->stop.executing, true);
    if (atomic_load(&c->stop.attend)) /* asked before there was anybody to ask */
        set_soon(c, c->L);
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

bool cell_stop_is_here(const struct cell *c) {
    return executing_here == c;
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

static bool is_asked(const struct cell_stop *s, unsigned requests) {
    (void)requests;
    return atomic_load(&s->attend) || atomic_load(&s->pending) != CELL_GO;
}

/* More requests than that: an interrupt. */
static bool is_interrupted(const struct cell_stop *s, unsigned requests) {
    return atomic_load(&s->requests) != requests ||
           atomic_load(&s->pending) == CELL_UNWIND;
}

static bool is_held(const struct cell_stop *s, unsigned requests) {
    return atomic_load(&s->attend) || is_interrupted(s, requests);
}

/* Who wakes sets its flag first and looks at waiting then; here it is the other way round, so
 * that one of the two always sees the other. */
static void sleep_unless(struct cell_stop *s,
                         bool (*ready)(const struct cell_stop *s, unsigned requests),
                         unsigned requests) {
    atomic_store(&s->waiting, true);
    if (!ready(s, requests) || !atomic_exchange(&s->waiting, false))
        while (sem_wait(&s->wake) != 0 && errno == EINTR) {
        }
}

void cell_stop_wait(lua_State *L) {
    sleep_unless(cell_stop_of(L), is_asked, 0);
    cell_stop_visit(L);
}

void cell_stop_lines(struct cell *c, bool on) {
    if (atomic_exchange(&c->stop.lines, on) == on)
        return;
    for (const struct cell_visit *v = c->visit; v; v = v->outer) {
        cell_stop_arm(c, v->L);
        cell_stop_arm(c, v->running);
    }
    if (atomic_load(&c->stop.executing)) {
        cell_stop_arm(c, c->L);
        cell_stop_arm(c, c->running);
    }
}

bool cell_stop_hold(lua_State *L, unsigned requests, const bool *resume) {
    struct cell_stop *s = cell_stop_of(L);
    while (!*resume) {
        if (is_interrupted(s, requests))
            return true;
        cell_stop_visit(L);
        if (!*resume)
            sleep_unless(s, is_held, requests);
    }
    return false;
}
