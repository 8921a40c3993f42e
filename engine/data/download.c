/* download.c: where a published file is looked for, and what to say when it is nowhere. */
#include "nn/download.h"

#include "base/buf.h"
#include "base/i18n.h"
#include "base/oserr.h"
#include "fetch.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_LIMIT = 1 << 14, MAX_URLS = 16 };

static int no_memory(const struct nn_download_set *set, struct err *e) {
    return err_set(e, ERR_NOMEM, _("%s: falta memoria para buscar los archivos"),
                   set->name);
}

/* *path: the file in folder/sub/ under one of its names, or NULL. */
static int look_in(char **path, const char *folder, const char *sub,
                   const struct nn_download_set *set, const struct nn_download_file *f,
                   struct err *e) {
    const char *names[1 + NN_DOWNLOAD_ALSO] = {f->name, f->also[0], f->also[1]};
    for (size_t i = 0; !*path && i < ARRAY_LEN(names); i++) {
        if (!names[i])
            continue;
        struct buf b;
        buf_init(&b, PATH_LIMIT);
        buf_printf(&b, "%s/%s%s", folder, sub, names[i]);
        if (b.failed) {
            buf_release(&b);
            return no_memory(set, e);
        }
        if (access(b.data, F_OK) == 0)
            *path = buf_take(&b, NULL);
        buf_release(&b);
    }
    return 0;
}

int nn_download_look(char **path, const char *folder, const struct nn_download_set *set,
                     size_t file, struct err *e) {
    *path = NULL;
    const struct nn_download_file *f = &set->file[file];
    int rc = look_in(path, folder, "", set, f, e);
    if (rc == 0 && !*path)
        rc = err_set(e, ERR_NOTFOUND, _("%s: falta el archivo %s"), folder, f->name);
    return rc;
}

/* The cache's folder of all sets, NULL when the user has no home. */
static int cache_root(char **folder, const struct nn_download_set *set, struct err *e) {
    const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    struct buf b;
    buf_init(&b, PATH_LIMIT);
    *folder = NULL;
    if (xdg && xdg[0] == '/') /* a relative one is to be ignored (XDG base directory) */
        buf_printf(&b, "%s/nabla", xdg);
    else if (home && home[0])
        buf_printf(&b, "%s/.cache/nabla", home);
    if (b.failed) {
        buf_release(&b);
        return no_memory(set, e);
    }
    *folder = buf_take(&b, NULL);
    return 0;
}

/* mkdir -p; path is changed and restored on the way. */
static int make_folders(char *path, struct err *e) {
    for (char *p = path + 1;; p++) {
        if (*p != '/' && *p != '\0')
            continue;
        char end = *p;
        *p = '\0';
        int failed = mkdir(path, 0777) < 0 && errno != EEXIST;
        if (failed)
            return err_set(e, ERR_IO, _("%s: no se puede crear la carpeta: %s"), path,
                           os_reason(errno));
        *p = end;
        if (!end)
            return 0;
    }
}

int nn_download_cache(char **folder, const struct nn_download_set *set, bool create,
                      struct err *e) {
    *folder = NULL;
    char *root;
    int rc = cache_root(&root, set, e);
    if (rc < 0)
        return rc;
    if (!root)
        return err_set(e, ERR_IO,
                       _("no se sabe dónde guardar %s: define HOME o XDG_CACHE_HOME"),
                       set->name);
    struct buf b;
    buf_init(&b, PATH_LIMIT);
    buf_printf(&b, "%s/%s", root, set->name);
    free(root);
    if (b.failed) {
        buf_release(&b);
        return no_memory(set, e);
    }
    rc = create ? make_folders(b.data, e) : 0;
    if (rc == 0)
        *folder = buf_take(&b, NULL);
    buf_release(&b);
    return rc;
}

