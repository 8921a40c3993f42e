/* fake_interp.c: the words, one per behaviour that the protocol tests need.
 *
 *     echo X      the value X                  error        an error
 *     sleep S     sleeps, can be interrupted   stuck S      sleeps, cannot
 *     print N     the lines 0..N-1             say X, warn X  text to stdout, stderr
 *     raw HEX     these bytes to stdout        flood        prints until interrupted
 *     input P, password P                      the answer is the value
 *     display, update N, clear, page, next X, nan, silent-output
 *     printf X    C's own stdout and stderr      child N      seq 1 N in a child process
 *     comm X      opens a comm of that name
 *     keep        remembers its origin         speak X      text to the one remembered
 *     crash X     a fatal signal (below)
 *     count       how many cells were run      shout N      N outputs that cannot be joined */
#include "fake_interp.h"

#include "base/buf.h"
#include "base/util.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

typedef void word(struct fake *f, const char *arg, struct interp_result *out);

static void give(struct interp_result *out, const char *text) {
    mime_add_text(&out->value, "text/plain", text);
}

static void fail(struct interp_result *out, const char *ename, const char *evalue) {
    out->ok = false;
    out->error.ename = copy_text(ename);
    out->error.evalue = copy_text(evalue);
    out->error.traceback = calloc(1, sizeof(char *));
    out->error.traceback[0] = copy_text("\x1B[31mtrace\x1B[0m");
    out->error.lines = 1;
}

static void stop(struct interp_result *out) {
    fail(out, "KeyboardInterrupt", "interrupted");
}

static void w_echo(struct fake *f, const char *arg, struct interp_result *out) {
    (void)f;
    give(out, arg);
}

static void w_error(struct fake *f, const char *arg, struct interp_result *out) {
    (void)f;
    fail(out, "Error", arg);
}

static void w_sleep(struct fake *f, const char *arg, struct interp_result *out) {
    double end = clock_seconds() + strtod(arg, NULL);
    struct pollfd p = {.fd = f->wake_fd, .events = POLLIN};
    while (!atomic_load(&f->interrupted) && clock_seconds() < end) {
        poll(&p, 1, (int)((end - clock_seconds()) * 1000) + 1);
        eventfd_t n;
        eventfd_read(f->wake_fd, &n);
        if (atomic_exchange(&f->attend, false))
            f->host->visit(f->host->self);
    }
    if (atomic_load(&f->interrupted))
        stop(out);
}

static void w_stuck(struct fake *f, const char *arg, struct interp_result *out) {
    (void)f;
    (void)out;
    double end = clock_seconds() + strtod(arg, NULL);
    while (clock_seconds() < end)
        poll(NULL, 0, 10);
}

static void w_print(struct fake *f, const char *arg, struct interp_result *out) {
    (void)out;
    long n = strtol(arg, NULL, 10);
    for (long i = 0; i < n; i++) {
        char line[32];
        int len = snprintf(line, sizeof line, "%ld\n", i);
        f->host->stream(f->host->self, ORIGIN_CURRENT, HOST_STDOUT, line, (size_t)len);
    }
}

static void w_say(struct fake *f, const char *arg, struct interp_result *out) {
    (void)out;
    f->host->stream(f->host->self, ORIGIN_CURRENT, HOST_STDOUT, arg, strlen(arg));
}

static void w_warn(struct fake *f, const char *arg, struct interp_result *out) {
    (void)out;
    f->host->stream(f->host->self, ORIGIN_CURRENT, HOST_STDERR, arg, strlen(arg));
}

/* One call per byte: nothing may depend on where the pieces end. */
static void w_raw(struct fake *f, const char *arg, struct interp_result *out) {
    (void)out;
    for (; arg[0] && arg[1]; arg += 2) {
        char pair[3] = {arg[0], arg[1], '\0'};
        char byte = (char)strtol(pair, NULL, 16);
        f->host->stream(f->host->self, ORIGIN_CURRENT, HOST_STDOUT, &byte, 1);
    }
}

