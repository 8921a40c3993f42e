/* kernel.c: putting the parts together, running them, taking them apart. */
#include "jupyter/kernel.h"

#include "base/i18n.h"
#include "handshake.h"
#include "state.h"

#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <zmq.h>

static bool urgent(void *self, struct jup_message *m) {
    struct jup_kernel *k = self;
    return jup_answer_shutdown(k, m, &k->router.wire, JUP_SHELL);
}

/* The cell may be in Lua or in input(). */
static void attend(void *self) {
    struct jup_kernel *k = self;
    k->interp->attend(k->interp->self);
    eventfd_write(k->interrupt.wake_fd, 1);
}

/* What cannot fail, so that jup_kernel_free may follow whatever comes after. */
static void init_plain(struct jup_kernel *k, const struct jup_config *cfg) {
    k->log = (struct jup_log){.fd = STDERR_FILENO, .level = cfg->log_level};
    atomic_init(&k->closing, false);
    atomic_init(&k->leaving, false);
    pthread_mutex_init(&k->cell_lock, NULL);
    jup_replay_init(&k->seen);
    jup_host_init(k);
    k->iopub =
        (struct jup_iopub){.queue = &k->pub, .sockets = &k->sockets, .log = &k->log};
    k->router = (struct jup_router){.pub = &k->pub,
                                    .sockets = &k->sockets,
                                    .interrupt = &k->interrupt,
                                    .log = &k->log,
                                    .urgent = urgent,
                                    .urgent_self = k,
                                    .attend = attend,
                                    .attend_self = k,
                                    .visit = k->host.visit,
                                    .wake_fd = -1};
    k->control.kernel = k;
    jup_control_init(&k->control);
    k->heartbeat.sockets = &k->sockets;
    jup_capture_init(&k->capture);
    k->capture.pub = &k->pub;
    k->capture.origins = &k->origins;
    k->capturing = cfg->capture;
}

static int init_wire(struct jup_kernel *k, struct jup_wire *w, struct err *e) {
    w->seen = &k->seen;
    w->self = &k->self;
    return jup_signer_copy(&w->signer, &k->signer, e);
}

/* Each of these leaves something that its release can take, also when it fails. */
static int init_parts(struct jup_kernel *k, const struct jup_config *cfg, struct err *e) {
    size_t cap = cfg->output_cap ? cfg->output_cap : JUP_OUTPUT_CAP;
    int queue = jup_pubqueue_init(&k->pub, cap, e);
    int router = jup_router_init(&k->router, e);
    int interrupt = jup_interrupt_init(&k->interrupt, e);
    int origins = jup_origins_init(&k->origins, e);
    int comms = jup_comms_init(&k->comms, e);
    int crash = jup_crash_init(&k->crash, e);
    int history = jup_history_init(&k->history, cfg->history, &k->log, e);
    int rc = queue       ? queue
             : router    ? router
             : interrupt ? interrupt
             : origins   ? origins
             : comms     ? comms
             : crash     ? crash
                         : history;
    if (!rc)
        rc = jup_identity_init(&k->self, e);
    return rc;
}

static int init_connection(struct jup_kernel *k, const struct jup_config *cfg,
                           struct err *e) {
    struct jup_connection *c = &k->connection;
    bool chosen = false;
    int rc = cfg->connection_file ? jup_connection_load(c, cfg->connection_file, e)
                                  : jup_connection_create(c, e);
    if (!rc)
        rc = jup_signer_init(&k->signer, c->scheme, c->key, strlen(c->key), e);
    if (!rc)
        rc = init_wire(k, &k->iopub.wire, e);
    if (!rc)
        rc = init_wire(k, &k->router.wire, e);
    if (!rc)
        rc = init_wire(k, &k->control.wire, e);
    if (!rc)
        rc = jup_sockets_open(&k->sockets, c, &chosen, e);
    if (!rc && c->registrar_port) {
        rc = jup_handshake(c, &k->signer, k->sockets.context, JUP_HANDSHAKE_SECONDS, e);
        if (!rc)
            rc = jup_connection_own(c, e);
    }
    if (!rc && chosen)
        rc = jup_connection_write(c, e);
    return rc;
}

