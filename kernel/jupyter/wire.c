/* wire.c: frames to messages and back. */
#include "wire.h"

#include "base/i18n.h"
#include "base/util.h"

#include <inttypes.h>

const char JUP_DELIMITER[9] = {'<', 'I', 'D', 'S', '|', 'M', 'S', 'G', '>'};

void jup_frames_release(struct jup_frames *f) {
    for (size_t i = 0; i < f->n; i++)
        free(f->frame[i].data);
    free(f->frame);
    *f = (struct jup_frames){0};
}

/* Index of the delimiter, or f->n. */
static size_t delimiter_of(const struct jup_frames *f) {
    size_t i = 0;
    while (i < f->n && (f->frame[i].len != sizeof JUP_DELIMITER ||
                        memcmp(f->frame[i].data, JUP_DELIMITER, sizeof JUP_DELIMITER)))
        i++;
    return i;
}

static int verify(struct jup_wire *w, const struct jup_frame *signature, struct err *e) {
    if (w->signer.kind == JUP_SIGN_NOTHING)
        return 0;
    if (signature->len == 0)
        return err_set(e, ERR_AUTH, _("mensaje sin firma"));
    struct jup_span part[JUP_SIGNED_PARTS];
    for (int i = 0; i < JUP_SIGNED_PARTS; i++)
        part[i] = (struct jup_span){signature[1 + i].data, signature[1 + i].len};
    if (!jup_signer_check(&w->signer, part, signature))
        return err_set(e, ERR_AUTH, _("firma incorrecta (%zu bytes)"), signature->len);
    if (w->seen && !jup_replay_accept(w->seen, signature->data))
        return err_set(e, ERR_AUTH, _("mensaje repetido"));
    return 0;
}

static int parse_object(json_t **out, const struct jup_frame *f, const char *what,
                        struct err *e) {
    json_error_t why;
    *out = json_loadb(f->data, f->len, JSON_ALLOW_NUL, &why);
    if (!*out && json_error_code(&why) == json_error_out_of_memory)
        return err_set(e, ERR_NOMEM, _("%s: no queda memoria"), what);
    if (!*out)
        return err_set(e, ERR_FORMAT, _("%s: JSON incorrecto: %s"), what, why.text);
    if (!json_is_object(*out))
        return err_set(e, ERR_FORMAT, _("%s: no es un objeto JSON"), what);
    return 0;
}

static int parse(struct jup_message *m, const struct jup_frame *part, struct err *e) {
    json_t **where[JUP_SIGNED_PARTS] = {&m->header, &m->parent, &m->metadata,
                                        &m->content};
    static const char *const what[] = {"header", "parent_header", "metadata", "content"};
    for (int i = 0; i < JUP_SIGNED_PARTS; i++) {
        int rc = parse_object(where[i], &part[i], what[i], e);
        if (rc)
            return rc;
    }
    m->type = jup_string(m->header, "msg_type");
    if (!m->type || m->type[0] == '\0' || !jup_string(m->header, "msg_id"))
        return err_set(e, ERR_FORMAT, _("header: faltan msg_type o msg_id"));
    return 0;
}

/* Moves n frames out of f, from index first, into an array of their own. */
static int take_frames(struct jup_frame **out, size_t *n_out, struct jup_frames *f,
                       size_t first, size_t n, struct err *e) {
    *out = calloc(n + 1, sizeof **out); /* n <= JUP_FRAMES_MAX */
    if (!*out)
        return err_set(e, ERR_NOMEM, _("no queda memoria para %zu tramas"), n);
    for (size_t i = 0; i < n; i++) {
        (*out)[i] = f->frame[first + i];
        f->frame[first + i] = (struct jup_frame){0};
    }
    *n_out = n;
    return 0;
}

static int take_origin(struct jup_message *m, struct jup_frames *f, size_t delimiter,
                       struct err *e) {
    struct jup_frame *id = NULL, *header = &f->frame[delimiter + 2];
    size_t n_id = 0;
    int rc = take_frames(&id, &n_id, f, 0, delimiter, e);
    if (rc)
        return rc;
    m->origin = jup_origin_new(header->data, header->len, id, n_id);
    if (m->origin) {
        *header = (struct jup_frame){0};
        return 0;
    }
    for (size_t i = 0; i < n_id; i++)
        free(id[i].data);
    free(id);
    return err_set(e, ERR_NOMEM, _("no queda memoria para el mensaje"));
}

int jup_wire_decode(struct jup_wire *w, struct jup_frames *f, struct jup_message **out,
                    struct err *e) {
    *out = NULL;
    size_t d = delimiter_of(f), rest = d + 2 + JUP_SIGNED_PARTS;
    if (d == f->n)
        return err_set(e, ERR_FORMAT, _("mensaje de %zu tramas sin separador"), f->n);
    if (f->n < rest)
        return err_set(e, ERR_FORMAT,
                       _("mensaje con %zu tramas tras el separador: "
                         "hacen falta al menos 5"),
                       f->n - d - 1);
    int rc = verify(w, &f->frame[d + 1], e);
    if (rc)
        return rc;
    struct jup_message *m = calloc(1, sizeof *m);
    if (!m)
        return err_set(e, ERR_NOMEM, _("no queda memoria para el mensaje"));
    m->bytes = f->bytes;
    m->reply = calloc(1, sizeof *m->reply);
    rc = m->reply ? 0 : err_set(e, ERR_NOMEM, _("no queda memoria para el mensaje"));
    if (!rc)
        rc = parse(m, &f->frame[d + 2], e);
    if (!rc)
        rc = take_origin(m, f, d, e);
    if (!rc)
        rc = take_frames(&m->buffer, &m->n_buffer, f, rest, f->n - rest, e);
    if (rc) {
        jup_message_free(m);
        return rc;
    }
    *out = m;
    return 0;
}

static struct jup_span or_empty(struct jup_span s) {
    return s.len ? s : (struct jup_span){"{}", 2};
}

int jup_wire_encode(struct jup_wire *w, const struct jup_outgoing *m,
                    struct jup_encoded *out, struct err *e) {
    char date[32];
    jup_date(date);
    snprintf(out->msg_id, sizeof out->msg_id, "%s_%" PRIuFAST64, w->self->session,
             atomic_fetch_add(&w->self->sent, 1));
    int n = snprintf(out->header, sizeof out->header,
                     "{\"msg_id\":\"%s\",\"msg_type\":\"%s\",\"username\":%s,"
                     "\"session\":\"%s\",\"date\":\"%s\",\"version\":\"5.5\"}",
                     out->msg_id, m->type, w->self->username, w->self->session, date);
    if (n < 0 || (size_t)n >= sizeof out->header)
        return err_set(e, ERR_RANGE, _("cabecera de %d bytes: el límite es %zu"), n,
                       sizeof out->header - 1);
    out->part[0] = (struct jup_span){out->header, (size_t)n};
    out->part[1] = or_empty(m->parent);
    out->part[2] = or_empty(m->metadata);
    out->part[3] = or_empty(m->content);
    return jup_signer_hex(&w->signer, out->part, out->signature, e);
}