static void w_flood(struct fake *f, const char *arg, struct interp_result *out) {
    (void)arg;
    while (!atomic_load(&f->interrupted))
        f->host->stream(f->host->self, ORIGIN_CURRENT, HOST_STDOUT, "flood\n", 6);
    stop(out);
}

static void ask(struct fake *f, const char *prompt, bool password,
                struct interp_result *out) {
    char *line = NULL;
    struct err e = {0};
    int rc = f->host->input(f->host->self, prompt, password, &line, &e);
    if (rc == ERR_INTERRUPT)
        stop(out);
    else if (rc == ERR_IO)
        fail(out, "EOFError", e.msg);
    else if (rc)
        fail(out, "StdinNotAllowed", e.msg);
    else
        give(out, line);
    free(line);
}

static void w_input(struct fake *f, const char *arg, struct interp_result *out) {
    w_say(f, "before", out);
    ask(f, arg, false, out);
}

static void w_password(struct fake *f, const char *arg, struct interp_result *out) {
    ask(f, arg, true, out);
}

static void show(struct fake *f, const char *text, const char *id, bool update) {
    struct mime_bundle b = {0};
    mime_add_text(&b, "text/plain", text);
    mime_add(&b, "image/png", "\x89PNG", 4);
    mime_add_text(&b, "application/vnd.vegalite.v5+json", "{\"a\": [1, 2]}");
    mime_set_metadata(&b, "{\"caption\": \"c\"}");
    f->host->display(f->host->self, ORIGIN_CURRENT, &b, id, update);
    mime_release(&b);
}

static void w_display(struct fake *f, const char *arg, struct interp_result *out) {
    (void)out;
    show(f, "picture", arg[0] ? arg : NULL, false);
}

static void w_update(struct fake *f, const char *arg, struct interp_result *out) {
    (void)out;
    long n = strtol(arg, NULL, 10);
    for (long i = 0; i < n; i++) {
        char text[32];
        snprintf(text, sizeof text, "%ld", i);
        show(f, text, "live", i > 0);
    }
}

static void w_shout(struct fake *f, const char *arg, struct interp_result *out) {
    (void)out;
    long n = strtol(arg, NULL, 10);
    for (long i = 0; i < n; i++)
        show(f, "x", NULL, false);
}

static void w_nan(struct fake *f, const char *arg, struct interp_result *out) {
    (void)arg;
    mime_add_text(&out->value, "application/vnd.vegalite.v5+json", "{\"loss\": NaN}");
    mime_add_text(&out->value, "text/html; charset=utf-8", "<b>");
    mime_add(&out->value, "text/plain", "nan \xFF\0!", 7);
    (void)f;
}

static void w_clear(struct fake *f, const char *arg, struct interp_result *out) {
    (void)out;
    f->host->clear_output(f->host->self, ORIGIN_CURRENT, strcmp(arg, "wait") == 0);
}

static void w_page(struct fake *f, const char *arg, struct interp_result *out) {
    (void)out;
    struct mime_bundle b = {0};
    mime_add_text(&b, "text/plain", arg);
    f->host->page(f->host->self, &b);
    mime_release(&b);
}

static void w_next(struct fake *f, const char *arg, struct interp_result *out) {
    (void)out;
    f->host->set_next_input(f->host->self, "first", false);
    f->host->set_next_input(f->host->self, arg, true);
}

static void w_keep(struct fake *f, const char *arg, struct interp_result *out) {
    (void)arg;
    (void)out;
    f->kept = f->host->origin(f->host->self);
}

static void w_speak(struct fake *f, const char *arg, struct interp_result *out) {
    (void)out;
    f->host->stream(f->host->self, f->kept, HOST_STDOUT, arg, strlen(arg));
}

