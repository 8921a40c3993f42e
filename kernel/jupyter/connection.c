/* connection.c: reading, choosing and writing the connection file. */
#include "connection.h"

#include "base/i18n.h"
#include "base/oserr.h"
#include "base/util.h"
#include "paths.h"
#include "wire.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 65536 };

static const char *const port_name[JUP_SOCKETS] = {"shell_port", "control_port",
                                                   "stdin_port", "iopub_port", "hb_port"};

static int read_string(const json_t *o, const char *name, const char *otherwise,
                       const char **out, struct err *e) {
    const json_t *v = json_object_get(o, name);
    *out = v && !json_is_null(v) ? json_string_value(v) : otherwise;
    if (v && !json_is_null(v) && !json_is_string(v))
        return err_set(e, ERR_FORMAT, _("archivo de conexión: %s no es un texto"), name);
    return 0;
}

static int read_port(const json_t *o, const char *name, int *out, struct err *e) {
    const json_t *v = json_object_get(o, name);
    long long n = 0;
    if (json_is_integer(v)) {
        n = json_integer_value(v);
    } else if (json_is_string(v)) {
        const char *s = json_string_value(v);
        char *end;
        errno = 0;
        n = strtoll(s, &end, 10);
        if (end == s || *end != '\0' || errno)
            n = -1;
    } else if (v && !json_is_null(v)) {
        n = -1;
    }
    if (n < 0 || n > 65535)
        return err_set(e, ERR_RANGE,
                       _("archivo de conexión: %s no es un puerto (0 a 65535)"), name);
    *out = (int)n;
    return 0;
}

/* Whoever gives a registrar gives no ports: those of the file mean nothing. */
static int read_registrar(struct jup_connection *c, struct err *e) {
    const json_t *o = c->fields;
    int rc = read_string(o, "registration_ip", NULL, &c->registrar_ip, e);
    if (!rc)
        rc = read_string(o, "kernel_id", "", &c->kernel_id, e);
    if (!rc)
        rc = read_port(o, "registration_port", &c->registrar_port, e);
    if (!rc && c->registrar_ip && c->registrar_port == 0)
        rc = err_set(
            e, ERR_RANGE,
            _("archivo de conexión: registration_ip sin registration_port (1 a 65535)"));
    for (int i = 0; i < JUP_SOCKETS && c->registrar_port; i++)
        c->port[i] = 0;
    if (c->registrar_port && !c->registrar_ip)
        c->registrar_ip = "127.0.0.1";
    return rc;
}

static int read_fields(struct jup_connection *c, struct err *e) {
    const json_t *o = c->fields;
    int rc = read_string(o, "transport", "tcp", &c->transport, e);
    if (!rc)
        rc = read_string(o, "ip", NULL, &c->ip, e);
    if (!rc)
        rc = read_string(o, "key", "", &c->key, e);
    if (!rc)
        rc = read_string(o, "signature_scheme", "hmac-sha256", &c->scheme, e);
    if (!rc)
        rc = read_string(o, "curve_publickey", NULL, &c->curve_public, e);
    if (!rc)
        rc = read_string(o, "curve_secretkey", NULL, &c->curve_secret, e);
    for (int i = 0; i < JUP_SOCKETS && !rc; i++)
        rc = read_port(o, port_name[i], &c->port[i], e);
    if (!rc)
        rc = read_registrar(c, e);
    if (rc)
        return rc;
    bool ipc = strcmp(c->transport, "ipc") == 0;
    if (!ipc && strcmp(c->transport, "tcp") != 0)
        return err_set(e, ERR_ARG,
                       _("archivo de conexión: transporte «%s»; se conocen tcp e ipc"),
                       c->transport);
    if (!c->ip || c->ip[0] == '\0')
        c->ip = ipc ? "kernel-ipc" : "127.0.0.1";
    if (c->scheme[0] == '\0')
        c->scheme = "hmac-sha256";
    return 0;
}

