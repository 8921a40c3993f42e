/* template.c: the nbconvert template `informe`, put into the program by the assembler like
 * the logos. Its files are in kernel/app/informe/. */
#include "app.h"
#include "base/util.h"

#define EMBED(symbol, file)                                                              \
    __asm__(".section .rodata\n"                                                         \
            ".global app_template_" #symbol "\n.global app_template_" #symbol "_end\n"   \
            ".balign 16\napp_template_" #symbol ":\n.incbin \"kernel/app/informe/" file  \
            "\"\napp_template_" #symbol "_end:\n.byte 0\n.previous\n");                  \
    extern const char app_template_##symbol[], app_template_##symbol##_end[]

EMBED(conf, "conf.json");
EMBED(index, "index.tex.j2");
EMBED(preamble, "preambulo.tex.j2");

const struct app_file *app_template(size_t *n) {
    static struct app_file files[3];
    files[0] = (struct app_file){"conf.json", app_template_conf,
                                 (size_t)(app_template_conf_end - app_template_conf)};
    files[1] = (struct app_file){"index.tex.j2", app_template_index,
                                 (size_t)(app_template_index_end - app_template_index)};
    files[2] =
        (struct app_file){"preambulo.tex.j2", app_template_preamble,
                          (size_t)(app_template_preamble_end - app_template_preamble)};
    *n = ARRAY_LEN(files);
    return files;
}
