/* history_query.c: what history_request asks for: tail, range, search. */
#include "history_parts.h"

#include "message.h"

#include <sqlite3.h>

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
    buf_init(&glob, (size_t)3 * JUP_HISTORY_PATTERN);
    glob_of(q->pattern, &glob);
    pthread_mutex_lock(&h->lock);
    jup_history_write_pending(h);
    if (!list || !jup_history_ready(h) || glob.failed)
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
    pthread_mutex_unlock(&h->lock);
    buf_release(&glob);
    return reversed(list);
}
