/* kernel.c: `nabla kernel`: the protocol, the language and the commands, put together. */
#include "jupyter/kernel.h"
#include "app.h"
#include "base/i18n.h"
#include "base/util.h"
#include "cell/cell.h"
#include "command/command.h"

/* nabla kernel FILE, or -f FILE as ipykernel has it. NABLA_HISTORY names the history's file; empty
 * keeps it in memory. */
static int parse(struct jup_config *cfg, int argc, char **argv) {
    *cfg = (struct jup_config){.history = getenv("NABLA_HISTORY"), .capture = true};
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "-f") == 0)
            continue;
        if (strcmp(argv[i], "--debug") == 0) {
            cfg->log_level = JUP_LOG_DEBUG;
        } else if (argv[i][0] == '-' || cfg->connection_file) {
            fprintf(stderr, _("nabla kernel: no se entiende «%s»\n"), argv[i]);
            return 2;
        } else {
            cfg->connection_file = argv[i];
        }
    }
    return 0;
}

int app_kernel(int argc, char **argv) {
    struct jup_config cfg;
    int status = parse(&cfg, argc, argv);
    if (status)
        return status;
    struct err e = {0};
    struct jup_kernel *k = NULL;
    struct cell *c = NULL;
    int rc = jup_kernel_new(&k, &cfg, &e);
    if (rc < 0)
        goto done;
    struct cell_config cell = {.host = jup_kernel_host(k), .open = cmd_open};
    rc = cell_new(&c, &cell, &e);
    if (rc < 0)
        goto done;
    rc = jup_kernel_run(k, cell_interp(c), &e);
done:
    if (rc < 0)
        fprintf(stderr, "nabla kernel: %s\n", e.msg);
    cell_free(c);
    jup_kernel_free(k);
    return rc < 0 ? 1 : 0;
}
