/* paths.c: folders by environment and by custom. */
#include "paths.h"

#include "base/i18n.h"
#include "base/oserr.h"
#include "base/util.h"

#include <errno.h>
#include <sys/stat.h>

static const char *env(const char *name) {
    const char *v = getenv(name);
    return v && v[0] != '\0' ? v : NULL;
}

/* $XDG_DATA_HOME or ~/.local/share. */
static int data_home(struct buf *out, struct err *e) {
    const char *xdg = env("XDG_DATA_HOME"), *home = env("HOME");
    if (xdg)
        buf_puts(out, xdg);
    else if (home)
        buf_printf(out, "%s/.local/share", home);
    else
        return err_set(e, ERR_IO, _("no hay HOME ni XDG_DATA_HOME en el entorno"));
    return 0;
}

static int finish(const struct buf *out, struct err *e) {
    return out->failed ? err_set(e, ERR_NOMEM, _("no queda memoria")) : 0;
}

int jup_path_runtime(struct buf *out, struct err *e) {
    const char *runtime = env("JUPYTER_RUNTIME_DIR"), *data = env("JUPYTER_DATA_DIR");
    if (runtime) {
        buf_puts(out, runtime);
        return finish(out, e);
    }
    if (data) {
        buf_printf(out, "%s/runtime", data);
        return finish(out, e);
    }
    int rc = data_home(out, e);
    if (rc)
        return rc;
    buf_puts(out, "/jupyter/runtime");
    return finish(out, e);
}

int jup_path_history(struct buf *out, struct err *e) {
    int rc = data_home(out, e);
    if (rc)
        return rc;
    buf_puts(out, "/nabla/history.sqlite");
    return finish(out, e);
}

int jup_path_parents(const char *file, struct err *e) {
    char *path = copy_text(file);
    if (!path)
        return err_set(e, ERR_NOMEM, _("no queda memoria"));
    int rc = 0;
    for (char *p = path + 1; *p && !rc; p++) {
        if (*p != '/')
            continue;
        *p = '\0';
        if (mkdir(path, 0700) && errno != EEXIST)
            rc = err_set(e, ERR_IO, _("no se pudo crear la carpeta %s: %s"), path,
                         os_reason(errno));
        *p = '/';
    }
    free(path);
    return rc;
}
