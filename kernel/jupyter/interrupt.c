/* interrupt.c: the state of the running request and the signal handlers. */
#include "interrupt.h"

#include "base/i18n.h"
#include "base/oserr.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { IDLE, STARTING, RUNNING };

/* A signal handler has no argument: this is the one place that needs a static. */
static _Atomic(struct jup_interrupt *) installed;

int jup_interrupt_init(struct jup_interrupt *x, struct err *e) {
    *x = (struct jup_interrupt){.wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
                                .term_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
                                .done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    pthread_mutex_init(&x->lock, NULL);
    atomic_init(&x->state, IDLE);
    atomic_init(&x->noted, false);
    atomic_init(&x->count, 0);
    if (x->wake_fd < 0 || x->term_fd < 0 || x->done_fd < 0)
        return err_set(e, ERR_IO, _("no se pudo crear un eventfd: %s"), os_reason(errno));
    return 0;
}

void jup_interrupt_release(struct jup_interrupt *x) {
    if (x->wake_fd >= 0)
        close(x->wake_fd);
    if (x->term_fd >= 0)
        close(x->term_fd);
    if (x->done_fd >= 0)
        close(x->done_fd);
    pthread_mutex_destroy(&x->lock);
}

static int set_state(struct jup_interrupt *x, int state) {
    pthread_mutex_lock(&x->lock);
    int before = atomic_exchange(&x->state, state);
    pthread_mutex_unlock(&x->lock);
    return before;
}

int jup_interrupt_begin(struct jup_interrupt *x) {
    atomic_store(&x->noted, false);
    return set_state(x, STARTING);
}

bool jup_interrupt_enter(struct jup_interrupt *x) {
    set_state(x, RUNNING);
    return !atomic_exchange(&x->noted, false);
}

/* Async-signal-safe. */
static void hit(struct jup_interrupt *x) {
    int state = atomic_load(&x->state);
    if (state == STARTING)
        atomic_store(&x->noted, true);
    else if (state == RUNNING && x->interp)
        x->interp->interrupt(x->interp->self);
    atomic_fetch_add(&x->count, 1);
    eventfd_write(x->wake_fd, 1);
}

void jup_interrupt_now(struct jup_interrupt *x) {
    pthread_mutex_lock(&x->lock);
    hit(x);
    pthread_mutex_unlock(&x->lock);
}

/* What came while a visitor was answered was meant for the cell that runs. */
void jup_interrupt_leave(struct jup_interrupt *x, int before) {
    set_state(x, before);
    if (before == RUNNING && atomic_exchange(&x->noted, false))
        jup_interrupt_now(x);
}

static void on_signal(int number) {
    int saved = errno;
    struct jup_interrupt *x = atomic_load(&installed);
    if (x && number == SIGINT)
        hit(x);
    else if (x)
        eventfd_write(x->term_fd, 1);
    errno = saved;
}

void jup_interrupt_install(struct jup_interrupt *x) {
    struct sigaction act = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigemptyset(&act.sa_mask);
    atomic_store(&installed, x);
    sigaction(SIGINT, &act, &x->old_int);
    sigaction(SIGTERM, &act, &x->old_term);
    act.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &act, &x->old_pipe);
    sigaction(SIGXFSZ, &act, &x->old_size);
    sigset_t ours; /* a launcher may have left them blocked */
    sigemptyset(&ours);
    sigaddset(&ours, SIGINT);
    sigaddset(&ours, SIGTERM);
    pthread_sigmask(SIG_UNBLOCK, &ours, NULL);
}

void jup_interrupt_uninstall(struct jup_interrupt *x) {
    sigaction(SIGINT, &x->old_int, NULL);
    sigaction(SIGTERM, &x->old_term, NULL);
    sigaction(SIGPIPE, &x->old_pipe, NULL);
    sigaction(SIGXFSZ, &x->old_size, NULL);
    atomic_store(&installed, NULL);
}