int jup_kernel_new(struct jup_kernel **out, const struct jup_config *cfg, struct err *e) {
    *out = NULL;
    struct jup_kernel *k = calloc(1, sizeof *k);
    if (!k)
        return err_set(e, ERR_NOMEM, _("no queda memoria para el núcleo"));
    init_plain(k, cfg);
    int rc = init_parts(k, cfg, e);
    if (!rc)
        rc = init_connection(k, cfg, e);
    if (!rc && !jup_pubqueue_message(&k->pub, k->origins.none, "status",
                                     copy_text("{\"execution_state\":\"starting\"}"),
                                     NULL, false))
        rc = err_set(e, ERR_NOMEM, _("no queda memoria para el núcleo"));
    if (rc) {
        jup_kernel_free(k);
        return rc;
    }
    *out = k;
    return 0;
}

const struct host *jup_kernel_host(struct jup_kernel *k) {
    return &k->host;
}

static void wake_control(struct jup_kernel *k) {
    eventfd_write(k->interrupt.term_fd, 1);
}

void jup_kernel_shutdown(struct jup_kernel *k) {
    if (atomic_exchange(&k->closing, true))
        return;
    jup_router_close(&k->router);
    jup_interrupt_now(&k->interrupt);
    wake_control(k);
}

bool jup_kernel_close(struct jup_kernel *k, bool own) {
    if (atomic_exchange(&k->leaving, true))
        return false;
    jup_router_stop(&k->router);
    jup_history_flush(&k->history);
    if (own) {
        jup_socket_close(&k->sockets, JUP_CONTROL);
    } else {
        atomic_store(&k->control.stopped, true);
        wake_control(k);
        jup_thread_join(&k->control.thread);
    }
    jup_pubqueue_close(&k->pub);
    jup_thread_join(&k->iopub.thread);
    zmq_ctx_shutdown(k->sockets.context);
    jup_thread_join(&k->heartbeat.thread);
    jup_sockets_close(&k->sockets);
    jup_connection_release(&k->connection);
    return true;
}

static void say_how_to_connect(const struct jup_kernel *k) {
    if (!k->connection.created || k->connection.kernel_id[0])
        return;
    const char *slash = strrchr(k->connection.path, '/');
    printf(_("Para conectar un cliente a este núcleo:\n"
             "    jupyter console --existing %s\n"),
           slash ? slash + 1 : k->connection.path);
    fflush(stdout);
}

/* Without it the kernel goes on. */
static void start_capture(struct jup_kernel *k) {
    struct err e = {0};
    if (!k->capturing)
        return;
    if (jup_capture_start(&k->capture, &e))
        jup_log(&k->log, JUP_LOG_WARN, "%s", e.msg);
    else
        k->log.fd = k->capture.real[1];
}

static int start(struct jup_kernel *k, struct err *e) {
    int rc = jup_iopub_start(&k->iopub, e);
    if (!rc)
        rc = jup_heartbeat_start(&k->heartbeat, e);
    if (!rc)
        rc = jup_router_start(&k->router, e);
    if (!rc)
        rc = jup_control_start(&k->control, e);
    return rc;
}

int jup_kernel_run(struct jup_kernel *k, const struct interp *interp, struct err *e) {
    k->interp = interp;
    k->interrupt.interp = interp;
    jup_interrupt_install(&k->interrupt);
    jup_crash_install(&k->crash);
    say_how_to_connect(k);
    start_capture(k);
    int rc = start(k, e);
    struct jup_message *m;
    while (!rc && (m = jup_router_take(&k->router)))
        jup_serve_shell(k, m);
    if (!jup_kernel_close(k, false)) /* the control thread is at it, and then exits */
        jup_thread_join(&k->control.thread);
    jup_crash_uninstall(&k->crash);
    jup_interrupt_uninstall(&k->interrupt);
    k->log.fd = STDERR_FILENO;
    jup_capture_stop(&k->capture);
    return rc;
}

void jup_kernel_free(struct jup_kernel *k) {
    if (!k)
        return;
    jup_sockets_close(&k->sockets);
    jup_connection_release(&k->connection);
    jup_router_release(&k->router);
    jup_pubqueue_release(&k->pub);
    jup_interrupt_release(&k->interrupt);
    jup_origins_release(&k->origins);
    jup_history_release(&k->history);
    jup_comms_release(&k->comms);
    jup_crash_release(&k->crash);
    jup_capture_release(&k->capture);
    jup_identity_release(&k->self);
    jup_signer_release(&k->iopub.wire.signer);
    jup_signer_release(&k->router.wire.signer);
    jup_signer_release(&k->control.wire.signer);
    jup_signer_release(&k->signer);
    jup_replay_release(&k->seen);
    json_decref(k->cell.payload);
    pthread_mutex_destroy(&k->cell_lock);
    jup_control_release(&k->control);
    free(k);
}
