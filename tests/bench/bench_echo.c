/* bench_echo.c: what ZeroMQ alone takes for the messages of a cell: a ROUTER that sends a
 * request's frames back, and an XPUB that publishes them four times (busy, execute_input,
 * execute_result, idle), in one thread, with nothing read, signed or run.
 *
 *     bench_echo SHELL_PORT IOPUB_PORT CONTROL_PORT      ends with any message on control */
#include <stdio.h>
#include <string.h>
#include <zmq.h>

enum { PARTS = 16, PUBLISHED = 4 };

static void *bound(void *context, int kind, const char *port) {
    char url[64];
    void *s = zmq_socket(context, kind);
    snprintf(url, sizeof url, "tcp://127.0.0.1:%s", port);
    return s && zmq_bind(s, url) == 0 ? s : NULL;
}

static int receive(void *s, zmq_msg_t *part) {
    int n = 0;
    do {
        zmq_msg_init(&part[n]);
        if (zmq_msg_recv(&part[n], s, 0) < 0)
            return -1;
    } while (zmq_msg_more(&part[n++]) && n < PARTS);
    return n;
}

static void send_all(void *s, zmq_msg_t *part, int n, const char *last) {
    for (int i = 0; i < n; i++) {
        zmq_msg_t copy;
        int more = i + 1 < n ? ZMQ_SNDMORE : 0;
        if (last && !more) {
            zmq_send(s, last, strlen(last), 0);
            return;
        }
        zmq_msg_init_size(&copy, zmq_msg_size(&part[i]));
        memcpy(zmq_msg_data(&copy), zmq_msg_data(&part[i]), zmq_msg_size(&part[i]));
        zmq_msg_send(&copy, s, more);
    }
}

static void answer(void *shell, void *iopub) {
    static const char *const last[PUBLISHED] = {"{\"execution_state\": \"busy\"}", NULL,
                                                NULL, "{\"execution_state\": \"idle\"}"};
    zmq_msg_t part[PARTS];
    int n = receive(shell, part);
    if (n < 2)
        return;
    for (int i = 0; i + 1 < PUBLISHED; i++)
        send_all(iopub, part + 1, n - 1, last[i]);
    send_all(shell, part, n, NULL);
    send_all(iopub, part + 1, n - 1, last[PUBLISHED - 1]);
    for (int i = 0; i < n; i++)
        zmq_msg_close(&part[i]);
}

int main(int argc, char **argv) {
    if (argc != 4)
        return 2;
    void *context = zmq_ctx_new();
    void *shell = bound(context, ZMQ_ROUTER, argv[1]);
    void *iopub = bound(context, ZMQ_PUB, argv[2]);
    void *control = bound(context, ZMQ_ROUTER, argv[3]);
    if (!shell || !iopub || !control)
        return 1;
    for (;;) {
        zmq_pollitem_t items[2] = {{.socket = shell, .events = ZMQ_POLLIN},
                                   {.socket = control, .events = ZMQ_POLLIN}};
        if (zmq_poll(items, 2, -1) < 0 || items[1].revents)
            return 0;
        if (items[0].revents)
            answer(shell, iopub);
    }
}