/* Whole addresses of one file, one after another in text, each ended by NUL. */
static int list_urls(const char *url[MAX_URLS], size_t *n, struct buf *text,
                     const struct nn_download_set *set, const char *file, struct err *e) {
    const char *own = getenv("NABLA_MIRROR");
    size_t start[MAX_URLS];
    *n = 0;
    if (own && own[0]) {
        for (const char *p = own + strspn(own, " "); *p && *n < MAX_URLS;) {
            size_t len = strcspn(p, " ");
            start[(*n)++] = text->len;
            buf_printf(text, "%.*s%s%s/%s%c", (int)len, p, p[len - 1] == '/' ? "" : "/",
                       set->name, file, '\0');
            p += len + strspn(p + len, " ");
        }
    } else {
        for (size_t i = 0; i < NN_DOWNLOAD_MIRRORS && set->mirror[i]; i++) {
            start[(*n)++] = text->len;
            buf_printf(text, "%s%s%c", set->mirror[i], file, '\0');
        }
    }
    if (text->failed)
        return no_memory(set, e);
    for (size_t i = 0; i < *n; i++)
        url[i] = text->data + start[i];
    return 0;
}

/* The sentence for a file that cannot be had: why, and what to put where by hand. */
static int say_by_hand(const struct nn_download_set *set, size_t file, const char *folder,
                       int code, const char *why, struct err *e) {
    struct buf names;
    buf_init(&names, 1 << 10);
    for (size_t i = 0; i < set->n_files; i++)
        buf_printf(&names, "%s%s", i ? ", " : "", set->file[i].name);
    int rc = err_set(e, code,
                     _("%s: no se pudo descargar %s (%s); sin red, copia %s en %s o en "
                       "la carpeta %s de NABLA_DATA"),
                     set->name, set->file[file].name, why,
                     names.failed ? set->file[file].name : names.data, folder, set->name);
    buf_release(&names);
    return rc;
}

static int fetch(char **path, const struct nn_download_set *set, size_t file,
                 const struct nn_download_opts *opts, struct err *e) {
    const struct nn_download_file *f = &set->file[file];
    const char *url[MAX_URLS];
    char *folder = NULL;
    struct buf text, where;
    struct err why = {0};
    struct nn_fetch job = {.file = f, .url = url, .opts = opts};
    buf_init(&text, PATH_LIMIT);
    buf_init(&where, PATH_LIMIT);
    int rc = nn_download_cache(&folder, set, true, e);
    if (rc == 0)
        rc = list_urls(url, &job.n_urls, &text, set, f->name, e);
    if (rc < 0)
        goto done;
    job.folder = folder;
    rc = nn_fetch_run(&job, &why);
    if (rc == ERR_NET || rc == ERR_CHECKSUM)
        rc = say_by_hand(set, file, folder, rc, why.msg, e);
    else if (rc < 0)
        rc = err_set(e, rc, "%s", why.msg);
    if (rc < 0)
        goto done;
    buf_printf(&where, "%s/%s", folder, f->name);
    rc = where.failed ? no_memory(set, e) : 0;
    if (rc == 0)
        *path = buf_take(&where, NULL);
done:
    free(folder);
    buf_release(&text);
    buf_release(&where);
    return rc;
}

int nn_download_find(char **path, const struct nn_download_set *set, size_t file,
                     const struct nn_download_opts *opts, struct err *e) {
    *path = NULL;
    if (file >= set->n_files)
        return err_set(e, ERR_RANGE, _("%s: archivo %zu fuera de 1..%zu"), set->name,
                       file + 1, set->n_files);
    const struct nn_download_file *f = &set->file[file];
    const char *own = getenv("NABLA_DATA");
    char *root = NULL, sub[64];
    (void)snprintf(sub, sizeof sub, "%s/", set->name);
    int rc = own && own[0] ? look_in(path, own, sub, set, f, e) : 0;
    if (rc < 0 || *path)
        return rc;
    rc = cache_root(&root, set, e);
    if (rc == 0 && root)
        rc = look_in(path, root, sub, set, f, e);
    free(root);
    if (rc < 0 || *path)
        return rc;
    if (opts && opts->offline)
        return err_set(e, ERR_NOTFOUND,
                       _("%s: falta %s en NABLA_DATA y en la caché, y no se permite "
                         "descargar"),
                       set->name, f->name);
    return fetch(path, set, file, opts, e);
}
