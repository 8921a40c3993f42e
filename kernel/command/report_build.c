/* report_build.c: nbconvert, then xelatex until nothing moves any more. */
#include "report_build.h"

#include "report_run.h"

#include "base/i18n.h"
#include "base/oserr.h"
#include "base/util.h"

#include <dirent.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME "informe"

enum { TEX_RUNS = 4, TEXT_MAX = 64 << 20 };

struct job {
    const struct cmd_build *b;
    char folder[PATH_MAX];   /* where it is built */
    char notebook[PATH_MAX]; /* absolute */
    char beside[PATH_MAX];   /* the notebook's folder */
    struct buf said;         /* by the program that ran last */
};

/* ------------------------------------------------------------------- files */

static int read_text(const char *folder, const char *name, struct buf *out) {
    char path[PATH_MAX + 32], part[8192];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "rb");
    if (!f)
        return ERR_IO;
    for (size_t n; (n = fread(part, 1, sizeof part, f)) > 0;)
        buf_add(out, part, n);
    (void)fclose(f);
    return out->failed ? ERR_NOMEM : ERR_OK;
}

/* To a temporary name first, so that nobody opens half a PDF. */
static int copy_file(const char *from, const char *to, struct err *e) {
    char part[8192], temporary[PATH_MAX + 40];
    (void)snprintf(temporary, sizeof temporary, "%s.%ld.part", to, (long)getpid());
    FILE *in = fopen(from, "rb"), *out = in ? fopen(temporary, "wb") : NULL;
    bool ok = in && out;
    for (size_t n; ok && (n = fread(part, 1, sizeof part, in)) > 0;)
        ok = fwrite(part, 1, n, out) == n;
    ok = ok && !ferror(in);
    if (in)
        (void)fclose(in);
    if (out && fclose(out) != 0)
        ok = false;
    if (ok && rename(temporary, to) == 0)
        return ERR_OK;
    int reason = errno;
    (void)unlink(temporary);
    return err_set(e, ERR_IO, _("no se puede escribir %s: %s"), to, os_reason(reason));
}

/* Removes a folder that this file made, with the files and folders inside. */
static void remove_folder(const char *path) {
    DIR *d = opendir(path);
    char name[PATH_MAX + 256];
    for (struct dirent *x; d && (x = readdir(d)) != NULL;) {
        if (strcmp(x->d_name, ".") == 0 || strcmp(x->d_name, "..") == 0)
            continue;
        (void)snprintf(name, sizeof name, "%s/%s", path, x->d_name);
        struct stat st;
        if (lstat(name, &st) == 0 && S_ISDIR(st.st_mode))
            remove_folder(name);
        else
            (void)unlink(name);
    }
    if (d)
        (void)closedir(d);
    (void)rmdir(path);
}

static int make_folder(struct job *j, struct err *e) {
    const char *tmp = getenv("TMPDIR");
    if (j->b->tex) {
        if (mkdir(j->b->tex, 0755) != 0 && errno != EEXIST)
            return err_set(e, ERR_IO, _("no se puede crear la carpeta %s: %s"), j->b->tex,
                           os_reason(errno));
        if (!realpath(j->b->tex, j->folder))
            return err_set(e, ERR_IO, "%s: %s", j->b->tex, os_reason(errno));
        char figures[PATH_MAX + 32];
        (void)snprintf(figures, sizeof figures, "%s/" NAME "_files", j->folder);
        remove_folder(figures);
        return ERR_OK;
    }
    (void)snprintf(j->folder, sizeof j->folder, "%s/nabla-informe-XXXXXX",
                   tmp && *tmp ? tmp : "/tmp");
    if (mkdtemp(j->folder))
        return ERR_OK;
    int reason = errno;
    j->folder[0] = '\0';
    return err_set(e, ERR_IO, _("no se puede crear una carpeta para el informe: %s"),
                   os_reason(reason));
}

static int find_notebook(struct job *j, struct err *e) {
    if (!realpath(j->b->notebook, j->notebook))
        return err_set(e, ERR_IO, _("%s: no se puede leer: %s"), j->b->notebook,
                       os_reason(errno));
    (void)snprintf(j->beside, sizeof j->beside, "%s", j->notebook);
    char *slash = strrchr(j->beside, '/');
    slash[slash == j->beside] = '\0';
    return ERR_OK;
}

/* ---------------------------------------------------------------- programs */

