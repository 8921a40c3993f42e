/* state.h: the kernel's parts, for those files of this folder that join them. */
#ifndef JUP_STATE_H
#define JUP_STATE_H

#include "capture.h"
#include "comms.h"
#include "connection.h"
#include "control.h"
#include "crash.h"
#include "heartbeat.h"
#include "history.h"
#include "interrupt.h"
#include "iopub.h"
#include "jupyter/kernel.h"
#include "log.h"
#include "origins.h"
#include "pubqueue.h"
#include "replay.h"
#include "router.h"
#include "socket.h"
#include "wire.h"

/* The request in execution. Its thread alone touches it, but payload, under cell_lock. */
struct jup_cell {
    int count; /* its In [n] */
    int shell; /* that it came to */
    bool allow_stdin;
    json_t *payload; /* array, or NULL while it is empty */
    /* for the history, after the reply */
    bool remember;
    json_t *output;
};

struct jup_kernel {
    struct jup_log log;
    struct jup_connection connection;
    struct jup_identity self;
    struct jup_signer signer; /* each thread signs with a copy */
    struct jup_replay seen;
    struct jup_sockets sockets;
    struct jup_pubqueue pub;
    struct jup_iopub iopub;
    struct jup_router router;
    struct jup_control control;
    struct jup_heartbeat heartbeat;
    struct jup_interrupt interrupt;
    struct jup_origins origins;
    struct jup_history history;
    struct jup_comms comms;
    struct jup_capture capture;
    bool capturing; /* wanted */
    struct jup_crash crash;
    /* The request in execution, the innermost one of a visit. Of the thread that runs
     * cells; once that is held by a crash, of the control thread. */
    struct jup_message *serving;
    struct jup_cell cell;
    pthread_mutex_t cell_lock;
    struct host host;
    const struct interp *interp;
    atomic_bool closing; /* no new requests; the process is about to end */
    atomic_bool leaving; /* somebody is closing the sockets */
};

/* kernel.c: asks for the end, from any thread; the running cell is interrupted. */
void jup_kernel_shutdown(struct jup_kernel *k);

/* kernel.c: sends what is left, closes everything and ends the threads. own: called by
 * the control thread, which cannot wait for itself. false: somebody else is at it. */
bool jup_kernel_close(struct jup_kernel *k, bool own);

/* host.c */
void jup_host_init(struct jup_kernel *k);

/* comm.c: host.comm */
int jup_comm_send(struct jup_kernel *k, uint64_t origin, const struct host_comm *m,
                  struct err *e);

/* dispatch.c */

/* Does the request ask for the end? Then answers it on the given socket. */
bool jup_answer_shutdown(struct jup_kernel *k, struct jup_message *m, struct jup_wire *w,
                         enum jup_socket on);

/* One request on control: busy, reply, idle; in the control thread. */
void jup_serve_control(struct jup_kernel *k, struct jup_message *m, struct jup_wire *w);

/* Sends m->reply on a socket of the calling thread. */
void jup_send_here(struct jup_kernel *k, struct jup_message *m, struct jup_wire *w,
                   enum jup_socket on);

/* One request on shell or for the debugger, in the thread that runs cells. Takes m. */
void jup_serve_shell(struct jup_kernel *k, struct jup_message *m);

/* dispatch.c: ends a request that its own thread can not end: this is its reply. Takes
 * content and m. */
void jup_answer_instead(struct jup_kernel *k, struct jup_message *m, json_t *content);

/* dispatch.c: serves the requests of other shells; at a safe point of the running cell. */
void jup_serve_visitors(struct jup_kernel *k);

/* Answers: the reply's content, or NULL when memory is short. */
typedef json_t *jup_answer(struct jup_kernel *k, struct jup_message *m);
jup_answer jup_answer_info, jup_answer_connect; /* info.c */
jup_answer jup_answer_complete, jup_answer_inspect, jup_answer_is_complete;
jup_answer jup_answer_history;                         /* recall.c */
jup_answer jup_answer_comm_info, jup_answer_comm_open; /* comm.c */
jup_answer jup_answer_comm_msg, jup_answer_comm_close;
jup_answer jup_answer_interrupt, jup_answer_debug; /* control.c */
jup_answer jup_answer_shell_new, jup_answer_shell_delete, jup_answer_shell_list;
jup_answer jup_answer_no_shell; /* subshell.c */
jup_answer jup_answer_usage;    /* usage.c */
jup_answer jup_answer_execute;  /* execute.c */

/* execute.c: the answer to a cell that an earlier failure stopped. */
json_t *jup_answer_aborted(struct jup_kernel *k, struct jup_message *m);
/* execute.c: what is done with a cell after its reply: the history. */
void jup_execute_after(struct jup_kernel *k, struct jup_message *m);

/* {status: error, ename, evalue, traceback: []} */
json_t *jup_error_content(const char *ename, const char *evalue);

#endif
