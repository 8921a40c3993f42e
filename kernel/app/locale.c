/* locale.c: which language the messages speak, and where their catalogue lies. */
#include "app.h"
#include "base/i18n.h"
#include "base/util.h"

#include <limits.h>
#include <locale.h>
#include <unistd.h>

int app_executable(char *path, size_t size, struct err *e) {
    ssize_t n = readlink("/proc/self/exe", path, size - 1);
    if (n < 0 || (size_t)n >= size - 1)
        return err_set(e, ERR_IO,
                       _("no se puede saber dónde está el programa (/proc/self/exe)"));
    path[n] = '\0';
    return ERR_OK;
}

/* The language that the environment asks for, in gettext's own order. */
static const char *asked_language(void) {
    static const char *const names[] = {"NABLA_LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES",
                                        "LANG"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const char *value = getenv(names[i]);
        if (value && *value)
            return value;
    }
    return "";
}

/* The catalogue of an installed program is in ../share/locale, that of a build beside it.
 */
static void bind_catalogue(void) {
    char exe[PATH_MAX], dir[PATH_MAX + 32];
    if (app_executable(exe, sizeof exe, NULL) < 0)
        return;
    *strrchr(exe, '/') = '\0';
    for (int installed = 1; installed >= 0; installed--) {
        (void)snprintf(dir, sizeof dir, "%s/%slocale", exe, installed ? "../share/" : "");
        char probe[sizeof dir + 32];
        (void)snprintf(probe, sizeof probe, "%s/en/LC_MESSAGES/nabla.mo", dir);
        if (access(probe, R_OK) == 0) {
            (void)bindtextdomain(NABLA_TEXT_DOMAIN, dir);
            break;
        }
    }
    (void)bind_textdomain_codeset(NABLA_TEXT_DOMAIN, "UTF-8");
}

/* gettext translates only under a locale that exists and is not "C"; C.UTF-8 always
 * exists, and LANGUAGE then names the catalogue. LC_NUMERIC stays "C": numbers keep their
 * point. */
void app_locale_init(void) {
    if (strncmp(asked_language(), "en", 2) != 0)
        return;
    (void)setenv("LANGUAGE", "en", 1);
    if (setlocale(LC_MESSAGES, "C.UTF-8"))
        bind_catalogue();
}