bool cmd_find_jupyter(char *path, size_t size) {
    char exe[PATH_MAX];
    if (cmd_run_has("jupyter")) {
        (void)snprintf(path, size, "jupyter");
        return true;
    }
    ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
    exe[MAX_OF(n, 0)] = '\0';
    for (int up = 0; up < 3 && strrchr(exe, '/'); up++)
        *strrchr(exe, '/') = '\0';
    (void)snprintf(path, size, "%s/.venv/bin/jupyter", exe);
    return access(path, X_OK) == 0;
}

static int run(struct job *j, const char *const argv[], const char *folder, int *status,
               struct err *e) {
    buf_clear(&j->said);
    struct cmd_run r = {.argv = argv,
                        .folder = folder,
                        .tex_folder = j->beside,
                        .stop = j->b->stop,
                        .arg = j->b->arg};
    return cmd_run(&r, &j->said, status, e);
}

static int check_programs(char *jupyter, size_t size, struct err *e) {
    if (!cmd_find_jupyter(jupyter, size))
        return err_set(e, ERR_NOTFOUND, "%s",
                       _("falta jupyter nbconvert: pip install nbconvert"));
    static const char *const programs[] = {"pandoc", "xelatex"};
    for (size_t i = 0; i < ARRAY_LEN(programs); i++)
        if (!cmd_run_has(programs[i]))
            return err_set(e, ERR_NOTFOUND,
                           _("falta %s: sin él no hay PDF. Se instala con «make "
                             "setup-report» (o «.binder/setup report»)"),
                           programs[i]);
    return ERR_OK;
}

/* The last line that says something: Python ends a traceback with the reason. */
static const char *last_line(struct buf *said) {
    if (!said->data)
        return "";
    while (said->len && strchr(" \r\n", said->data[said->len - 1]))
        said->data[--said->len] = '\0';
    const char *line = strrchr(said->data, '\n');
    return line ? line + 1 : said->data;
}

static int write_latex(struct job *j, const char *jupyter, struct err *e) {
    /* a drawing that is SVG alone needs Inkscape; without it its text stands there */
    const char *svg =
        cmd_run_has("inkscape") ? NULL : "--SVG2PDFPreprocessor.enabled=False";
    const char *const argv[] = {jupyter,        "nbconvert", "--to",        "latex",
                                "--template",   NAME,        "--output",    NAME,
                                "--output-dir", j->folder,   "--log-level", "ERROR",
                                j->notebook,    svg,         NULL};
    int status;
    int rc = run(j, argv, NULL, &status, e);
    if (rc < 0 || status == 0)
        return rc;
    if (j->said.data && strstr(j->said.data, "No template sub-directory"))
        return err_set(e, ERR_NOTFOUND, "%s",
                       _("nbconvert no encuentra la plantilla «informe»: nabla install "
                         "la instala"));
    return err_set(e, ERR_STATE, _("nbconvert falló: %.300s"), last_line(&j->said));
}

/* --------------------------------------------------------------------- TeX */

/* What the next run would read: when it is as before, nothing moves any more. */
static void read_moving(const struct job *j, struct buf *out) {
    static const char *const names[] = {NAME ".aux", NAME ".toc", NAME ".lof",
                                        NAME ".lot", NAME ".out"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        (void)read_text(j->folder, names[i], out);
}

static int explain(struct job *j, struct err *e) {
    struct buf tex, sentence;
    buf_init(&tex, TEXT_MAX);
    buf_init(&sentence, sizeof e->msg);
    (void)read_text(j->folder, NAME ".tex", &tex);
    cmd_tex_explain(j->said.data ? j->said.data : "", tex.data ? tex.data : "",
                    &sentence);
    int rc = err_set(e, ERR_FORMAT, "%s", sentence.data ? sentence.data : "LaTeX");
    buf_release(&tex);
    buf_release(&sentence);
    return rc;
}

static int set_type(struct job *j, struct err *e) {
    static const char *const argv[] = {"xelatex",        "-interaction=nonstopmode",
                                       "-halt-on-error", "-file-line-error",
                                       "informe.tex",    NULL};
    struct buf before, after;
    buf_init(&before, TEXT_MAX);
    buf_init(&after, TEXT_MAX);
    int rc = ERR_OK, status = 0;
    for (int i = 0; i < TEX_RUNS && rc == ERR_OK; i++) {
        rc = run(j, argv, j->folder, &status, e);
        if (rc == ERR_OK && status != 0)
            rc = explain(j, e);
        buf_clear(&after);
        read_moving(j, &after);
        bool same = i > 0 && after.len == before.len && after.len &&
                    memcmp(after.data, before.data, after.len) == 0;
        if (same)
            break;
        struct buf old = before;
        before = after;
        after = old;
    }
    buf_release(&before);
    buf_release(&after);
    return rc;
}

static size_t count_lines(const char *text, const char *with, const char *and_with) {
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, with)) != NULL; at += strlen(with)) {
        const char *rest = strstr(at, and_with), *end = strchr(at, '\n');
        n += rest && (!end || rest < end);
    }
    return n;
}

