/* sqlite_lazy.c: SQLite, loaded with the first entry of the history (base/lazy.h) */
#include "sqlite_lazy.h"

#include "base/lazy.h"

#include <sqlite3.h>

static struct lazy_library library = {.name = "libsqlite3.so.0"};

int jup_sqlite_load(struct err *e) {
    return lazy_load(&library, e);
}

LAZY(library, int, sqlite3_bind_int, (sqlite3_stmt * p0, int p1, int p2), (p0, p1, p2))
LAZY(library, int, sqlite3_bind_int64, (sqlite3_stmt * p0, int p1, sqlite3_int64 p2),
     (p0, p1, p2))
LAZY(library, int, sqlite3_bind_parameter_count, (sqlite3_stmt * p0), (p0))
LAZY(library, int, sqlite3_bind_text,
     (sqlite3_stmt * p0, int p1, const char *p2, int p3, void (*p4)(void *)),
     (p0, p1, p2, p3, p4))
LAZY(library, int, sqlite3_bind_text64,
     (sqlite3_stmt * p0, int p1, const char *p2, sqlite3_uint64 p3, void (*p4)(void *),
      unsigned char encoding),
     (p0, p1, p2, p3, p4, encoding))
LAZY(library, int, sqlite3_busy_timeout, (sqlite3 * p0, int ms), (p0, ms))
LAZY(library, int, sqlite3_close, (sqlite3 * p0), (p0))
LAZY(library, int, sqlite3_column_bytes, (sqlite3_stmt * p0, int iCol), (p0, iCol))
LAZY(library, sqlite3_int64, sqlite3_column_int64, (sqlite3_stmt * p0, int iCol),
     (p0, iCol))
LAZY(library, const unsigned char *, sqlite3_column_text, (sqlite3_stmt * p0, int iCol),
     (p0, iCol))
LAZY(library, const char *, sqlite3_errmsg, (sqlite3 * p0), (p0))
LAZY(library, int, sqlite3_exec,
     (sqlite3 * p0, const char *sql, int (*callback)(void *, int, char **, char **),
      void *p3, char **errmsg),
     (p0, sql, callback, p3, errmsg))
LAZY(library, int, sqlite3_finalize, (sqlite3_stmt * pStmt), (pStmt))
LAZY(library, sqlite3_int64, sqlite3_last_insert_rowid, (sqlite3 * p0), (p0))
LAZY(library, const char *, sqlite3_libversion, (void), ())
LAZY(library, int, sqlite3_limit, (sqlite3 * p0, int id, int newVal), (p0, id, newVal))
LAZY(library, int, sqlite3_open_v2,
     (const char *filename, sqlite3 **ppDb, int flags, const char *zVfs),
     (filename, ppDb, flags, zVfs))
LAZY(library, int, sqlite3_prepare_v2,
     (sqlite3 * db, const char *zSql, int nByte, sqlite3_stmt **ppStmt,
      const char **pzTail),
     (db, zSql, nByte, ppStmt, pzTail))
LAZY(library, int, sqlite3_reset, (sqlite3_stmt * p0), (p0))
LAZY(library, int, sqlite3_sleep, (int p0), (p0))
LAZY(library, int, sqlite3_step, (sqlite3_stmt * p0), (p0))
