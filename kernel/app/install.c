/* install.c: `nabla install`: writes the kernelspec (kernel.json and logos) and the report's
 * template where Jupyter looks for them, or removes them. Places: jupyter_core's own (JUPYTER_DATA_DIR,
 * XDG_DATA_HOME, sys.prefix). */
#include "app.h"
#include "base/buf.h"
#include "base/i18n.h"
#include "base/oserr.h"
#include "base/util.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

struct install_options {
    bool remove;
    char root[PATH_MAX]; /* the folder that holds kernels/ */
    char executable[PATH_MAX];
};

static int sys_prefix(char *out, size_t size, struct err *e) {
    const char *env = getenv("VIRTUAL_ENV");
    if (!env || !*env)
        env = getenv("CONDA_PREFIX");
    if (env && *env) {
        (void)snprintf(out, size, "%s", env);
        return ERR_OK;
    }
    FILE *p = popen("python3 -c 'import sys; print(sys.prefix)'", "r");
    bool ok = p && fgets(out, (int)size, p);
    if (p && pclose(p) != 0)
        ok = false;
    if (!ok)
        return err_set(
            e, ERR_NOTFOUND,
            _("--sys-prefix: no hay entorno de Python activo ni un python3 que lo diga"));
    out[strcspn(out, "\n")] = '\0';
    return ERR_OK;
}

/* The data folder of the user, as jupyter_core's jupyter_data_dir() has it on Linux. */
static int user_root(char *out, size_t size, struct err *e) {
    const char *dir = getenv("JUPYTER_DATA_DIR");
    if (dir && *dir) {
        (void)snprintf(out, size, "%s", dir);
        return ERR_OK;
    }
    dir = getenv("XDG_DATA_HOME");
    const char *home = getenv("HOME");
    if (dir && *dir)
        (void)snprintf(out, size, "%s/jupyter", dir);
    else if (home && *home)
        (void)snprintf(out, size, "%s/.local/share/jupyter", home);
    else
        return err_set(e, ERR_NOTFOUND, _("--user: la variable HOME no está definida"));
    return ERR_OK;
}

static int set_root_from_prefix(struct install_options *o, const char *prefix,
                                struct err *e) {
    int n = snprintf(o->root, sizeof o->root, "%s/share/jupyter", prefix);
    if (n < 0 || (size_t)n >= sizeof o->root)
        return err_set(e, ERR_RANGE, _("--prefix: la ruta es demasiado larga (%d bytes)"),
                       n);
    return ERR_OK;
}

static int parse_root(struct install_options *o, int argc, char **argv, int *used,
                      struct err *e) {
    *used = 1;
    if (strcmp(argv[0], "--user") == 0)
        return user_root(o->root, sizeof o->root, e);
    if (strcmp(argv[0], "--sys-prefix") == 0) {
        char prefix[PATH_MAX];
        int rc = sys_prefix(prefix, sizeof prefix, e);
        return rc < 0 ? rc : set_root_from_prefix(o, prefix, e);
    }
    if (strcmp(argv[0], "--prefix") == 0 && argc > 1) {
        *used = 2;
        return set_root_from_prefix(o, argv[1], e);
    }
    return err_set(e, ERR_ARG, _("install: no se entiende «%s»"), argv[0]);
}

static int parse(struct install_options *o, int argc, char **argv, struct err *e) {
    *o = (struct install_options){0};
    int rc = app_executable(o->executable, sizeof o->executable, e);
    if (rc == ERR_OK)
        rc = user_root(o->root, sizeof o->root, e);
    for (int i = 0, used; i < argc && rc == ERR_OK; i += used) {
        used = 1;
        if (strcmp(argv[i], "--remove") == 0) {
            o->remove = true;
        } else if (strcmp(argv[i], "--executable") == 0 && i + 1 < argc) {
            (void)snprintf(o->executable, sizeof o->executable, "%s", argv[i + 1]);
            used = 2;
        } else {
            rc = parse_root(o, argc - i, argv + i, &used, e);
        }
    }
    return rc;
}

/* mkdir -p */
static int make_folders(const char *path, struct err *e) {
    char part[PATH_MAX + 64];
    (void)snprintf(part, sizeof part, "%s", path);
    for (char *p = part + 1;; p++) {
        char c = *p;
        if (c != '/' && c != '\0')
            continue;
        *p = '\0';
        if (mkdir(part, 0755) != 0 && errno != EEXIST)
            return err_set(e, ERR_IO, _("no se puede crear la carpeta %s: %s"), part,
                           os_reason(errno));
        *p = c;
        if (c == '\0')
            return ERR_OK;
    }
}