/* What the log says of a document that was set. */
static void tell(const struct job *j, struct cmd_findings *f) {
    struct buf log;
    buf_init(&log, TEXT_MAX);
    (void)read_text(j->folder, NAME ".log", &log);
    const char *text = log.data ? log.data : "";
    size_t glyphs = count_lines(text, "Missing character", "");
    size_t refs = count_lines(text, "LaTeX Warning: Reference", "undefined");
    int pages = 0;
    const char *at = strstr(text, "Output written on");
    at = at ? strchr(at, '(') : NULL;
    if (at)
        pages = (int)strtol(at + 1, NULL, 10);
    if (refs)
        cmd_finding_add(f, CMD_MISSING,
                        ngettext_("%zu referencia quedó como «??»",
                                  "%zu referencias quedaron como «??»", refs),
                        refs);
    cmd_finding_add(f, glyphs ? CMD_MISSING : CMD_FINE,
                    ngettext_("%zu glifo perdido", "%zu glifos perdidos", glyphs),
                    glyphs);
    cmd_finding_add(f, CMD_FINE, ngettext_("%s: %d página", "%s: %d páginas", pages),
                    j->b->pdf, pages);
    buf_release(&log);
}

/* A folder that was asked for keeps what compiles elsewhere, and nothing else. */
static void tidy_folder(const struct job *j) {
    static const char *const names[] = {".aux", ".toc", ".lof", ".lot", ".out", ".log"};
    char path[PATH_MAX + 32];
    if (!j->b->tex) {
        remove_folder(j->folder);
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        (void)snprintf(path, sizeof path, "%s/" NAME "%s", j->folder, names[i]);
        (void)unlink(path);
    }
}

int cmd_build_report(const struct cmd_build *b, struct cmd_findings *f, struct err *e) {
    struct job j = {.b = b};
    char jupyter[PATH_MAX + 32], path[PATH_MAX + 32];
    buf_init(&j.said, TEXT_MAX);
    int rc = check_programs(jupyter, sizeof jupyter, e);
    if (rc == ERR_OK)
        rc = find_notebook(&j, e);
    if (rc == ERR_OK)
        rc = make_folder(&j, e);
    if (rc == ERR_OK)
        rc = write_latex(&j, jupyter, e);
    if (rc == ERR_OK)
        rc = set_type(&j, e);
    if (rc == ERR_OK) {
        (void)snprintf(path, sizeof path, "%s/" NAME ".pdf", j.folder);
        rc = copy_file(path, b->pdf, e);
    }
    if (rc == ERR_OK)
        tell(&j, f);
    if (j.folder[0])
        tidy_folder(&j);
    buf_release(&j.said);
    return rc;
}

int cmd_build_execute(const struct cmd_build *b, const char *copy, struct err *e) {
    struct job j = {.b = b};
    char jupyter[PATH_MAX + 32];
    buf_init(&j.said, TEXT_MAX);
    int status = 0, rc = check_programs(jupyter, sizeof jupyter, e);
    if (rc == ERR_OK)
        rc = find_notebook(&j, e);
    const char *const argv[] = {jupyter,
                                "nbconvert",
                                "--to",
                                "notebook",
                                "--execute",
                                "--allow-errors",
                                "--ExecutePreprocessor.timeout=1800",
                                "--log-level",
                                "ERROR",
                                "--output",
                                copy,
                                "--output-dir",
                                j.beside,
                                j.notebook,
                                NULL};
    if (rc == ERR_OK)
        rc = run(&j, argv, NULL, &status, e);
    if (rc == ERR_OK && status != 0)
        rc = err_set(e, ERR_STATE, _("nbconvert falló: %.300s"), last_line(&j.said));
    buf_release(&j.said);
    return rc;
}
