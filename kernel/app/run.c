/* run.c: `nabla run`: a Lua program with all the commands of the lab and no notebook. */
#include "app.h"
#include "base/i18n.h"
#include "base/util.h"
#include "cell/cell.h"
#include "command/command.h"
#include "script_host.h"

#include <limits.h>
#include <signal.h>

struct run_options {
    const char *file;
    char folder[PATH_MAX];
    int argc;
    char **argv; /* what the script gets */
};

/* figuras next to the caller, named after the script: entrenar.lua -> entrenar_figuras */
static void default_folder(struct run_options *o) {
    const char *slash = strrchr(o->file, '/');
    const char *base = slash ? slash + 1 : o->file;
    const char *dot = strrchr(base, '.');
    int n = dot && dot != base ? (int)(dot - base) : (int)strlen(base);
    (void)snprintf(o->folder, sizeof o->folder, _("%.*s_figuras"), n, base);
}

static int parse(struct run_options *o, int argc, char **argv) {
    *o = (struct run_options){0};
    int i = 0;
    const char *folder = NULL;
    for (; i < argc && argv[i][0] == '-'; i += 2) {
        if (strcmp(argv[i], "--output") != 0 || i + 1 >= argc) {
            fprintf(stderr, _("nabla run: no se entiende «%s»\n"), argv[i]);
            return 2;
        }
        folder = argv[i + 1];
    }
    if (i >= argc) {
        fputs(_("nabla run: falta el archivo (nabla run programa.lua)\n"), stderr);
        return 2;
    }
    o->file = argv[i];
    o->argc = argc - i - 1;
    o->argv = argv + i + 1;
    default_folder(o);
    if (folder)
        (void)snprintf(o->folder, sizeof o->folder, "%s", folder);
    return 0;
}

/* Ctrl-C: the graded interrupt, as the stop button in a notebook. */
static const struct interp *running;

static void on_interrupt(int signal_number) {
    (void)signal_number;
    if (running)
        running->interrupt(running->self);
}

static void watch_interrupt(const struct interp *in) {
    running = in;
    struct sigaction act = {.sa_handler = on_interrupt};
    (void)sigemptyset(&act.sa_mask);
    (void)sigaction(SIGINT, &act, NULL);
}

static int report_failure(const struct interp_error *x) {
    for (size_t i = 0; i < x->lines; i++)
        fprintf(stderr, "%s\n", x->traceback[i]);
    return 1;
}

static int run_script(struct cell *c, const struct run_options *o, struct err *e) {
    struct interp_result result = {0};
    int status = 0;
    int rc = cell_run_file(c, o->file, o->argc, (const char *const *)o->argv, &status,
                           &result, e);
    if (rc == ERR_OK && !result.ok)
        status = report_failure(&result.error);
    interp_result_release(&result);
    return rc < 0 ? rc : status;
}

int app_run(int argc, char **argv) {
    struct run_options o;
    int status = parse(&o, argc, argv);
    if (status)
        return status;
    struct script_host *host = NULL;
    struct cell *c = NULL;
    struct err e = {0};
    int rc = script_host_new(&host, o.folder, &e);
    if (rc < 0)
        goto done;
    struct cell_config cfg = {
        .host = script_host_get(host), .open = cmd_open, .script = true};
    rc = cell_new(&c, &cfg, &e);
    if (rc < 0)
        goto done;
    watch_interrupt(cell_interp(c));
    rc = run_script(c, &o, &e);
    running = NULL;
    int figures = script_host_finish(host);
    if (figures > 0)
        printf(ngettext_("(%d figura en %s)\n", "(%d figuras en %s)\n", figures), figures,
               o.folder);
done:
    if (rc < 0)
        fprintf(stderr, "nabla run: %s\n", e.msg);
    cell_free(c);
    script_host_free(host);
    return rc < 0 ? 1 : rc;
}
