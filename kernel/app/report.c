/* report.c: `nabla report`: a notebook's PDF from the shell. */
#include "command/report.h"
#include "app.h"
#include "base/i18n.h"
#include "base/util.h"

#include <limits.h>
#include <unistd.h>

struct report_options {
    const char *notebook, *pdf, *tex;
    char beside[PATH_MAX]; /* the PDF's name when none was given */
};

static int parse(struct report_options *o, int argc, char **argv) {
    *o = (struct report_options){0};
    for (int i = 0; i < argc; i++) {
        bool more = i + 1 < argc;
        if (strcmp(argv[i], "--pdf") == 0 && more) {
            o->pdf = argv[++i];
        } else if (strcmp(argv[i], "--tex") == 0 && more) {
            o->tex = argv[++i];
        } else if (argv[i][0] == '-' || o->notebook) {
            fprintf(stderr, _("nabla report: no se entiende «%s»\n"), argv[i]);
            return 2;
        } else {
            o->notebook = argv[i];
        }
    }
    if (!o->notebook) {
        fputs(_("nabla report: falta el cuaderno (nabla report cuaderno.ipynb)\n"),
              stderr);
        return 2;
    }
    const char *dot = strrchr(o->notebook, '.');
    bool ipynb = dot && strcmp(dot, ".ipynb") == 0;
    (void)snprintf(o->beside, sizeof o->beside, "%.*s.pdf",
                   (int)(ipynb ? dot - o->notebook : (long)strlen(o->notebook)),
                   o->notebook);
    if (!o->pdf)
        o->pdf = o->beside;
    return 0;
}

static void tell(const struct cmd_findings *f) {
    static const char *const mark[] = {"✓", "✗", "·"};
    for (size_t i = 0; i < f->n; i++)
        printf("  %s %s\n", mark[f->item[i].state], f->item[i].text);
}

/* A hidden copy beside the notebook, where its pictures and data are, that has run. */
static int execute(const struct cmd_build *b, char copy[PATH_MAX], struct err *e) {
    char name[NAME_MAX + 1];
    const char *slash = strrchr(b->notebook, '/');
    int folder = slash ? (int)(slash - b->notebook) + 1 : 0;
    (void)snprintf(name, sizeof name, ".informe-%ld.ipynb", (long)getpid());
    (void)snprintf(copy, PATH_MAX, "%.*s%s", folder, b->notebook, name);
    printf("%s", _("El cuaderno no se ha ejecutado: se ejecuta ahora una copia.\n"));
    (void)fflush(stdout);
    return cmd_build_execute(b, name, e);
}

static int make(const struct report_options *o, struct err *e) {
    struct cmd_build b = {.notebook = o->notebook, .pdf = o->pdf, .tex = o->tex};
    struct cmd_findings f = {0};
    char copy[PATH_MAX] = "";
    bool never_ran;
    int rc = cmd_report_check(b.notebook, &f, &never_ran, e);
    if (rc == ERR_OK && never_ran) {
        rc = execute(&b, copy, e);
        f = (struct cmd_findings){0};
        b.notebook = copy;
        if (rc == ERR_OK)
            rc = cmd_report_check(copy, &f, &never_ran, e);
    }
    if (rc == ERR_OK)
        rc = cmd_build_report(&b, &f, e);
    tell(&f);
    if (copy[0])
        (void)unlink(copy);
    return rc;
}

int app_report(int argc, char **argv) {
    struct report_options o;
    struct err e = {0};
    int wrong = parse(&o, argc, argv);
    if (wrong)
        return wrong;
    if (make(&o, &e) == ERR_OK)
        return 0;
    fprintf(stderr, "nabla report: %s\n", e.msg);
    return 1;
}
