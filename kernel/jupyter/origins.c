/* origins.c: the current request and those that may still speak. */
#include "origins.h"

#include "base/i18n.h"
#include "base/util.h"

int jup_origins_init(struct jup_origins *x, struct err *e) {
    *x = (struct jup_origins){0};
    pthread_mutex_init(&x->lock, NULL);
    char *header = copy_text("{}");
    x->none = header ? jup_origin_new(header, 2, NULL, 0) : NULL;
    if (x->none) {
        x->none->number = UINT64_MAX;
        return 0;
    }
    free(header);
    return err_set(e, ERR_NOMEM, _("no queda memoria"));
}

void jup_origins_release(struct jup_origins *x) {
    for (size_t i = 0; i < JUP_ORIGINS_KEPT; i++)
        jup_origin_unref(x->kept[i]);
    jup_origin_unref(x->current);
    jup_origin_unref(x->none);
    pthread_mutex_destroy(&x->lock);
}

struct jup_origin *jup_origins_begin(struct jup_origins *x, struct jup_origin *o) {
    pthread_mutex_lock(&x->lock);
    struct jup_origin *outer = x->current;
    o->number = ++x->last;
    x->current = jup_origin_ref(o);
    pthread_mutex_unlock(&x->lock);
    return outer;
}

void jup_origins_end(struct jup_origins *x, struct jup_origin *outer) {
    pthread_mutex_lock(&x->lock);
    struct jup_origin *o = x->current;
    x->current = outer;
    pthread_mutex_unlock(&x->lock);
    jup_origin_unref(o);
}

/* With the lock held. */
static void keep(struct jup_origins *x, struct jup_origin *o) {
    size_t newest = (x->next + JUP_ORIGINS_KEPT - 1) % JUP_ORIGINS_KEPT;
    if (x->kept[newest] == o)
        return;
    jup_origin_unref(x->kept[x->next]);
    x->kept[x->next] = jup_origin_ref(o);
    x->next = (x->next + 1) % JUP_ORIGINS_KEPT;
}

uint64_t jup_origins_number(struct jup_origins *x) {
    pthread_mutex_lock(&x->lock);
    uint64_t number = x->none->number;
    if (x->current) {
        number = x->current->number;
        keep(x, x->current);
    }
    pthread_mutex_unlock(&x->lock);
    return number;
}

struct jup_origin *jup_origins_find(struct jup_origins *x, uint64_t number) {
    pthread_mutex_lock(&x->lock);
    struct jup_origin *o = x->none;
    if (x->current && (number == 0 || number == x->current->number))
        o = x->current;
    else if (number != 0)
        for (size_t i = 0; i < JUP_ORIGINS_KEPT; i++)
            if (x->kept[i] && x->kept[i]->number == number)
                o = x->kept[i];
    jup_origin_ref(o);
    pthread_mutex_unlock(&x->lock);
    return o;
}
