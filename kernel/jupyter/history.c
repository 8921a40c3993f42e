/* history.c: the history's database. */
#include "history.h"

#include "base/i18n.h"
#include "message.h"
#include "paths.h"
#include "sqlite_lazy.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

/* BUSY_MS: how long another process may hold the lock. OUTPUT_MAX: a longer result is not
 * kept. */
enum { BUSY_MS = 500, OUTPUT_MAX = 65536, PATTERN_MAX = 1000 };

static const char schema[] =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-256;"
    "CREATE TABLE IF NOT EXISTS sessions(session INTEGER PRIMARY KEY AUTOINCREMENT,"
    " started TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS cells(id INTEGER PRIMARY KEY, session INTEGER NOT NULL,"
    " line INTEGER NOT NULL, input TEXT NOT NULL, output TEXT);"
    "CREATE INDEX IF NOT EXISTS cells_of_session ON cells(session, line);"
    "INSERT INTO sessions(started) VALUES (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'));";

int jup_history_init(struct jup_history *h, const char *path, const struct jup_log *log,
                     struct err *e) {
    *h = (struct jup_history){.log = log};
    struct buf where;
    buf_init(&where, 4096);
    if (path)
        buf_puts(&where, path);
    else if (jup_path_history(&where, NULL))
        buf_clear(&where); /* no home: in memory */
    int rc = where.failed ? err_set(e, ERR_NOMEM, _("no queda memoria")) : 0;
    if (!rc && where.len > 0)
        h->path = buf_take(&where, NULL);
    buf_release(&where);
    return rc;
}

static void close_db(struct jup_history *h) {
    sqlite3_close(h->db);
    h->db = NULL;
}

void jup_history_release(struct jup_history *h) {
    close_db(h);
    free(h->path);
    h->path = NULL;
}

/* The schema, tried again while another process is making the same: changing to WAL does
 * not wait for a lock by itself. */
static bool make_schema(struct sqlite3 *db) {
    int rc;
    double end = clock_seconds() + BUSY_MS / 1000.0;
    while ((rc = sqlite3_exec(db, schema, NULL, NULL, NULL)) == SQLITE_BUSY &&
           clock_seconds() < end)
        sqlite3_sleep(5);
    return rc == SQLITE_OK;
}

/* On failure the reason is in h->db, if that is open, or in errno. */
static bool open_at(struct jup_history *h, const char *path) {
    if (h->path) { /* SQLite would make it readable for others */
        if (jup_path_parents(path, NULL))
            return false;
        int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (fd < 0)
            return false;
        close(fd);
    }
    if (jup_sqlite_load(NULL) < 0) {
        errno = ENOSYS;
        return false;
    }
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(path, &h->db, flags, NULL) != SQLITE_OK)
        return false;
    sqlite3_limit(h->db, SQLITE_LIMIT_LIKE_PATTERN_LENGTH, PATTERN_MAX);
    if (!make_schema(h->db))
        return false;
    sqlite3_busy_timeout(h->db, BUSY_MS);
    h->session = sqlite3_last_insert_rowid(h->db);
    return true;
}

static bool fall_back(struct jup_history *h) {
    if (h->path)
        jup_log(h->log, JUP_LOG_WARN, "history: %.200s cannot be used (%s); in memory",
                h->path, h->db ? sqlite3_errmsg(h->db) : strerror(errno));
    close_db(h);
    free(h->path);
    h->path = NULL;
    if (open_at(h, ":memory:"))
        return true;
    close_db(h);
    return false;
}

static bool ready(struct jup_history *h) {
    return h->db || (h->path && open_at(h, h->path)) || fall_back(h);
}

