/* history.c: the history's database: opening, falling back to memory, closing. */
#include "history_parts.h"

#include "base/i18n.h"
#include "message.h"
#include "paths.h"
#include "sqlite_lazy.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

enum { BUSY_MS = 500 }; /* how long another process may hold the lock */

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
    pthread_mutex_init(&h->lock, NULL);
    pthread_mutex_init(&h->pending_lock, NULL);
    pthread_cond_init(&h->changed, NULL);
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
    sqlite3_limit(h->db, SQLITE_LIMIT_LIKE_PATTERN_LENGTH, JUP_HISTORY_PATTERN);
    if (!make_schema(h->db))
        return false;
    sqlite3_busy_timeout(h->db, BUSY_MS);
    h->session = sqlite3_last_insert_rowid(h->db);
    return true;
}

bool jup_history_fall_back(struct jup_history *h) {
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

bool jup_history_ready(struct jup_history *h) {
    return h->db || (h->path && open_at(h, h->path)) || jup_history_fall_back(h);
}

int64_t jup_history_new_session(struct jup_history *h) {
    static const char sql[] = "INSERT INTO sessions(started) VALUES "
                              "(strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))";
    pthread_mutex_lock(&h->lock);
    bool made =
        jup_history_ready(h) && sqlite3_exec(h->db, sql, NULL, NULL, NULL) == SQLITE_OK;
    int64_t session = made ? sqlite3_last_insert_rowid(h->db) : 0;
    pthread_mutex_unlock(&h->lock);
    return session;
}

void jup_history_release(struct jup_history *h) {
    jup_history_end_writing(h);
    close_db(h);
    free(h->path);
    h->path = NULL;
    pthread_cond_destroy(&h->changed);
    pthread_mutex_destroy(&h->pending_lock);
    pthread_mutex_destroy(&h->lock);
}
