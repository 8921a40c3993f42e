/* history_write.c: cells wait a moment in memory, then a thread writes them together. */
#include "history_parts.h"

#include <errno.h>
#include <sqlite3.h>
#include <time.h>

enum { OUTPUT_MAX = 65536 }; /* a longer result is not kept */

struct jup_history_cell {
    struct jup_history_cell *next;
    int64_t session;
    int line;
    size_t input_len, output_len;
    bool has_output;
    char text[]; /* input, output */
};

static void free_cells(struct jup_history_cell *cell) {
    while (cell) {
        struct jup_history_cell *next = cell->next;
        free(cell);
        cell = next;
    }
}

static bool insert(sqlite3_stmt *s, int64_t session,
                   const struct jup_history_cell *cell) {
    const char *output = cell->has_output ? cell->text + cell->input_len : NULL;
    return sqlite3_reset(s) == SQLITE_OK &&
           sqlite3_bind_int64(s, 1, session) == SQLITE_OK &&
           sqlite3_bind_int(s, 2, cell->line) == SQLITE_OK &&
           sqlite3_bind_text64(s, 3, cell->text, cell->input_len, SQLITE_STATIC,
                               SQLITE_UTF8) == SQLITE_OK &&
           sqlite3_bind_text64(s, 4, output, cell->output_len, SQLITE_STATIC,
                               SQLITE_UTF8) == SQLITE_OK &&
           sqlite3_step(s) == SQLITE_DONE;
}

/* All of them or none. own: as cells of the process's session, whatever theirs was. */
static bool insert_all(struct jup_history *h, const struct jup_history_cell *cell,
                       bool own) {
    static const char sql[] =
        "INSERT INTO cells(session, line, input, output) VALUES (?, ?, ?, ?)";
    sqlite3_stmt *s = NULL;
    bool begun = sqlite3_exec(h->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK;
    bool ok = begun && sqlite3_prepare_v2(h->db, sql, -1, &s, NULL) == SQLITE_OK;
    for (; ok && cell; cell = cell->next)
        ok = insert(s, own || !cell->session ? h->session : cell->session, cell);
    sqlite3_finalize(s);
    ok = ok && sqlite3_exec(h->db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK;
    if (begun && !ok)
        sqlite3_exec(h->db, "ROLLBACK", NULL, NULL, NULL);
    return ok;
}

static struct jup_history_cell *take_pending(struct jup_history *h) {
    pthread_mutex_lock(&h->pending_lock);
    struct jup_history_cell *cells = h->first;
    h->first = h->last = NULL;
    pthread_mutex_unlock(&h->pending_lock);
    return cells;
}

void jup_history_write_pending(struct jup_history *h) {
    struct jup_history_cell *cells = take_pending(h);
    if (cells && jup_history_ready(h) && !insert_all(h, cells, false) && h->path &&
        jup_history_fall_back(h))
        insert_all(h, cells, true); /* a new database: its own session */
    free_cells(cells);
}

void jup_history_flush(struct jup_history *h) {
    pthread_mutex_lock(&h->lock);
    jup_history_write_pending(h);
    pthread_mutex_unlock(&h->lock);
}

/* With the pending lock held: a while, or until the end. */
static void wait_a_moment(struct jup_history *h) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += (long)(JUP_HISTORY_DELAY * 1e9);
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    while (!h->closing &&
           pthread_cond_timedwait(&h->changed, &h->pending_lock, &until) != ETIMEDOUT)
        ;
}

static void *run(void *arg) {
    struct jup_history *h = arg;
    pthread_mutex_lock(&h->pending_lock);
    while (!h->closing) {
        if (!h->first) {
            pthread_cond_wait(&h->changed, &h->pending_lock);
            continue;
        }
        wait_a_moment(h);
        pthread_mutex_unlock(&h->pending_lock);
        jup_history_flush(h);
        pthread_mutex_lock(&h->pending_lock);
    }
    pthread_mutex_unlock(&h->pending_lock);
    return NULL;
}

static struct jup_history_cell *new_cell(const char *input, size_t len,
                                         const char *output) {
    size_t output_len = output ? strlen(output) : 0;
    if (output_len > OUTPUT_MAX) {
        output = NULL;
        output_len = 0;
    }
    struct jup_history_cell *cell = malloc(sizeof *cell + len + output_len);
    if (!cell)
        return NULL;
    *cell = (struct jup_history_cell){
        .input_len = len, .output_len = output_len, .has_output = output != NULL};
    memcpy(cell->text, input, len);
    if (output)
        memcpy(cell->text + len, output, output_len);
    return cell;
}

/* Whether it will be written by the thread, which sleeps while nothing is pending. */
static bool leave_to_thread(struct jup_history *h, struct jup_history_cell *cell) {
    pthread_mutex_lock(&h->pending_lock);
    bool wake = !h->first;
    if (h->last)
        h->last->next = cell;
    else
        h->first = cell;
    h->last = cell;
    bool runs = h->thread.running ||
                jup_thread_start(&h->thread, "nabla-history", run, h, NULL) == 0;
    if (wake)
        pthread_cond_signal(&h->changed);
    pthread_mutex_unlock(&h->pending_lock);
    return runs;
}

void jup_history_store(struct jup_history *h, int64_t session, int line,
                       const char *input, size_t len, const char *output) {
    struct jup_history_cell *cell = new_cell(input, len, output);
    if (!cell) {
        jup_log(h->log, JUP_LOG_WARN, "history: no memory for a cell of %zu bytes", len);
        return;
    }
    cell->session = session;
    cell->line = line;
    if (!leave_to_thread(h, cell))
        jup_history_flush(h);
}

void jup_history_end_writing(struct jup_history *h) {
    pthread_mutex_lock(&h->pending_lock);
    h->closing = true;
    pthread_cond_signal(&h->changed);
    pthread_mutex_unlock(&h->pending_lock);
    jup_thread_join(&h->thread);
    jup_history_flush(h);
}
