/* http_server.h: a small HTTP server on 127.0.0.1 for tests of downloads. The first part
 * of a path says how it behaves:
 *
 *     /ok/...       the bytes, also a part of them (206)
 *     /norange/...  the whole, whatever part was asked for (200)
 *     /cut/...      half of what was asked for, then the connection ends
 *     /slow/...     half of what was asked for, then nothing until the client goes
 *     /wrong/...    as many other bytes
 *     /long/...     the bytes and one more
 *     /short/...    a whole answer of ten bytes, as a log-in page would be
 *     /404/...      not found
 *
 * One thread, one connection at a time; requests are counted. */
#ifndef TESTS_HTTP_SERVER_H
#define TESTS_HTTP_SERVER_H

#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct http_server {
    const unsigned char *bytes;
    size_t n;
    int fd, port;
    pthread_t thread;
    atomic_int requests;
    char last_path[256];
    size_t last_from; /* where the last request began */
};

static inline void http_send(int fd, const void *bytes, size_t n) {
    const char *p = bytes;
    while (n) {
        ssize_t w = send(fd, p, n, MSG_NOSIGNAL);
        if (w <= 0)
            return;
        p += w;
        n -= (size_t)w;
    }
}

static inline void http_head(int fd, int status, size_t from, size_t to, size_t all) {
    char head[256];
    int n = snprintf(head, sizeof head,
                     "HTTP/1.1 %d x\r\nConnection: close\r\nContent-Length: %zu\r\n",
                     status, to - from);
    if (status == 206)
        n += snprintf(head + n, sizeof head - (size_t)n,
                      "Content-Range: bytes %zu-%zu/%zu\r\n", from, to - 1, all);
    n += snprintf(head + n, sizeof head - (size_t)n, "\r\n");
    http_send(fd, head, (size_t)n);
}

static inline bool http_is(const struct http_server *s, const char *kind) {
    return strncmp(s->last_path, kind, strlen(kind)) == 0;
}

static inline void http_answer(struct http_server *s, int fd) {
    size_t from = s->last_from, left = s->n - from;
    if (http_is(s, "/404/")) {
        http_head(fd, 404, 0, 0, 0);
    } else if (http_is(s, "/long/")) {
        http_head(fd, 200, 0, s->n + 1, 0);
        http_send(fd, s->bytes, s->n);
        http_send(fd, "x", 1);
    } else if (http_is(s, "/short/")) {
        http_head(fd, 200, 0, 10, 0);
        http_send(fd, "<p>login</", 10);
    } else if (http_is(s, "/norange/")) {
        http_head(fd, 200, 0, s->n, 0);
        http_send(fd, s->bytes, s->n);
    } else {
        bool half = http_is(s, "/cut/") || http_is(s, "/slow/");
        http_head(fd, from ? 206 : 200, from, s->n, s->n);
        if (http_is(s, "/wrong/"))
            for (size_t i = from; i < s->n; i++)
                http_send(fd, "x", 1);
        else
            http_send(fd, s->bytes + from, half ? left / 2 : left);
        char one;
        while (http_is(s, "/slow/") && recv(fd, &one, 1, 0) > 0)
            ;
    }
}

static inline void http_serve(struct http_server *s, int fd) {
    char head[4096];
    size_t n = 0;
    while (n < sizeof head - 1) {
        ssize_t got = recv(fd, head + n, sizeof head - 1 - n, 0);
        if (got <= 0)
            return;
        n += (size_t)got;
        head[n] = '\0';
        if (strstr(head, "\r\n\r\n"))
            break;
    }
    const char *range = strstr(head, "Range: bytes=");
    size_t from = range ? (size_t)strtoull(range + 13, NULL, 10) : 0;
    s->last_from = from < s->n ? from : 0;
    if (sscanf(head, "GET %255s", s->last_path) != 1)
        return;
    atomic_fetch_add(&s->requests, 1);
    http_answer(s, fd);
}

static inline void *http_run(void *arg) {
    struct http_server *s = arg;
    for (;;) {
        int fd = accept(s->fd, NULL, NULL);
        if (fd < 0)
            return NULL;
        http_serve(s, fd);
        (void)close(fd);
    }
}

/* false: no socket to be had. */
static inline bool http_start(struct http_server *s, const void *bytes, size_t n) {
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    *s = (struct http_server){.bytes = bytes, .n = n};
    s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (s->fd < 0 || bind(s->fd, (struct sockaddr *)&at, len) < 0 ||
        listen(s->fd, 8) < 0 || getsockname(s->fd, (struct sockaddr *)&at, &len) < 0)
        return false;
    s->port = ntohs(at.sin_port);
    return pthread_create(&s->thread, NULL, http_run, s) == 0;
}

static inline void http_stop(struct http_server *s) {
    (void)shutdown(s->fd, SHUT_RDWR);
    (void)pthread_join(s->thread, NULL);
    (void)close(s->fd);
}

#endif