int jup_connection_parse(struct jup_connection *c, const char *text, size_t len,
                         struct err *e) {
    *c = (struct jup_connection){0};
    json_error_t why;
    c->fields = json_loadb(text, len, 0, &why);
    int rc = 0;
    if (!c->fields && json_error_code(&why) == json_error_out_of_memory)
        rc = err_set(e, ERR_NOMEM, _("archivo de conexión: no queda memoria"));
    else if (!json_is_object(c->fields))
        rc = err_set(e, ERR_FORMAT,
                     _("archivo de conexión: no es un objeto JSON (línea %d: %s)"),
                     c->fields ? 1 : why.line, c->fields ? _("otro valor") : why.text);
    else
        rc = read_fields(c, e);
    if (rc)
        jup_connection_release(c);
    return rc;
}

static int read_file(struct buf *text, const char *path, struct err *e) {
    int rc = 0;
    FILE *f = fopen(path, "rbe");
    if (!f)
        return err_set(e, ERR_IO, _("no se pudo abrir el archivo de conexión %s: %s"),
                       path, os_reason(errno));
    char chunk[4096];
    size_t n;
    while (!text->failed && (n = fread(chunk, 1, sizeof chunk, f)) > 0)
        buf_add(text, chunk, n);
    if (ferror(f))
        rc = err_set(e, ERR_IO, _("no se pudo leer %s: %s"), path, os_reason(errno));
    else if (text->failed)
        rc = err_set(e, ERR_FORMAT, _("%s: más de %d bytes para un archivo de conexión"),
                     path, FILE_MAX);
    fclose(f);
    return rc;
}

int jup_connection_load(struct jup_connection *c, const char *path, struct err *e) {
    *c = (struct jup_connection){0};
    struct buf text;
    buf_init(&text, FILE_MAX);
    int rc = read_file(&text, path, e);
    if (!rc)
        rc = jup_connection_parse(c, text.len ? text.data : "", text.len, e);
    if (!rc && !(c->path = copy_text(path))) {
        jup_connection_release(c);
        rc = err_set(e, ERR_NOMEM, _("no queda memoria"));
    }
    buf_release(&text);
    return rc;
}

int jup_connection_create(struct jup_connection *c, struct err *e) {
    *c = (struct jup_connection){0};
    char key[37];
    struct buf path;
    buf_init(&path, 4096);
    int rc = jup_uuid(key, e);
    if (!rc)
        rc = jup_path_runtime(&path, e);
    if (rc)
        goto done;
    buf_printf(&path, "/kernel-%ld.json", (long)getpid());
    c->fields =
        json_pack("{s:s, s:s, s:s, s:s, s:s}", "transport", "tcp", "ip", "127.0.0.1",
                  "key", key, "signature_scheme", "hmac-sha256", "kernel_name", "nabla");
    if (!c->fields || path.failed) {
        rc = err_set(e, ERR_NOMEM, _("no queda memoria"));
        goto done;
    }
    rc = read_fields(c, e);
    if (!rc)
        rc = jup_path_parents(path.data, e);
    if (!rc)
        c->path = buf_take(&path, NULL);
done:
    if (rc)
        jup_connection_release(c);
    else
        c->created = true;
    buf_release(&path);
    return rc;
}

static int write_text(const char *path, const char *text, struct err *e) {
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_set(e, ERR_IO, _("no se pudo crear %s: %s"), path, os_reason(errno));
    size_t len = strlen(text);
    ssize_t n = write(fd, text, len);
    int failed = n < 0 ? errno : (size_t)n < len ? ENOSPC : 0;
    if (close(fd) && !failed)
        failed = errno;
    if (!failed)
        return 0;
    unlink(path);
    return err_set(e, ERR_IO, _("no se pudo escribir %s: %s"), path, os_reason(failed));
}