static void w_comm(struct fake *f, const char *arg, struct interp_result *out) {
    struct host_buffer b = {"\0\1", 2};
    struct host_comm m = {.kind = HOST_COMM_OPEN,
                          .id = arg,
                          .target = "jupyter.widget",
                          .data = "{\"state\": {}}",
                          .metadata = "{\"version\": \"2.1.0\"}",
                          .buffer = &b,
                          .n_buffers = 1};
    struct err e = {0};
    if (f->host->comm(f->host->self, ORIGIN_CURRENT, &m, &e))
        fail(out, "Error", e.msg);
}

/* As a library of C would. */
static void w_printf(struct fake *f, const char *arg, struct interp_result *out) {
    (void)f;
    (void)out;
    printf("%s", arg);
    fprintf(stderr, "!%s", arg);
}

/* More than a pipe holds, by the process and by a child of it. */
static void w_child(struct fake *f, const char *arg, struct interp_result *out) {
    (void)f;
    char command[256];
    snprintf(command, sizeof command, "seq 1 %s", arg);
    if (system(command) != 0)
        fail(out, "Error", "system");
}

static void *crash_there(void *unused) {
    (void)unused;
    raise(SIGSEGV);
    return NULL;
}

/* By the number of a signal; "thread": in another thread, while this one goes on; "hang",
 * "again": and then the rescue hangs, or crashes. */
static void w_crash(struct fake *f, const char *arg, struct interp_result *out) {
    f->rescue = arg;
    f->host->stream(f->host->self, ORIGIN_CURRENT, HOST_STDOUT, "last words", 10);
    if (strcmp(arg, "null") == 0)
        *(volatile int *)(uintptr_t)strlen("") = 1;
    else if (strcmp(arg, "abort") == 0)
        abort();
    else if (strcmp(arg, "thread") == 0) {
        pthread_t id;
        pthread_create(&id, NULL, crash_there, NULL);
        for (;;)
            w_say(f, "", out);
    } else {
        raise(arg[0] >= '0' && arg[0] <= '9' ? atoi(arg) : SIGSEGV);
    }
}

static void w_count(struct fake *f, const char *arg, struct interp_result *out) {
    (void)arg;
    char text[32];
    snprintf(text, sizeof text, "%d", f->executed);
    give(out, text);
}

static const struct {
    const char *name;
    word *run;
} words[] = {{"echo", w_echo},     {"error", w_error},       {"sleep", w_sleep},
             {"stuck", w_stuck},   {"print", w_print},       {"say", w_say},
             {"warn", w_warn},     {"raw", w_raw},           {"flood", w_flood},
             {"input", w_input},   {"password", w_password}, {"display", w_display},
             {"update", w_update}, {"shout", w_shout},       {"nan", w_nan},
             {"clear", w_clear},   {"page", w_page},         {"next", w_next},
             {"keep", w_keep},     {"speak", w_speak},       {"count", w_count},
             {"comm", w_comm},     {"printf", w_printf},     {"child", w_child},
             {"crash", w_crash}};

static void run(struct fake *f, const char *code, struct interp_result *out) {
    out->ok = true;
    size_t n = strcspn(code, " ");
    const char *arg = code[n] ? code + n + 1 : "";
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (strlen(words[i].name) == n && strncmp(words[i].name, code, n) == 0) {
            words[i].run(f, arg, out);
            return;
        }
    }
}

static void execute(void *self, const struct interp_request *req,
                    struct interp_result *out) {
    struct fake *f = self;
    atomic_store(&f->interrupted, false);
    f->executed++;
    run(f, req->code, out);
}

static void evaluate(void *self, const char *code, size_t len,
                     struct interp_result *out) {
    (void)len;
    run(self, code, out);
}

static void complete(void *self, const char *code, size_t len, size_t cursor,
                     struct interp_completion *out) {
    (void)self;
    (void)code;
    (void)len;
    out->match = calloc(2, sizeof *out->match);
    out->n = 2;
    out->match[0].text = copy_text("echo");
    out->match[0].type = copy_text("function");
    out->match[1].text = copy_text("error");
    out->start = cursor > 0 ? cursor - 1 : 0;
    out->end = cursor;
}

