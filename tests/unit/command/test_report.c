/* test_report.c: what the check of a notebook finds, what TeX's complaints mean, and
 * programs that are run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../../kernel/command/report_build.h"
#include "../../../kernel/command/report_notebook.h"
#include "../../../kernel/command/report_run.h"
#include "../../../kernel/command/test_use.h"
#include "../fail_alloc.h"

#include <signal.h>
#include <unistd.h>

static struct err e;
static char path[64];

static int make_path(void **state) {
    (void)state;
    (void)snprintf(path, sizeof path, "/tmp/nabla-report-XXXXXX");
    int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int drop_path(void **state) {
    (void)state;
    return unlink(path);
}

static void save(const char *cells, const char *metadata) {
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_true(fprintf(f, "{\"cells\": [%s], \"metadata\": {%s}, \"nbformat\": 4}",
                        cells, metadata) > 0);
    assert_int_equal(fclose(f), 0);
}

static bool says(const struct cmd_findings *f, enum cmd_state state, const char *part) {
    for (size_t i = 0; i < f->n; i++)
        if (f->item[i].state == state && strstr(f->item[i].text, part))
            return true;
    return false;
}

#define CODE(source, count, outputs)                                                     \
    "{\"cell_type\": \"code\", \"metadata\": {}, \"execution_count\": " count            \
    ", \"outputs\": [" outputs "], \"source\": " source "}"
#define TEXT(source)                                                                     \
    "{\"cell_type\": \"markdown\", \"metadata\": {}, \"source\": " source "}"
#define FIGURE(metadata)                                                                 \
    "{\"output_type\": \"display_data\", \"data\": {\"image/png\": \"x\"}, "             \
    "\"metadata\": {" metadata "}}"

static const char
    *const everything =
        TEXT(
            "[\"Veánse \\\\ref{fig:a}, \\\\ref{tab:no} y "
            "`\\\\ref{fig:codigo}`\\n\", \"y\"]") ", " TEXT("\"ESCRIBE TU "
                                                            "RESPUESTA AQUÍ\"") ", " TEXT("\"di "
                                                                                          "`ESCRI"
                                                                                          "BE TU "
                                                                                          "CÓDIGO"
                                                                                          " AQUÍ`"
                                                                                          "\"") ", " CODE("\"plot.a()\"",
                                                                                                          "2",
                                                                                                          FIGURE("\"caption\": \"Uno\", \"label\": \"fig:a\"")) ", " CODE("\"plot.b()\"",
                                                                                                                                                                          "1",
                                                                                                                                                                          FIGURE("")) ", " CODE("\"plot.c()\"",
                                                                                                                                                                                                "3",
                                                                                                                                                                                                FIGURE("\"caption\": \"Dos\", \"label\": \"fig:a\"")) ", " CODE("\"t\"",
                                                                                                                                                                                                                                                                "4",
                                                                                                                                                                                                                                                                "{\"output_type\": \"execute_result\", \"data\": {\"text/latex\": "
                                                                                                                                                                                                                                                                "\"\\\\begin{tabular}{l}\"}, \"metadata\": {}}") ", " CODE("\"falla()\"",
                                                                                                                                                                                                                                                                                                                           "5", "{\"output_type\": \"error\", \"traceback\": []}") ", " CODE("\"nunca()\"",
                                                                                                                                                                                                                                                                                                                                                                                             "null",
                                                                                                                                                                                                                                                                                                                                                                                             "") ", " CODE("\"  \"",
                                                                                                                                                                                                                                                                                                                                                                                                           "null",
                                                                                                                                                                                                                                                                                                                                                                                                           "") ", " CODE("\"m:evaluate(d)\"",
                                                                                                                                                                                                                                                                                                                                                                                                                         "6",
                                                                                                                                                                                                                                                                                                                                                                                                                         "{\"output_type\": \"stream\", \"name\": \"stdout\", \"text\": [\"Con este van 3 "
                                                                                                                                                                                                                                                                                                                                                                                                                         "modelos medidos en la misma parte de prueba: si\"]}") ", " CODE("\"lab.report()\"", "null", "") ", " CODE("\"despues()\"",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                    "null",
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                    "");

static void check_names_what_is_missing(void **state) {
    (void)state;
    struct cmd_findings f = {0};
    bool never;
    save(everything, "\"title\": \"x\", \"informe\": {\"curso\": \"IA\"}");
    assert_int_equal(cmd_report_check(path, &f, &never, &e), ERR_OK);
    assert_false(never);
    assert_true(says(&f, CMD_MISSING, "institucion, integrantes, profesor, resumen"));
    assert_true(says(&f, CMD_MISSING, "1 celda sin ejecutar: celda 6 («nunca()»)"));
    assert_true(says(&f, CMD_MISSING, "1 celda con error: celda 5 («falla()»)"));
    assert_true(says(&f, CMD_ADVICE, "de arriba abajo"));
    assert_true(says(&f, CMD_MISSING, "1 respuesta sin escribir"));
    save(TEXT("\"## Los datos\\n\"") ", " TEXT("\"ESCRIBE TU RESPUESTA AQUÍ\""), "");
    struct cmd_findings named = {0};
    assert_int_equal(cmd_report_check(path, &named, &never, &e), ERR_OK);
    assert_true(says(&named, CMD_MISSING, "1 respuesta sin escribir: Los datos"));
    assert_true(says(&f, CMD_MISSING, "3 modelos medidos"));
    assert_true(says(&f, CMD_MISSING, "1 figura sin pie"));
    assert_true(says(&f, CMD_MISSING, "celda 2 («plot.b()»)"));
    assert_true(says(&f, CMD_MISSING, "1 tabla sin título"));
    assert_true(says(&f, CMD_MISSING, "repiten: fig:a"));
    assert_true(says(&f, CMD_MISSING, "tabla: tab:no"));
    assert_false(says(&f, CMD_MISSING, "fig:codigo"));
    assert_int_equal(cmd_findings_missing(&f), 9);
}

static void a_whole_notebook_has_nothing_missing(void **state) {
    (void)state;
    struct cmd_findings f = {0};
    bool never;
    save(CODE("\"lab.cover{}\"", "1",
              "{\"output_type\": \"display_data\", \"data\": {}, \"metadata\": "
              "{\"informe\": "
              "{\"titulo\": \"t\", \"institucion\": \"i\", \"curso\": \"c\", "
              "\"integrantes\": [\"a\"], \"profesor\": \"p\", \"resumen\": \"r\", "
              "\"abstract\": \"s\"}}}"),
         "");
    assert_int_equal(cmd_report_check(path, &f, &never, &e), ERR_OK);
    assert_int_equal(cmd_findings_missing(&f), 0);
    assert_true(says(&f, CMD_FINE, "Portada"));
}

static void what_is_no_notebook_is_refused(void **state) {
    (void)state;
    struct cmd_findings f = {0};
    bool never;
    assert_int_equal(cmd_report_check("/no_existe.ipynb", &f, &never, &e), ERR_IO);
    save("1", "");
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_true(fputs("{\"cells\": 3}", file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(cmd_report_check(path, &f, &never, &e), ERR_FORMAT);
    file = fopen(path, "wb");
    assert_non_null(file);
    assert_true(fputs("{", file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(cmd_report_check(path, &f, &never, &e), ERR_FORMAT);
}

static void an_old_file_is_told(void **state) {
    (void)state;
    struct cmd_notebook nb;
    save(CODE("\"x = 1\"", "4", ""), "");
    assert_int_equal(cmd_notebook_read(&nb, path, &e), ERR_OK);
    assert_false(cmd_notebook_is_old(&nb, "x = 1", 4, nb.saved + 9));
    assert_true(cmd_notebook_is_old(&nb, "x = 1", 5, nb.saved - 9));
    assert_true(cmd_notebook_is_old(&nb, "nueva()", 5, nb.saved + 9));
    assert_false(cmd_notebook_is_old(&nb, "borrada()", 3, nb.saved - 9));
    assert_true(cmd_notebook_has(&nb, "x = 1"));
    assert_false(cmd_notebook_has(&nb, "x = 2"));
    cmd_notebook_release(&nb);
}

static void explains(const char *said, const char *tex, const char *part) {
    struct buf b;
    buf_init(&b, 4096);
    cmd_tex_explain(said, tex, &b);
    if (!strstr(b.data, part))
        fail_msg("%s\n no está en\n%s", part, b.data);
    buf_release(&b);
}

static void complaints_of_tex(void **state) {
    (void)state;
    static const char tex[] = "uno\n%% nabla: celda 1\ndos\n  %% nabla: celda 2\ntres\n";
    static const char said[] =
        "This is XeTeX\n./informe.tex:5: Undefined control sequence."
        "\nl.5 va \\noexiste\n";
    explains(said, tex, "celda 2 del cuaderno");
    explains(said, tex, "una orden de LaTeX que no existe");
    explains(said, tex, "l.5 va \\noexiste");
    explains("./informe.tex:3: Missing $ inserted.\n", tex, "celda 1 del cuaderno");
    explains("./informe.tex:1: Missing $ inserted.\n", tex, "LaTeX se detuvo: ");
    explains("! Emergency stop.\n", tex, "«Emergency stop.»");
    explains("nada\n", tex, "no dijo por qué");
    explains("", "", "no dijo por qué");
}

static void a_sentence_about_the_test_part(void **state) {
    (void)state;
    assert_int_equal(
        cmd_test_use_told("Con este van 2 modelos medidos en la misma "
                          "parte\nCon este van 7 modelos medidos en la misma"),
        7);
    assert_int_equal(cmd_test_use_told("Con este van dos modelos"), 0);
    assert_int_equal(cmd_test_use_told(""), 0);
}

static bool at_once(void *arg) {
    (void)arg;
    return true;
}

static void programs(void **state) {
    (void)state;
    struct buf out;
    int status;
    buf_init(&out, 1 << 20);
    const char *const good[] = {"sh", "-c", "echo hola; echo aviso >&2; pwd; exit 3",
                                NULL};
    struct cmd_run r = {.argv = good, .folder = "/tmp", .tex_folder = "/tmp"};
    assert_int_equal(cmd_run(&r, &out, &status, &e), ERR_OK);
    assert_int_equal(status, 3);
    assert_string_equal(out.data, "hola\naviso\n/tmp\n");
    const char *const none[] = {"no-existe-este-programa", NULL};
    r.argv = none;
    assert_int_equal(cmd_run(&r, &out, &status, &e), ERR_NOTFOUND);
    assert_non_null(strstr(e.msg, "no-existe-este-programa"));
    /* a process group ends as a whole: the pipe of the grandchild closes too */
    const char *const endless[] = {"sh", "-c", "sleep 1000 & sleep 1000", NULL};
    r = (struct cmd_run){.argv = endless, .stop = at_once};
    assert_int_equal(cmd_run(&r, &out, &status, &e), ERR_INTERRUPT);
    assert_int_equal(status, 128 + SIGKILL);
    assert_true(cmd_run_has("sh"));
    assert_false(cmd_run_has("no-existe-este-programa"));
    buf_release(&out);
}

static void short_of_memory(void **state) {
    (void)state;
    save(everything, "");
    for (long n = 0; fail_alloc_supported(); n++) {
        struct cmd_findings f = {0};
        bool never;
        fail_alloc_after(n);
        int rc = cmd_report_check(path, &f, &never, &e);
        bool failed = fail_alloc_stop();
        if (!failed) {
            assert_int_equal(rc, ERR_OK);
            break;
        }
        /* libc and jansson may do without, or say it in their own way */
        assert_true(rc == ERR_OK || rc == ERR_NOMEM || rc == ERR_FORMAT || rc == ERR_IO);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_names_what_is_missing),
        cmocka_unit_test(a_whole_notebook_has_nothing_missing),
        cmocka_unit_test(what_is_no_notebook_is_refused),
        cmocka_unit_test(an_old_file_is_told),
        cmocka_unit_test(complaints_of_tex),
        cmocka_unit_test(a_sentence_about_the_test_part),
        cmocka_unit_test(programs),
        cmocka_unit_test(short_of_memory),
    };
    return cmocka_run_group_tests(tests, make_path, drop_path);
}
