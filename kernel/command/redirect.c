/* redirect.c: a host that gives each output its own display_id and passes it on. */
#include "redirect.h"
#include "box.h"

#include "cell/cell.h"
#include "cell/comm.h"
#include "cell/display.h"

enum { PLACES = 64, TEXT_MAX = 256 << 10 };

struct place {
    char id[33];   /* what the front end knows */
    char own[129]; /* the display_id that the function used, "" for none */
    bool empty;
};

struct cmd_redirect {
    struct host table;     /* what the function sees */
    const struct host *to; /* NULL between the calls */
    uint64_t origin; /* the cell that new outputs belong to; changes are the request's */
    struct place place[PLACES];
    size_t n, used;
    struct buf text; /* printed and not yet shown */
};

static void send(struct cmd_redirect *r, const struct mime_bundle *b, const char *own) {
    if (r->used == PLACES) { /* the rest is not replaced */
        r->to->display(r->to->self, r->origin, b, *own ? own : NULL, false);
        return;
    }
    struct place *p = &r->place[r->used];
    bool fresh = r->used == r->n;
    if (fresh) {
        cell_display_id(p->id);
        r->n++;
    }
    (void)snprintf(p->own, sizeof p->own, "%s", own);
    p->empty = false;
    r->used++;
    r->to->display(r->to->self, fresh ? r->origin : ORIGIN_CURRENT, b, p->id, !fresh);
}

static void flush(struct cmd_redirect *r) {
    struct mime_bundle b = {0};
    size_t n = r->text.len;
    if (n > 0 && r->text.data[n - 1] == '\n')
        n--;
    if (r->text.len > 0 && mime_add(&b, "text/plain", r->text.data, n))
        send(r, &b, "");
    mime_release(&b);
    buf_clear(&r->text);
}

/* ------------------------------------------------------------------------- as a host */

static uint64_t r_origin(void *self) {
    struct cmd_redirect *r = self;
    return r->to->origin ? r->to->origin(r->to->self) : ORIGIN_CURRENT;
}

static void r_stream(void *self, uint64_t origin, enum host_stream to, const char *text,
                     size_t n) {
    struct cmd_redirect *r = self;
    (void)origin;
    (void)to;
    buf_add(&r->text, text, n);
}

static void r_display(void *self, uint64_t origin, const struct mime_bundle *b,
                      const char *id, bool update) {
    struct cmd_redirect *r = self;
    flush(r);
    for (size_t i = 0; id && update && i < r->used; i++) {
        if (strcmp(r->place[i].own, id) == 0) {
            r->to->display(r->to->self, ORIGIN_CURRENT, b, r->place[i].id, true);
            return;
        }
    }
    if (id && update)
        r->to->display(r->to->self, origin, b, id, true); /* of another cell */
    else
        send(r, b, id ? id : "");
}

static void r_clear(void *self, uint64_t origin, bool wait) {
    struct cmd_redirect *r = self;
    (void)origin;
    (void)wait; /* the next outputs take the places one by one in any case */
    buf_clear(&r->text);
    r->used = 0;
}

static int r_input(void *self, const char *prompt, bool password, char **line,
                   struct err *e) {
    struct cmd_redirect *r = self;
    return r->to->input(r->to->self, prompt, password, line, e);
}

static void r_page(void *self, const struct mime_bundle *b) {
    struct cmd_redirect *r = self;
    r->to->page(r->to->self, b);
}

static void r_next(void *self, const char *text, bool replace) {
    struct cmd_redirect *r = self;
    r->to->set_next_input(r->to->self, text, replace);
}

/* ---------------------------------------------------------------------------- its life */

static int redirect_gc(lua_State *L) {
    struct cmd_redirect *r = lua_touserdata(L, 1);
    buf_release(&r->text);
    return 0;
}

static int guard_close(lua_State *L) {
    struct cmd_redirect **r = lua_touserdata(L, 1);
    cmd_redirect_end(L, *r);
    return 0;
}

struct cmd_redirect *cmd_redirect_push(lua_State *L) {
    const struct host *h = cell_host(L);
    struct cmd_redirect *r = lua_newuserdatauv(L, sizeof *r, 0);
    *r = (struct cmd_redirect){0};
    r->table = (struct host){.self = r,
                             .origin = r_origin,
                             .stream = r_stream,
                             .display = r_display,
                             .clear_output = r_clear,
                             .input = r_input,
                             .page = r_page,
                             .set_next_input = r_next};
    buf_init(&r->text, TEXT_MAX);
    r->origin = h->origin ? h->origin(h->self) : ORIGIN_CURRENT;
    if (luaL_newmetatable(L, "nabla.redirect")) {
        lua_pushcfunction(L, redirect_gc);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    return r;
}

void cmd_redirect_begin(lua_State *L, struct cmd_redirect *r) {
    r->used = 0;
    buf_clear(&r->text);
    r->to = cell_host_set(L, &r->table);
}

bool cmd_redirect_active(const struct cmd_redirect *r) {
    return r->to != NULL;
}

void cmd_redirect_end(lua_State *L, struct cmd_redirect *r) {
    if (!r->to)
        return;
    flush(r);
    struct mime_bundle none = {0};
    if (mime_add_text(&none, "text/plain", ""))
        for (size_t i = r->used; i < r->n; i++) {
            if (!r->place[i].empty)
                r->to->display(r->to->self, ORIGIN_CURRENT, &none, r->place[i].id, true);
            r->place[i].empty = true;
        }
    mime_release(&none);
    (void)cell_host_set(L, r->to);
    r->to = NULL;
}

void cmd_redirect_guard(lua_State *L, struct cmd_redirect *r) {
    struct cmd_redirect **box = lua_newuserdatauv(L, sizeof(void *), 0);
    *box = r;
    if (luaL_newmetatable(L, "nabla.redirect_guard")) {
        lua_pushcfunction(L, guard_close);
        lua_setfield(L, -2, "__close");
    }
    lua_setmetatable(L, -2);
    lua_toclose(L, -1);
}

void cmd_redirect_text(struct cmd_redirect *r, const char *text) {
    buf_puts(&r->text, text);
    buf_putc(&r->text, '\n');
}
