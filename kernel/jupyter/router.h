/* router.h: the thread that owns the shell and stdin sockets, and the list of requests.
 *
 * Requests are read as soon as they arrive, so that "already received" is a list of our
 * own. The thread that runs cells takes them one by one:
 *
 *     while ((m = jup_router_take(&r))) { ...; jup_router_reply(&r, m); free m }
 *
 * A reply is sent and then its idle is published, in this order, by the router; take()
 * gives the next request after that. When a reply asks for it (a cell failed), the router
 * first reads what has arrived and marks all execute_requests of its shell in the list as
 * aborted: those and no others.
 *
 * Subshells (shells.h) share the list. When a request comes that need not wait for the cell
 * that runs, attend() tells the language, whose next safe point takes it with visit().
 *
 * Threads: take, visit, reply and ask belong to the thread that runs cells; close and the
 * shell functions may be called from any; stop from the one that joins. */
#ifndef JUP_ROUTER_H
#define JUP_ROUTER_H

#include "interrupt.h"
#include "log.h"
#include "pubqueue.h"
#include "shells.h"
#include "socket.h"
#include "thread.h"
#include "wire.h"

enum { JUP_ROUTER_WAITING = 10000 }; /* requests in the list; beyond, the socket waits */

enum jup_ask_state { JUP_ASK_NONE, JUP_ASK_QUEUED, JUP_ASK_SENT, JUP_ASK_ANSWERED };

struct jup_ask {
    enum jup_ask_state state;
    struct jup_origin *origin; /* borrowed from the request in execution */
    char msg_id[64];           /* of the input_request */
    char *answer;
    size_t len;
};

struct jup_router {
    struct jup_wire wire;
    struct jup_pubqueue *pub;
    struct jup_sockets *sockets;
    struct jup_interrupt *interrupt;
    const struct jup_log *log;
    /* answers a shutdown_request in the router's thread: true when it was one */
    bool (*urgent)(void *self, struct jup_message *m);
    void *urgent_self;
    /* asks the running cell for a safe point; called in the router's thread */
    void (*attend)(void *self);
    void *attend_self;
    /* a safe point while input() waits; called in the thread that runs cells */
    void (*visit)(void *self);

    pthread_mutex_t lock;
    pthread_cond_t ready;
    struct jup_message *first, *last;
    size_t waiting;
    struct jup_send *out, *out_last;
    size_t unsent; /* in out, or being sent */
    struct jup_ask ask;
    struct jup_shells shells;
    bool full, closed, stopped;
    int wake_fd;
    struct jup_thread thread;
};

int jup_router_init(struct jup_router *r, struct err *e);
int jup_router_start(struct jup_router *r, struct err *e);

/* The next request, yours to free; NULL after jup_router_close when the list is empty. */
struct jup_message *jup_router_take(struct jup_router *r);

/* From inside of a request: the next one of a shell that is not being served, or NULL. */
struct jup_message *jup_router_visit(struct jup_router *r);
/* Is there one? */
bool jup_router_has_visitor(struct jup_router *r);

/* Sends m->reply (type, content, metadata, abort), then publishes idle. Without a type
 * there is no reply, only idle. m may be freed at once. */
void jup_router_reply(struct jup_router *r, struct jup_message *m);

/* Sends an input_request to the front end that sent the request, and waits for the
 * answer. content: JSON, taken. 0 and *line (yours), ERR_INTERRUPT, ERR_NOMEM. */
int jup_router_ask(struct jup_router *r, struct jup_origin *origin, char *content,
                   char **line, size_t *len, struct err *e);

/* create_subshell, delete_subshell, list_subshell. id: room for 37 bytes. What waits for a
 * shell that is deleted is answered as for one that never was. */
int jup_router_shell_new(struct jup_router *r, char *id, struct err *e);
bool jup_router_shell_delete(struct jup_router *r, const char *id);
json_t *jup_router_shell_list(struct jup_router *r);
/* In [n] of a shell after adding 0 or 1; 0 for a shell that is gone. */
int jup_router_count(struct jup_router *r, int shell, int add);
/* The history session of a shell: 0 before set, and for the parent. */
int64_t jup_router_session(struct jup_router *r, int shell);
void jup_router_set_session(struct jup_router *r, int shell, int64_t session);

/* A debug request from control, which waits for its turn like a shell's; takes m. */
void jup_router_post(struct jup_router *r, struct jup_message *m);
/* It is done, and its reply goes elsewhere. */
void jup_router_done(struct jup_router *r);

/* No more requests: those in the list are marked as aborted. */
void jup_router_close(struct jup_router *r);

/* Sends what is left and ends the thread, which closes the sockets. */
void jup_router_stop(struct jup_router *r);

void jup_router_release(struct jup_router *r);

#endif
