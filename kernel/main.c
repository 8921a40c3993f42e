/* main.c: the program `nabla`: kernel, run, report, install, doctor. With kernel/app it is the
 * only part that knows all the others. */
#include "app/app.h"
#include "base/i18n.h"
#include "base/util.h"

#include <stdio.h>

struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *usage, *what;
};

static const struct command commands[] = {
    {"kernel", app_kernel, N_("nabla kernel [ARCHIVO_DE_CONEXIÓN]"),
     N_("atiende a Jupyter; sin archivo elige los puertos y dice cómo conectarse")},
    {"run", app_run, N_("nabla run [--output CARPETA] ARCHIVO.lua"),
     N_("ejecuta un programa: el texto a la terminal, las figuras a archivos")},
    {"report", app_report,
     N_("nabla report [--pdf ARCHIVO] [--tex CARPETA] CUADERNO.ipynb"),
     N_("revisa un cuaderno y hace su informe en PDF")},
    {"install", app_install,
     N_("nabla install [--user | --sys-prefix | --prefix CARPETA] [--remove]"),
     N_("registra el núcleo en Jupyter, o lo quita")},
    {"doctor", app_doctor, "nabla doctor", N_("dice qué se encontró y qué falta")},
    {"manual", app_manual, "nabla manual",
     N_("escribe la referencia de todas las órdenes")},
};

static void usage(FILE *to) {
    fprintf(to, "Nabla %s\n\n", NABLA_VERSION);
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        fprintf(to, "  %s\n      %s\n", _(commands[i].usage), _(commands[i].what));
}

int main(int argc, char **argv) {
    app_locale_init();
    const char *name = argc > 1 ? argv[1] : "--help";
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        if (strcmp(name, commands[i].name) == 0)
            return commands[i].run(argc - 2, argv + 2);
    if (strcmp(name, "--version") == 0) {
        printf("nabla %s\n", NABLA_VERSION);
        return 0;
    }
    bool help = strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0;
    if (!help)
        fprintf(stderr, _("nabla: no existe la orden «%s»\n\n"), name);
    usage(help ? stdout : stderr);
    return help ? 0 : 2;
}
