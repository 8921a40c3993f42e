/* archive_lazy.c: libarchive, loaded with the first archive (base/lazy.h) */
#include "lazy_libraries.h"

#include "base/lazy.h"

#include <archive.h>
#include <archive_entry.h>

static struct lazy_library library = {.name = "libarchive.so.13"};

int nn_archive_load(struct err *e) {
    return lazy_load(&library, e);
}

LAZY(library, const char *, archive_entry_pathname, (struct archive_entry * p0), (p0))
LAZY(library, la_int64_t, archive_entry_size, (struct archive_entry * p0), (p0))
LAZY(library, int, archive_errno, (struct archive * p0), (p0))
LAZY(library, const char *, archive_error_string, (struct archive * p0), (p0))
LAZY(library, la_ssize_t, archive_read_data, (struct archive * p0, void *p1, size_t p2),
     (p0, p1, p2))
LAZY(library, int, archive_read_free, (struct archive * p0), (p0))
LAZY(library, struct archive *, archive_read_new, (void), ())
LAZY(library, int, archive_read_next_header,
     (struct archive * p0, struct archive_entry **p1), (p0, p1))
LAZY(library, int, archive_read_open,
     (struct archive * p0, void *_client_data, archive_open_callback *p2,
      archive_read_callback *p3, archive_close_callback *p4),
     (p0, _client_data, p2, p3, p4))
LAZY(library, int, archive_read_open_memory,
     (struct archive * p0, const void *buff, size_t size), (p0, buff, size))
LAZY(library, int, archive_read_support_filter_bzip2, (struct archive * p0), (p0))
LAZY(library, int, archive_read_support_filter_gzip, (struct archive * p0), (p0))
LAZY(library, int, archive_read_support_filter_xz, (struct archive * p0), (p0))
LAZY(library, int, archive_read_support_filter_zstd, (struct archive * p0), (p0))
LAZY(library, int, archive_read_support_format_tar, (struct archive * p0), (p0))
LAZY_VOID(library, archive_entry_free, (struct archive_entry * p0), (p0))
LAZY(library, struct archive_entry *, archive_entry_new, (void), ())
LAZY_VOID(library, archive_entry_set_filetype,
          (struct archive_entry * p0, unsigned int p1), (p0, p1))
LAZY_VOID(library, archive_entry_set_mtime,
          (struct archive_entry * p0, time_t p1, long p2), (p0, p1, p2))
LAZY_VOID(library, archive_entry_set_pathname_utf8,
          (struct archive_entry * p0, const char *p1), (p0, p1))
LAZY_VOID(library, archive_entry_set_perm, (struct archive_entry * p0, __LA_MODE_T p1),
          (p0, p1))
LAZY_VOID(library, archive_entry_set_size, (struct archive_entry * p0, la_int64_t p1),
          (p0, p1))
LAZY(library, int, archive_write_close, (struct archive * p0), (p0))
LAZY(library, la_ssize_t, archive_write_data,
     (struct archive * p0, const void *p1, size_t p2), (p0, p1, p2))
LAZY(library, int, archive_write_free, (struct archive * p0), (p0))
LAZY(library, int, archive_write_header, (struct archive * p0, struct archive_entry *p1),
     (p0, p1))
LAZY(library, struct archive *, archive_write_new, (void), ())
LAZY(library, int, archive_write_open_filename, (struct archive * p0, const char *p1),
     (p0, p1))
LAZY(library, int, archive_write_set_format_zip, (struct archive * p0), (p0))
LAZY(library, int, archive_write_set_options, (struct archive * p0, const char *p1),
     (p0, p1))

void archive_set_error(struct archive *a, int number, const char *fmt, ...) {
    LAZY_CALL(library, archive_set_error);
    char text[256];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (call.object)
        call.function(a, number, "%s", text);
}
