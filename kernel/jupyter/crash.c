/* crash.c: the handler of fatal signals, and the end. */
#include "crash.h"

#include "base/i18n.h"
#include "base/oserr.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

enum { STACK_BYTES = 64 * 1024 };

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SANITIZED = 1 };
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif
#else
enum { SANITIZED = 0 };
#endif

static const int fatal[JUP_CRASH_SIGNALS] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

/* A signal handler has no argument. */
static _Atomic(struct jup_crash *) installed;

int jup_crash_init(struct jup_crash *x, struct err *e) {
    *x = (struct jup_crash){.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    atomic_init(&x->number, 0);
    return x->fd >= 0 ? 0
                      : err_set(e, ERR_IO, _("no se pudo crear un eventfd: %s"),
                                os_reason(errno));
}

void jup_crash_release(struct jup_crash *x) {
    if (x->fd >= 0)
        close(x->fd);
    x->fd = -1;
}

static void leave_to_system(int number) {
    struct sigaction act = {.sa_handler = SIG_DFL};
    sigemptyset(&act.sa_mask);
    sigaction(number, &act, NULL);
    raise(number); /* blocked here: it comes with the return from the handler */
}

/* Async-signal-safe. */
static void on_fatal(int number) {
    struct jup_crash *x = atomic_load(&installed);
    if (x) {
        int none = 0;
        atomic_compare_exchange_strong(&x->number, &none, number);
        if (pthread_equal(pthread_self(), x->thread))
            eventfd_write(x->fd, 1);
        else
            pthread_kill(x->thread, number);
        struct timespec left = {.tv_sec = JUP_CRASH_SECONDS};
        while (nanosleep(&left, &left) && errno == EINTR)
            ;
    }
    leave_to_system(number);
}

void jup_crash_install(struct jup_crash *x) {
    if (SANITIZED || !(x->stack = malloc(STACK_BYTES)))
        return;
    stack_t stack = {.ss_sp = x->stack, .ss_size = STACK_BYTES};
    struct sigaction act = {.sa_handler = on_fatal, .sa_flags = SA_ONSTACK};
    sigfillset(&act.sa_mask);
    x->thread = pthread_self();
    sigaltstack(&stack, &x->old_stack);
    atomic_store(&installed, x);
    for (int i = 0; i < JUP_CRASH_SIGNALS; i++)
        sigaction(fatal[i], &act, &x->old[i]);
    x->installed = true;
}

void jup_crash_uninstall(struct jup_crash *x) {
    if (!x->installed)
        return;
    for (int i = 0; i < JUP_CRASH_SIGNALS; i++)
        sigaction(fatal[i], &x->old[i], NULL);
    atomic_store(&installed, NULL);
    sigaltstack(&x->old_stack, NULL);
    free(x->stack);
    x->stack = NULL;
    x->installed = false;
}

void jup_crash_unblock(void) {
    sigset_t set;
    sigemptyset(&set);
    for (int i = 0; i < JUP_CRASH_SIGNALS; i++)
        sigaddset(&set, fatal[i]);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

void jup_crash_die(const struct jup_crash *x) {
    leave_to_system(atomic_load(&x->number));
    jup_crash_unblock();
    _exit(1);
}
