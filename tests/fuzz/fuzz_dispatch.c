/* fuzz_dispatch.c: every kind of request with any content, against the fake language; after
 * each a plain cell still runs.
 *
 * Input: one byte for the kind of request, one for the shell, then the content, as JSON; a
 * content that is no object never gets past wire.c and is left to fuzz_wire. */
#include "../../kernel/jupyter/state.h"
#include "../protocol/fake_interp.h"

#include "base/util.h"

#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const kinds[] = {
    "execute_request",
    "kernel_info_request",
    "complete_request",
    "inspect_request",
    "is_complete_request",
    "history_request",
    "comm_info_request",
    "comm_open",
    "comm_msg",
    "comm_close",
    "connect_request",
    "interrupt_request",
    "usage_request",
    "debug_request",
    "create_subshell_request",
    "delete_subshell_request",
    "list_subshell_request",
    "no_such_request",
};
enum { ON_CONTROL_FROM = 10 };

static struct jup_kernel *kernel;
static struct fake fake;

/* The words of the fake language that neither wait nor end the process. */
static void (*fake_execute)(void *, const struct interp_request *,
                            struct interp_result *);
static void (*fake_evaluate)(void *, const char *, size_t, struct interp_result *);

static bool harmless(const char *code) {
    static const char *const never[] = {"sleep", "stuck", "flood", "input",  "password",
                                        "child", "crash", "print", "update", "shout"};
    for (size_t i = 0; i < ARRAY_LEN(never); i++)
        if (strncmp(code, never[i], strlen(never[i])) == 0)
            return false;
    return true;
}

static void execute(void *self, const struct interp_request *req,
                    struct interp_result *out) {
    out->ok = true;
    if (harmless(req->code))
        fake_execute(self, req, out);
}

static void evaluate(void *self, const char *code, size_t len,
                     struct interp_result *out) {
    out->ok = true;
    if (harmless(code))
        fake_evaluate(self, code, len, out);
}

static void start(void) {
    char folder[] = "/tmp/nabla_fuzz_XXXXXX";
    struct err e = {0};
    if (!mkdtemp(folder) || setenv("JUPYTER_RUNTIME_DIR", folder, 1) || fake_init(&fake))
        abort();
    struct jup_config cfg = {.history = "", .log_level = JUP_LOG_QUIET};
    if (jup_kernel_new(&kernel, &cfg, &e)) {
        fprintf(stderr, "%s\n", e.msg);
        abort();
    }
    unlink(kernel->connection.path);
    rmdir(folder);
    fake.host = jup_kernel_host(kernel);
    fake_execute = fake.interp.execute;
    fake_evaluate = fake.interp.evaluate;
    fake.interp.execute = execute;
    fake.interp.evaluate = evaluate;
    kernel->interp = kernel->interrupt.interp = &fake.interp;
}

static struct jup_message *message(const char *type, int shell, const void *content,
                                   size_t len) {
    static struct jup_wire open; /* no key, nothing remembered */
    char header[200];
    snprintf(header, sizeof header, "{\"msg_id\":\"1\",\"msg_type\":\"%s\"}", type);
    struct jup_frames f = {.frame = calloc(7, sizeof *f.frame), .n = 7};
    const struct jup_span part[7] = {{"id", 2},     {JUP_DELIMITER, sizeof JUP_DELIMITER},
                                     {"", 0},       {header, strlen(header)},
                                     {"{}", 2},     {"{}", 2},
                                     {content, len}};
    for (int i = 0; i < 7; i++)
        f.frame[i] =
            (struct jup_frame){copy_bytes(part[i].data, part[i].len), part[i].len};
    struct jup_message *m = NULL;
    if (jup_wire_decode(&open, &f, &m, NULL) == 0)
        m->shell = shell;
    jup_frames_release(&f);
    return m;
}

/* What is to be sent, taken as the service threads would; the last reply's content. */
static char *drain(void) {
    char *last = NULL;
    struct jup_pub *item;
    double wait;
    static double now =
        1e12; /* moves on, or the ceiling per second would hold items back */
    while ((item = jup_pubqueue_take(&kernel->pub, now += 1, &wait)))
        jup_pub_free(item);
    while (kernel->router.out) {
        struct jup_send *s = kernel->router.out;
        kernel->router.out = s->next;
        free(last);
        last = s->type ? copy_text(s->literal ? s->literal : s->content) : NULL;
        jup_send_free(s);
    }
    kernel->router.out_last = NULL;
    kernel->router.unsent = 0;
    return last;
}

static void plain_cell_runs(void) {
    static const char content[] = "{\"code\":\"echo 1\",\"store_history\":false}";
    jup_serve_shell(kernel, message("execute_request", 0, content, sizeof content - 1));
    char *reply = drain();
    if (!reply || !strstr(reply, "\"status\":\"ok\""))
        abort();
    free(reply);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!kernel)
        start();
    if (size < 2)
        return 0;
    size_t kind = data[0] % ARRAY_LEN(kinds);
    int shell = data[1] % 3 == 2 ? JUP_SHELL_UNKNOWN : JUP_SHELL_PARENT;
    struct jup_message *m = message(kinds[kind], shell, data + 2, size - 2);
    if (!m)
        return 0;
    if (kind < ON_CONTROL_FROM) {
        jup_serve_shell(kernel, m);
    } else {
        jup_serve_control(kernel, m, &kernel->control.wire);
        jup_message_free(m);
    }
    free(drain());
    plain_cell_runs();
    return 0;
}
