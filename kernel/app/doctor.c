/* doctor.c: `nabla doctor`: what is found on this machine, what is missing and what to do
 * then. */
#include "app.h"
#include "base/i18n.h"
#include "base/util.h"
#include "command/report.h"
#include "nn/cpu.h"
#include "nn/download.h"
#include "nn/pool.h"
#include "nn/tensor.h"

#include <cairo.h>
#include <curl/curl.h>
#include <fontconfig/fontconfig.h>
#include <jansson.h>
#include <limits.h>
#include <lua.h>
#include <sqlite3.h>
#include <unistd.h>
#include <zmq.h>

enum { FOUND, MISSING, OPTIONAL };

/* Columns that a text takes on a terminal: bytes that begin a character. */
static int columns(const char *text) {
    int n = 0;
    for (; *text; text++)
        n += ((unsigned char)*text & 0xC0) != 0x80;
    return n;
}

/* One line: a mark, what it is about, what was found or what to do. Counts what is missing. */
__attribute__((format(printf, 4, 5))) static void
report(int *missing, int state, const char *topic, const char *fmt, ...) {
    static const char *const mark[] = {"✓", "✗", "·"};
    printf("  %s %s%*s", mark[state], topic, 15 - columns(topic), "");
    va_list ap;
    va_start(ap, fmt);
    (void)vprintf(fmt, ap);
    va_end(ap);
    (void)putchar('\n');
    *missing += state == MISSING;
}

static void check_processor(int *missing) {
    char name[96] = "";
    FILE *f = fopen("/proc/cpuinfo", "r");
    char line[256];
    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "model name : %95[^\n]", name) == 1)
            break;
    if (f)
        (void)fclose(f);
    report(missing, FOUND, _("procesador"), _("%s; instrucciones %s; %d hilos"), name,
           nn_cpu_name(), nn_pool_threads());
    report(missing, FOUND, _("memoria"), _("hasta %.1f GiB para tensores"),
           (double)nn_memory_limit() / (1024.0 * 1024.0 * 1024.0));
}

static void check_libraries(int *missing) {
    const char *cairo = cairo_version_string(), *sqlite = sqlite3_libversion();
    char curl[32] = "?"; /* the first word of a long line: libcurl/7.88.1 */
    const char *all = curl_version();
    if (all)
        (void)snprintf(curl, sizeof curl, "%.*s", (int)strcspn(all, " "), all);
    int major, minor, patch;
    zmq_version(&major, &minor, &patch);
    report(missing, FOUND, _("bibliotecas"),
           "ZeroMQ %d.%d.%d, jansson %s, %s, Cairo %s, SQLite %s, %s", major, minor,
           patch, jansson_version_str(), LUA_RELEASE, cairo ? cairo : "?",
           sqlite ? sqlite : "?", curl);
}

/* The figures' letter: fontconfig always answers something, so the answer's name is
 * compared. */
static void check_font(int *missing) {
    if (app_fontconfig_load(NULL) < 0) {
        report(missing, MISSING, _("letra"), _("falta la biblioteca %s"),
               "libfontconfig.so.1");
        return;
    }
    FcPattern *wanted = FcNameParse((const FcChar8 *)"DejaVu Sans");
    FcChar8 *family = NULL, *file = NULL;
    FcPattern *found = NULL;
    if (wanted && FcConfigSubstitute(NULL, wanted, FcMatchPattern)) {
        FcDefaultSubstitute(wanted);
        FcResult result;
        found = FcFontMatch(NULL, wanted, &result);
    }
    bool right = found &&
                 FcPatternGetString(found, FC_FAMILY, 0, &family) == FcResultMatch &&
                 strcmp((const char *)family, "DejaVu Sans") == 0 &&
                 FcPatternGetString(found, FC_FILE, 0, &file) == FcResultMatch;
    if (right)
        report(missing, FOUND, _("letra"), "%s", (const char *)file);
    else
        report(missing, MISSING, _("letra"),
               _("falta DejaVu Sans: las figuras usarán otra (apt install "
                 "fonts-dejavu-core)"));
    if (found)
        FcPatternDestroy(found);
    if (wanted)
        FcPatternDestroy(wanted);
}

static bool run_line(const char *command, char *line, size_t size) {
    line[0] = '\0';
    FILE *p = popen(command, "r");
    if (!p)
        return false;
    bool any = fgets(line, (int)size, p) != NULL;
    line[strcspn(line, "\n")] = '\0';
    return pclose(p) == 0 && any;
}

static void check_jupyter(int *missing) {
    char jupyter[PATH_MAX + 32], command[PATH_MAX + 128], line[PATH_MAX];
    if (!cmd_find_jupyter(jupyter, sizeof jupyter))
        (void)snprintf(jupyter, sizeof jupyter, "jupyter");
    (void)snprintf(command, sizeof command, "'%s' lab --version 2>/dev/null", jupyter);
    if (run_line(command, line, sizeof line))
        report(missing, FOUND, "JupyterLab", "%s", line);
    else
        report(missing, MISSING, "JupyterLab",
               _("no está en el PATH (make lab lo instala en .venv; o: pip install "
                 "jupyterlab)"));
    (void)snprintf(command, sizeof command,
                   "'%s' kernelspec list 2>/dev/null | sed -n 's/^ *nabla  *//p'",
                   jupyter);
    if (run_line(command, line, sizeof line))
        report(missing, FOUND, _("núcleo"), "%s", line);
    else
        report(missing, MISSING, _("núcleo"), _("Jupyter no lo conoce (nabla install)"));
}

/* What lab.report and `jupyter nbconvert --to pdf` run; the lab itself needs neither. */
static void check_report(int *missing) {
    char tex[160], pandoc[160];
    if (!run_line("xelatex --version 2>/dev/null", tex, sizeof tex))
        report(missing, OPTIONAL, _("informe"),
               _("falta xelatex: sin él no hay PDF (.binder/setup report)"));
    else if (!run_line("pandoc --version 2>/dev/null", pandoc, sizeof pandoc))
        report(missing, OPTIONAL, _("informe"),
               _("falta pandoc: sin él no hay PDF (.binder/setup report)"));
    else
        report(missing, FOUND, _("informe"), "%s; %s", tex, pandoc);
}

/* The data sets that are there; none is needed: data.digits() is built in. */
static void check_data(int *missing) {
    static const char *const names[] = {"mnist", "fashion-mnist", "cifar-10"};
    struct nn_download_opts offline = {.offline = true};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        char *path = NULL;
        if (nn_download_find(&path, nn_download_set(names[i]), 0, &offline, NULL) ==
            ERR_OK)
            report(missing, FOUND, names[i], "%s", path);
        else
            report(missing, OPTIONAL, names[i],
                   _("se descargará la primera vez que se pida"));
        free(path);
    }
}

int app_doctor(int argc, char **argv) {
    if (argc > 0) {
        fprintf(stderr, _("nabla doctor: no se entiende «%s»\n"), argv[0]);
        return 2;
    }
    int missing = 0;
    char exe[PATH_MAX] = "?";
    (void)app_executable(exe, sizeof exe, NULL);
    printf("Nabla %s, %s\n", NABLA_VERSION, exe);
    check_processor(&missing);
    check_libraries(&missing);
    check_font(&missing);
    check_jupyter(&missing);
    check_report(&missing);
    check_data(&missing);
    if (missing)
        printf(ngettext_("Falta %d cosa: mira la línea con ✗.\n",
                         "Faltan %d cosas: mira las líneas con ✗.\n", missing),
               missing);
    else
        printf("%s", _("Todo está en orden.\n"));
    return missing ? 1 : 0;
}
