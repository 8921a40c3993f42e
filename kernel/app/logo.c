/* logo.c: the kernelspec's pictures, put into the program by the assembler, so that one
 * file is enough to install the kernel. Their drawing is kernel/app/logo/logo-svg.svg. */
#include "app.h"
#include "base/util.h"

#define EMBED(symbol, file)                                                              \
    __asm__(".section .rodata\n"                                                         \
            ".global app_logo_" #symbol "\n.global app_logo_" #symbol "_end\n"           \
            ".balign 16\napp_logo_" #symbol ":\n.incbin \"kernel/app/logo/" file "\"\n"  \
            "app_logo_" #symbol "_end:\n.byte 0\n.previous\n");                          \
    extern const char app_logo_##symbol[], app_logo_##symbol##_end[]

EMBED(svg, "logo-svg.svg");
EMBED(png32, "logo-32x32.png");
EMBED(png64, "logo-64x64.png");

const struct app_file *app_logos(size_t *n) {
    static struct app_file logos[3];
    logos[0] = (struct app_file){"logo-svg.svg", app_logo_svg,
                                 (size_t)(app_logo_svg_end - app_logo_svg)};
    logos[1] = (struct app_file){"logo-32x32.png", app_logo_png32,
                                 (size_t)(app_logo_png32_end - app_logo_png32)};
    logos[2] = (struct app_file){"logo-64x64.png", app_logo_png64,
                                 (size_t)(app_logo_png64_end - app_logo_png64)};
    *n = ARRAY_LEN(logos);
    return logos;
}
