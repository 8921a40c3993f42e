/* fontconfig_lazy.c: fontconfig, which only nabla doctor asks (base/lazy.h) */
#include "app.h"

#include "base/lazy.h"

#include <fontconfig/fontconfig.h>

static struct lazy_library library = {.name = "libfontconfig.so.1"};

int app_fontconfig_load(struct err *e) {
    return lazy_load(&library, e);
}

LAZY(library, FcBool, FcConfigSubstitute,
     (FcConfig * config, FcPattern *p, FcMatchKind kind), (config, p, kind))
LAZY_VOID(library, FcDefaultSubstitute, (FcPattern * pattern), (pattern))
LAZY(library, FcPattern *, FcFontMatch,
     (FcConfig * config, FcPattern *p, FcResult *result), (config, p, result))
LAZY(library, FcPattern *, FcNameParse, (const FcChar8 *name), (name))
LAZY_VOID(library, FcPatternDestroy, (FcPattern * p), (p))
LAZY(library, FcResult, FcPatternGetString,
     (const FcPattern *p, const char *object, int n, FcChar8 **s), (p, object, n, s))
