/* runs.c: the database of finished experiments. SQLite is loaded with the first of them;
 * its functions are called through pointers of this file, under names of its own, so that
 * the forwarders of another layer do not meet them at the link. */
#include "runs.h"

#include "base/buf.h"
#include "base/lazy.h"
#include "base/util.h"

#include <sqlite3.h>
#include <sys/stat.h>

enum { BUSY_MS = 2000, PATH_MAX_BYTES = 4096, JSON_MAX = 16 << 20 };

static struct lazy_library library = {.name = "libsqlite3.so.0"};

#define DB(type, name, params, args)                                                     \
    static type db_##name params {                                                       \
        static _Atomic(void *) slot;                                                     \
        union {                                                                          \
            void *object;                                                                \
            type(*function) params;                                                      \
        } call = {.object = lazy_symbol(&library, &slot, "sqlite3_" #name)};             \
        return call.object ? call.function args : (type)0;                               \
    }

DB(int, open_v2, (const char *path, sqlite3 **db, int flags, const char *vfs),
   (path, db, flags, vfs))
DB(int, close, (sqlite3 * db), (db))
DB(int, busy_timeout, (sqlite3 * db, int ms), (db, ms))
DB(int, exec,
   (sqlite3 * db, const char *sql, int (*f)(void *, int, char **, char **), void *p,
    char **msg),
   (db, sql, f, p, msg))
DB(int, prepare_v2,
   (sqlite3 * db, const char *sql, int n, sqlite3_stmt **s, const char **tail),
   (db, sql, n, s, tail))
DB(int, bind_text,
   (sqlite3_stmt * s, int i, const char *text, int n, void (*free_it)(void *)),
   (s, i, text, n, free_it))
DB(int, step, (sqlite3_stmt * s), (s))
DB(const unsigned char *, column_text, (sqlite3_stmt * s, int i), (s, i))
DB(int, finalize, (sqlite3_stmt * s), (s))
DB(const char *, errmsg, (sqlite3 * db), (db))

struct cmd_runs {
    sqlite3 *db;
    char path[PATH_MAX_BYTES];
};

static int failed(const struct cmd_runs *r, int code, struct err *e) {
    if (code == SQLITE_NOMEM)
        return err_set(e, ERR_NOMEM, "%s", _("no queda memoria"));
    return err_set(e, ERR_IO, _("%s: %s"), r->path,
                   r->db ? db_errmsg(r->db) : _("no se pudo abrir"));
}

static const char schema[] =
    "PRAGMA synchronous=NORMAL;"
    "CREATE TABLE IF NOT EXISTS runs(key TEXT PRIMARY KEY, name TEXT NOT NULL,"
    " finished TEXT NOT NULL, result TEXT NOT NULL);";

int cmd_runs_open(struct cmd_runs **out, const char *folder, struct err *e) {
    *out = NULL;
    if (strlen(folder) + sizeof "/runs.db" > PATH_MAX_BYTES)
        return err_set(e, ERR_IO, _("el nombre de la carpeta tiene más de %d bytes"),
                       PATH_MAX_BYTES);
    int rc = lazy_load(&library, e);
    if (rc < 0)
        return rc;
    struct cmd_runs *r = calloc(1, sizeof *r);
    if (!r)
        return err_set(e, ERR_NOMEM, "%s", _("no queda memoria"));
    (void)snprintf(r->path, sizeof r->path, "%s/runs.db", folder);
    if (mkdir(folder, 0755) < 0 && errno != EEXIST) {
        rc = err_set(e, ERR_IO, _("%s: %s"), folder, strerror(errno));
    } else {
        int code =
            db_open_v2(r->path, &r->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
        if (code == SQLITE_OK) {
            (void)db_busy_timeout(r->db, BUSY_MS);
            code = db_exec(r->db, schema, NULL, NULL, NULL);
        }
        if (code != SQLITE_OK)
            rc = failed(r, code, e);
    }
    if (rc < 0)
        cmd_runs_close(r);
    else
        *out = r;
    return rc;
}

void cmd_runs_close(struct cmd_runs *r) {
    if (r)
        (void)db_close(r->db);
    free(r);
}

int cmd_runs_get(struct cmd_runs *r, const char *key, char **json, struct err *e) {
    sqlite3_stmt *s = NULL;
    *json = NULL;
    int code =
        db_prepare_v2(r->db, "SELECT result FROM runs WHERE key = ?", -1, &s, NULL);
    if (code == SQLITE_OK)
        code = db_bind_text(s, 1, key, -1, NULL);
    if (code == SQLITE_OK)
        code = db_step(s);
    int rc = 0;
    if (code == SQLITE_ROW) {
        const unsigned char *text = db_column_text(s, 0);
        *json = text ? copy_text((const char *)text) : NULL;
        if (!*json)
            rc = failed(r, SQLITE_NOMEM, e);
    } else if (code != SQLITE_DONE) {
        rc = failed(r, code, e);
    }
    (void)db_finalize(s);
    return rc;
}

int cmd_runs_put(struct cmd_runs *r, const char *key, const char *name, const char *json,
                 struct err *e) {
    static const char sql[] = "INSERT OR REPLACE INTO runs(key, name, finished, result) "
                              "VALUES (?, ?, strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), ?)";
    sqlite3_stmt *s = NULL;
    if (strlen(json) > JSON_MAX)
        return err_set(e, ERR_RANGE, _("el resultado de «%s» tiene más de %d bytes"),
                       name, JSON_MAX);
    int code = db_prepare_v2(r->db, sql, -1, &s, NULL);
    if (code == SQLITE_OK)
        code = db_bind_text(s, 1, key, -1, NULL);
    if (code == SQLITE_OK)
        code = db_bind_text(s, 2, name, -1, NULL);
    if (code == SQLITE_OK)
        code = db_bind_text(s, 3, json, -1, NULL);
    if (code == SQLITE_OK)
        code = db_step(s);
    int rc = code == SQLITE_DONE ? 0 : failed(r, code, e);
    (void)db_finalize(s);
    return rc;
}