static void inspect(void *self, const char *code, size_t len, size_t cursor, int detail,
                    struct mime_bundle *out) {
    (void)self;
    (void)len;
    char text[64];
    snprintf(text, sizeof text, "cursor %zu detail %d", cursor, detail);
    if (strncmp(code, "echo", 4) == 0)
        mime_add_text(out, "text/plain", text);
}

static enum interp_completeness is_complete(void *self, const char *code, size_t len,
                                            char *indent, size_t size) {
    (void)self;
    char last = len ? code[len - 1] : '\0';
    if (last == '(')
        snprintf(indent, size, "  ");
    return last == '('   ? INTERP_INCOMPLETE
           : last == ')' ? INTERP_INVALID
                         : INTERP_COMPLETE;
}

/* The command "slow" takes its time; others are echoed, with an event before the answer. */
static char *debug(void *self, const char *request, size_t len) {
    struct fake *f = self;
    struct buf b;
    buf_init(&b, 1 << 20);
    if (strstr(request, "\"slow\""))
        poll(NULL, 0, 200);
    f->host->debug_event(f->host->self, "{\"type\":\"event\",\"event\":\"seen\"}");
    buf_puts(&b, "{\"type\":\"response\",\"success\":true,\"body\":");
    buf_add(&b, request, len);
    buf_puts(&b, "}");
    return b.data;
}

/* The target "echo" is known, and sends every message back. The cell "comm X" opens the
 * comm X of the kernel's own. */
static bool comm(void *self, const struct host_comm *m) {
    struct fake *f = self;
    struct err e = {0};
    if (m->kind == HOST_COMM_OPEN)
        return strcmp(m->target, "echo") == 0;
    f->host->stream(f->host->self, ORIGIN_CURRENT, HOST_STDOUT, "heard", 5);
    if (m->kind == HOST_COMM_MSG)
        f->host->comm(f->host->self, ORIGIN_CURRENT, m, &e);
    return true;
}

static void interrupt(void *self) {
    struct fake *f = self;
    atomic_store(&f->interrupted, true);
    eventfd_write(f->wake_fd, 1);
}

static void position(void *self, char *text, size_t size) {
    struct fake *f = self;
    snprintf(text, size, "word %d", f->executed);
}

static void rescue(void *self, char *text, size_t size) {
    struct fake *f = self;
    if (strcmp(f->rescue, "hang") == 0)
        poll(NULL, 0, -1);
    if (strcmp(f->rescue, "again") == 0)
        raise(SIGSEGV);
    snprintf(text, size, "saved %s", f->rescue);
}

static void attend(void *self) {
    struct fake *f = self;
    atomic_store(&f->attend, true);
    eventfd_write(f->wake_fd, 1);
}

static bool begin_visit(void *self) {
    (void)self;
    return true;
}

static void end_visit(void *self) {
    (void)self;
}

int fake_init(struct fake *f) {
    static const struct interp_info info = {.implementation = "fake",
                                            .implementation_version = "0.0.1",
                                            .name = "fake",
                                            .version = "1.0",
                                            .mimetype = "text/x-fake",
                                            .file_extension = ".fake",
                                            .pygments_lexer = "text",
                                            .codemirror_mode = "text",
                                            .banner = "fake",
                                            .help_text = "help",
                                            .help_url = "https://example.org"};
    *f = (struct fake){.interp = {.self = f,
                                  .info = &info,
                                  .execute = execute,
                                  .evaluate = evaluate,
                                  .complete = complete,
                                  .inspect = inspect,
                                  .is_complete = is_complete,
                                  .debug = debug,
                                  .comm = comm,
                                  .interrupt = interrupt,
                                  .position = position,
                                  .rescue = rescue,
                                  .attend = attend,
                                  .begin_visit = begin_visit,
                                  .end_visit = end_visit},
                       .wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    atomic_init(&f->interrupted, false);
    atomic_init(&f->attend, false);
    return f->wake_fd < 0 ? ERR_IO : 0;
}

void fake_release(struct fake *f) {
    if (f->wake_fd >= 0)
        close(f->wake_fd);
}