int64_t jup_history_new_session(struct jup_history *h) {
    static const char sql[] = "INSERT INTO sessions(started) VALUES "
                              "(strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))";
    if (!ready(h) || sqlite3_exec(h->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        return 0;
    return sqlite3_last_insert_rowid(h->db);
}

static bool insert(struct jup_history *h, int64_t session, int line, const char *input,
                   size_t len, const char *output) {
    sqlite3_stmt *s = NULL;
    bool ok =
        sqlite3_prepare_v2(h->db,
                           "INSERT INTO cells(session, line, input, output)"
                           " VALUES (?, ?, ?, ?)",
                           -1, &s, NULL) == SQLITE_OK &&
        sqlite3_bind_int64(s, 1, session ? session : h->session) == SQLITE_OK &&
        sqlite3_bind_int(s, 2, line) == SQLITE_OK &&
        sqlite3_bind_text64(s, 3, input, len, SQLITE_STATIC, SQLITE_UTF8) == SQLITE_OK &&
        (!output || sqlite3_bind_text(s, 4, output, -1, SQLITE_STATIC) == SQLITE_OK) &&
        sqlite3_step(s) == SQLITE_DONE;
    sqlite3_finalize(s);
    return ok;
}

void jup_history_store(struct jup_history *h, int64_t session, int line,
                       const char *input, size_t len, const char *output) {
    if (output && strlen(output) > OUTPUT_MAX)
        output = NULL;
    if (!ready(h) || insert(h, session, line, input, len, output))
        return;
    if (h->path && fall_back(h))
        insert(h, 0, line, input, len, output); /* a new database: its own session */
}

#define COLUMNS "SELECT session, line, input, output FROM cells "

static const char *sql_of(const struct jup_history_query *q) {
    if (q->access == JUP_HISTORY_TAIL)
        return COLUMNS "ORDER BY id DESC LIMIT ?1";
    if (q->access == JUP_HISTORY_RANGE && q->session <= 0) /* the -?2th before this one */
        return COLUMNS "WHERE session = (SELECT s FROM (SELECT ?5 AS s UNION SELECT "
                       "DISTINCT session FROM cells WHERE session < ?5) ORDER BY s DESC "
                       "LIMIT 1 OFFSET -?2) AND line >= ?3 AND (?4 < 0 OR line < ?4) "
                       "ORDER BY id DESC LIMIT ?1";
    if (q->access == JUP_HISTORY_RANGE)
        return COLUMNS "WHERE session = ?2 AND line >= ?3 AND (?4 < 0 OR line < ?4) "
                       "ORDER BY id DESC LIMIT ?1";
    if (q->unique)
        return COLUMNS "WHERE id IN (SELECT max(id) FROM cells WHERE input GLOB ?6 "
                       "GROUP BY input) ORDER BY id DESC LIMIT ?1";
    return COLUMNS "WHERE input GLOB ?6 ORDER BY id DESC LIMIT ?1";
}

/* SQLite's GLOB has classes in brackets; the protocol's has not. */
static void glob_of(const char *pattern, struct buf *out) {
    for (const char *p = pattern ? pattern : "*"; *p; p++) {
        if (*p == '[')
            buf_puts(out, "[[]");
        else if (*p != '*' || out->len == 0 || out->data[out->len - 1] != '*')
            buf_putc(out, *p);
    }
}

static json_t *column_text(sqlite3_stmt *s, int column) {
    const char *text = (const char *)sqlite3_column_text(s, column);
    if (!text)
        return json_null();
    return jup_text(text, (size_t)sqlite3_column_bytes(s, column));
}

static json_t *row(sqlite3_stmt *s, bool output) {
    long long session = sqlite3_column_int64(s, 0), line = sqlite3_column_int64(s, 1);
    if (output)
        return json_pack("[I, I, [o, o]]", session, line, column_text(s, 2),
                         column_text(s, 3));
    return json_pack("[I, I, o]", session, line, column_text(s, 2));
}

static void bind(sqlite3_stmt *s, const struct jup_history *h,
                 const struct jup_history_query *q, const char *glob) {
    int64_t n = q->access == JUP_HISTORY_RANGE || q->n < 0 || q->n > JUP_HISTORY_MAX
                    ? JUP_HISTORY_MAX
                    : q->n;
    int64_t value[] = {n, q->session, q->start, q->stop, q->own ? q->own : h->session};
    for (int i = 0; i < MIN_OF(sqlite3_bind_parameter_count(s), 5); i++)
        sqlite3_bind_int64(s, i + 1, value[i]);
    if (q->access == JUP_HISTORY_SEARCH)
        sqlite3_bind_text(s, 6, glob, -1, SQLITE_STATIC);
}

/* The newest come first out of the database. Takes the list. */
static json_t *reversed(json_t *list) {
    json_t *out = json_array();
    for (size_t i = json_array_size(list); i > 0 && out; i--) {
        if (json_array_append(out, json_array_get(list, i - 1))) {
            json_decref(out);
            out = NULL;
        }
    }
    json_decref(list);
    return out;
}

json_t *jup_history_query(struct jup_history *h, const struct jup_history_query *q) {
    json_t *list = json_array();
    sqlite3_stmt *s = NULL;
    struct buf glob;
    buf_init(&glob, (size_t)3 * PATTERN_MAX);
    glob_of(q->pattern, &glob);
    if (!list || !ready(h) || glob.failed)
        goto done;
    if (sqlite3_prepare_v2(h->db, sql_of(q), -1, &s, NULL) != SQLITE_OK)
        goto done;
    bind(s, h, q, glob.data);
    int rc;
    while ((rc = sqlite3_step(s)) == SQLITE_ROW)
        if (json_array_append_new(list, row(s, q->output)))
            break;
    if (rc != SQLITE_DONE)
        jup_log(h->log, JUP_LOG_WARN, "history: %s", sqlite3_errmsg(h->db));
done:
    sqlite3_finalize(s);
    buf_release(&glob);
    return reversed(list);
}
