/* fake_kernel.c: the kernel around the fake language.
 *
 *     fake_kernel [-f CONNECTION_FILE] [--history PATH] [--cap BYTES] [--debug] */
#include "fake_interp.h"

#include "jupyter/kernel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void read_options(struct jup_config *cfg, int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(argv[i], "--debug") == 0)
            cfg->log_level = JUP_LOG_DEBUG;
        else if (strcmp(argv[i], "-f") == 0)
            cfg->connection_file = value;
        else if (strcmp(argv[i], "--history") == 0)
            cfg->history = value;
        else if (strcmp(argv[i], "--cap") == 0)
            cfg->output_cap = strtoul(value, NULL, 10);
    }
}

int main(int argc, char **argv) {
    struct jup_config cfg = {.history = "", .capture = true};
    struct err e = {0};
    struct fake fake;
    struct jup_kernel *k = NULL;
    read_options(&cfg, argc, argv);
    int rc = fake_init(&fake);
    if (!rc)
        rc = jup_kernel_new(&k, &cfg, &e);
    if (!rc) {
        fake.host = jup_kernel_host(k);
        rc = jup_kernel_run(k, &fake.interp, &e);
    }
    if (rc)
        fprintf(stderr, "%s\n", e.msg);
    jup_kernel_free(k);
    fake_release(&fake);
    return rc ? 1 : 0;
}
