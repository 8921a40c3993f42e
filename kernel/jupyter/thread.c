/* thread.c: starting and joining service threads. */
#include "thread.h"

#include "base/i18n.h"
#include "base/oserr.h"

#include <signal.h>
#include <string.h>

/* Virtual; only what is touched becomes memory. jansson parses 2048 levels of nesting on
 * it, which takes most of it in a sanitizer's build. */
enum { STACK_BYTES = 2 * 1024 * 1024 };

int jup_thread_start(struct jup_thread *t, const char *name, void *(*body)(void *),
                     void *arg, struct err *e) {
    sigset_t all, before;
    pthread_attr_t attr;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, STACK_BYTES);
    int failed = pthread_create(&t->id, &attr, body, arg);
    pthread_attr_destroy(&attr);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed)
        return err_set(e, ERR_IO, _("no se pudo crear el hilo %s: %s"), name,
                       os_reason(failed));
    t->running = true;
    pthread_setname_np(t->id, name);
    return 0;
}

void jup_thread_join(struct jup_thread *t) {
    if (t->running)
        pthread_join(t->id, NULL);
    t->running = false;
}