/* To a temporary name first, so that Jupyter never reads half a file. */
static int write_file(const char *dir, const char *name, const void *data, size_t n,
                      struct err *e) {
    char path[PATH_MAX + 64], temporary[PATH_MAX + 80];
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    (void)snprintf(temporary, sizeof temporary, "%s.%ld", path, (long)getpid());
    FILE *f = fopen(temporary, "wb");
    bool ok = f && fwrite(data, 1, n, f) == n;
    if (f && fclose(f) != 0)
        ok = false;
    if (ok && rename(temporary, path) == 0)
        return ERR_OK;
    int reason = errno;
    (void)unlink(temporary);
    return err_set(e, ERR_IO, _("no se puede escribir %s: %s"), path, os_reason(reason));
}

static char *kernelspec_json(const char *executable) {
    json_t *spec = json_pack("{s:[s,s,s], s:s, s:s, s:s, s:s, s:{s:b, s:[s]}}", "argv",
                             executable, "kernel", "{connection_file}", "display_name",
                             "Nabla (Lua)", "language", "lua", "interrupt_mode",
                             "message", "kernel_protocol_version", "5.5", "metadata",
                             "debugger", 1, "supported_encryption", "curve");
    char *text = spec ? json_dumps(spec, JSON_INDENT(2)) : NULL;
    json_decref(spec);
    return text;
}

static int write_files(const char *dir, const struct app_file *file, size_t n,
                       struct err *e) {
    int rc = make_folders(dir, e);
    for (size_t i = 0; i < n && rc == ERR_OK; i++)
        rc = write_file(dir, file[i].name, file[i].data, file[i].len, e);
    return rc;
}

/* Only the files that this program writes, then the folder if nothing else is in it. */
static void remove_files(const char *dir, const struct app_file *file, size_t n) {
    char path[PATH_MAX + 64];
    for (size_t i = 0; i < n; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", dir, file[i].name);
        (void)unlink(path);
    }
    (void)rmdir(dir);
}

static int write_spec(const char *dir, const char *executable, struct err *e) {
    char *json = kernelspec_json(executable);
    if (!json)
        return err_set(e, ERR_NOMEM, _("no hay memoria para escribir kernel.json"));
    size_t n;
    const struct app_file *logo = app_logos(&n);
    int rc = write_files(dir, logo, n, e);
    if (rc == ERR_OK)
        rc = write_file(dir, "kernel.json", json, strlen(json), e);
    free(json);
    return rc;
}

static int remove_spec(const char *dir, struct err *e) {
    char path[PATH_MAX + 64];
    (void)snprintf(path, sizeof path, "%s/kernel.json", dir);
    if (unlink(path) != 0)
        return err_set(e, ERR_NOTFOUND, _("no hay un núcleo instalado en %s"), dir);
    size_t n;
    const struct app_file *logo = app_logos(&n);
    remove_files(dir, logo, n);
    return ERR_OK;
}

/* Where nbconvert looks for `--template informe`. */
static int install_template(const struct install_options *o, struct err *e) {
    char dir[PATH_MAX + 48];
    (void)snprintf(dir, sizeof dir, "%s/nbconvert/templates/informe", o->root);
    size_t n;
    const struct app_file *file = app_template(&n);
    if (!o->remove)
        return write_files(dir, file, n, e);
    remove_files(dir, file, n);
    return ERR_OK;
}

int app_install(int argc, char **argv) {
    struct install_options o;
    struct err e = {0};
    char dir[PATH_MAX + 32];
    int rc = parse(&o, argc, argv, &e);
    if (rc == ERR_OK) {
        (void)snprintf(dir, sizeof dir, "%s/kernels/nabla", o.root);
        rc = o.remove ? remove_spec(dir, &e) : write_spec(dir, o.executable, &e);
        if (rc == ERR_OK)
            rc = install_template(&o, &e);
    }
    if (rc < 0) {
        fprintf(stderr, "nabla install: %s\n", e.msg);
        return rc == ERR_ARG ? 2 : 1;
    }
    printf(o.remove ? _("Núcleo quitado de %s\n") : _("Núcleo instalado en %s\n"), dir);
    return 0;
}
