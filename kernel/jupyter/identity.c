/* identity.c: the session, message numbers and dates of the kernel's own headers. */
#include "wire.h"

#include "base/i18n.h"
#include "base/util.h"

#include <sys/random.h>
#include <time.h>

int jup_uuid(char out[37], struct err *e) {
    unsigned char b[16];
    if (getrandom(b, sizeof b, 0) != (ssize_t)sizeof b)
        return err_set(e, ERR_IO, _("el sistema no da bytes aleatorios"));
    b[6] = (unsigned char)((b[6] & 0x0F) | 0x40); /* RFC 4122, 4.4 */
    b[8] = (unsigned char)((b[8] & 0x3F) | 0x80);
    snprintf(out, 37,
             "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0],
             b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12],
             b[13], b[14], b[15]);
    return 0;
}

void jup_date(char out[32]) {
    struct timespec t;
    struct tm tm;
    clock_gettime(CLOCK_REALTIME, &t);
    gmtime_r(&t.tv_sec, &tm);
    size_t n = strftime(out, 32, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(out + n, 32 - n, ".%06ldZ", t.tv_nsec / 1000);
}

int jup_identity_init(struct jup_identity *self, struct err *e) {
    *self = (struct jup_identity){0};
    atomic_init(&self->sent, 0);
    int rc = jup_uuid(self->session, e);
    if (rc)
        return rc;
    const char *user = getenv("USER");
    if (!user || user[0] == '\0' || strlen(user) > 64)
        user = "nabla";
    json_t *name = jup_text(user, strlen(user));
    self->username = json_dumps(name, JSON_ENCODE_ANY);
    json_decref(name);
    return self->username ? 0 : err_set(e, ERR_NOMEM, _("no queda memoria"));
}

void jup_identity_release(struct jup_identity *self) {
    free(self->username);
    self->username = NULL;
}