int jup_connection_write(struct jup_connection *c, struct err *e) {
    int rc = 0;
    for (int i = 0; i < JUP_SOCKETS; i++)
        if (json_object_set_new(c->fields, port_name[i], json_integer(c->port[i])))
            return err_set(e, ERR_NOMEM, _("no queda memoria"));
    char *text = json_dumps(c->fields, JSON_INDENT(2));
    struct buf temporary;
    buf_init(&temporary, 8192);
    buf_printf(&temporary, "%s.%ld.tmp", c->path, (long)getpid());
    if (!text || temporary.failed) {
        rc = err_set(e, ERR_NOMEM, _("no queda memoria"));
        goto done;
    }
    unlink(temporary.data);
    rc = write_text(temporary.data, text, e);
    if (!rc && rename(temporary.data, c->path)) {
        rc = err_set(e, ERR_IO, _("no se pudo escribir %s: %s"), c->path,
                     os_reason(errno));
        unlink(temporary.data);
    }
done:
    free(text);
    buf_release(&temporary);
    return rc;
}

/* The name of a file, whatever the launcher calls the kernel. */
static void add_file_name(struct buf *out, const char *id) {
    size_t n =
        strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");
    if (n > 0 && n <= 100 && id[n] == '\0')
        buf_printf(out, "/kernel-%s.json", id);
    else
        buf_printf(out, "/kernel-%ld.json", (long)getpid());
}

/* What a registration file may leave out, and a connection file may not. */
static int add_defaults(struct jup_connection *c, struct err *e) {
    const struct {
        const char *name, *value;
    } all[] = {{"transport", c->transport},
               {"ip", c->ip},
               {"key", c->key},
               {"signature_scheme", c->scheme},
               {"kernel_name", "nabla"}};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        if (!json_object_get(c->fields, all[i].name) &&
            json_object_set_new(c->fields, all[i].name, json_string(all[i].value)))
            return err_set(e, ERR_NOMEM, _("no queda memoria"));
    return 0;
}

int jup_connection_own(struct jup_connection *c, struct err *e) {
    static const char *const registrar[] = {"registration_ip", "registration_port"};
    struct buf path;
    buf_init(&path, 4096);
    int rc = jup_path_runtime(&path, e);
    if (!rc) {
        add_file_name(&path, c->kernel_id);
        rc = path.failed ? err_set(e, ERR_NOMEM, _("no queda memoria"))
                         : jup_path_parents(path.data, e);
    }
    if (!rc)
        rc = add_defaults(c, e);
    if (!rc) {
        free(c->path);
        c->path = buf_take(&path, NULL);
        c->created = true;
        c->registrar_ip = NULL;
        c->registrar_port = 0;
        for (size_t i = 0; i < ARRAY_LEN(registrar); i++)
            json_object_del(c->fields, registrar[i]);
    }
    buf_release(&path);
    return rc;
}

static void add_url(const char *transport, const char *ip, int port, struct buf *out) {
    bool ipc = strcmp(transport, "ipc") == 0;
    bool v6 = !ipc && strchr(ip, ':') && ip[0] != '[';
    buf_printf(out, "%s://%s%s%s", transport, v6 ? "[" : "", ip, v6 ? "]" : "");
    if (ipc)
        buf_printf(out, "-%d", port);
    else if (port == 0)
        buf_puts(out, ":*");
    else
        buf_printf(out, ":%d", port);
}

void jup_connection_url(const struct jup_connection *c, int port, struct buf *out) {
    add_url(c->transport, c->ip, port, out);
}

void jup_connection_registrar_url(const struct jup_connection *c, struct buf *out) {
    add_url(c->transport, c->registrar_ip, c->registrar_port, out);
}

/* libzmq leaves the files of ipc sockets behind. */
static void remove_ipc(const struct jup_connection *c) {
    struct buf path;
    buf_init(&path, 4096);
    for (int i = 0; i < JUP_SOCKETS; i++) {
        buf_clear(&path);
        buf_printf(&path, "%s-%d", c->ip, c->port[i]);
        if (!path.failed)
            unlink(path.data);
    }
    buf_release(&path);
}

void jup_connection_release(struct jup_connection *c) {
    if (c->bound && strcmp(c->transport, "ipc") == 0)
        remove_ipc(c);
    if (c->created && c->path)
        unlink(c->path);
    free(c->path);
    json_decref(c->fields);
    *c = (struct jup_connection){0};
}
