/* test_download.c: where files are looked for, and every way a download can go. */
#include "data_files.h"

#include "http_server.h"
#include "nn/download.h"

#include <fcntl.h>
#include <sys/file.h>

enum { BYTES = 300000 };

static struct err e;
static unsigned char bytes[BYTES];
static struct http_server server;

/* bytes[i] = i * 7 mod 256; the sum is that of sha256sum. */
static const struct nn_download_set set = {
    .name = "prueba",
    .n_files = 2,
    .file = {{.name = "uno.gz",
              .sha256 =
                  "230ed06df482a77672cd93b6d4024053b380b8563d3a939aa5d25574772ee479",
              .bytes = BYTES,
              .also = {"uno", "uno-otro"}},
             {.name = "dos.gz",
              .sha256 =
                  "230ed06df482a77672cd93b6d4024053b380b8563d3a939aa5d25574772ee479",
              .bytes = BYTES}},
    .mirror = {"http://127.0.0.1:9/"}};

static void remove_all(const char *name) {
    files_remove(files_path(name));
}

/* An empty cache, no NABLA_DATA, and mirrors of these kinds ("404 ok"). */
static void begin(const char *kinds) {
    char mirrors[512] = "", list[64];
    size_t at = 0;
    remove_all("cache");
    assert_int_equal(setenv("XDG_CACHE_HOME", files_path("cache"), 1), 0);
    assert_int_equal(unsetenv("NABLA_DATA"), 0);
    (void)snprintf(list, sizeof list, "%s", kinds);
    for (char *k = strtok(list, " "); k; k = strtok(NULL, " "))
        at += (size_t)snprintf(mirrors + at, sizeof mirrors - at,
                               "%shttp://127.0.0.1:%d/%s", at ? " " : "", server.port, k);
    assert_int_equal(setenv("NABLA_MIRROR", mirrors, 1), 0);
    atomic_store(&server.requests, 0);
}

static int find(char **path, const struct nn_download_opts *o) {
    return nn_download_find(path, &set, 0, o, &e);
}

static void assert_whole(const char *path) {
    size_t n;
    unsigned char *b = files_read(path, &n);
    assert_int_equal(n, BYTES);
    assert_memory_equal(b, bytes, BYTES);
    free(b);
    assert_int_not_equal(access(files_path("cache/nabla/prueba/uno.gz.part"), F_OK), 0);
}

static void assert_found(const struct nn_download_opts *o) {
    char *path;
    if (find(&path, o) < 0)
        fail_msg("%s", e.msg);
    assert_string_equal(path, files_path("cache/nabla/prueba/uno.gz"));
    assert_whole(path);
    free(path);
}

static void assert_refused(int code, const char *says) {
    char *path;
    assert_int_equal(find(&path, NULL), code);
    assert_null(path);
    if (!strstr(e.msg, says))
        fail_msg("\"%s\" lacks \"%s\"", e.msg, says);
    assert_int_not_equal(access(files_path("cache/nabla/prueba/uno.gz"), F_OK), 0);
}

/* What an earlier attempt left behind. */
static void leave_part(const void *b, size_t n) {
    assert_int_equal(mkdir(files_path("cache"), 0777), 0);
    assert_int_equal(mkdir(files_path("cache/nabla"), 0777), 0);
    assert_int_equal(mkdir(files_path("cache/nabla/prueba"), 0777), 0);
    files_write(files_path("cache/nabla/prueba/uno.gz.part"), b, n);
}

static long part_size(void) {
    struct stat st;
    return stat(files_path("cache/nabla/prueba/uno.gz.part"), &st) < 0 ? -1
                                                                       : (long)st.st_size;
}

struct watch {
    int calls, stop_after; /* bytes must have come when it is asked to stop */
    uint64_t done, total;
};

static int on_progress(void *arg, const char *file, uint64_t done, uint64_t total) {
    struct watch *w = arg;
    assert_string_equal(file, "uno.gz");
    assert_true(done <= total && done >= w->done);
    w->done = done;
    w->total = total;
    w->calls++;
    return w->stop_after && w->calls >= w->stop_after && (done > 0 || w->stop_after > 1);
}

static void fetches_once(void **state) {
    (void)state;
    struct watch w = {0};
    begin("ok");
    assert_found(&(struct nn_download_opts){.progress = on_progress, .arg = &w});
    assert_string_equal(server.last_path, "/ok/prueba/uno.gz");
    assert_true(w.calls > 0);
    assert_int_equal(w.total, BYTES);
    assert_found(NULL);
    assert_int_equal(server.requests, 1);
}

static void resumes(void **state) {
    (void)state;
    begin("ok");
    leave_part(bytes, 100000);
    assert_found(NULL);
    assert_int_equal(server.last_from, 100000);
    begin("norange"); /* the server starts over */
    leave_part(bytes, 100000);
    assert_found(NULL);
    assert_int_equal(server.requests, 1);
}

static void sees_through_a_login_page(void **state) {
    (void)state;
    begin("short");
    assert_refused(ERR_NET, "lo recibido no tiene la longitud publicada");
    begin("short ok");
    assert_found(NULL);
}

/* A beginning that is not the file's own is found out by the sum, and fetched anew. */
static void drops_a_wrong_beginning(void **state) {
    (void)state;
    unsigned char *junk = calloc(1, BYTES + 5);
    assert_non_null(junk);
    const size_t sizes[] = {5000, BYTES, BYTES + 5};
    for (size_t i = 0; i < 3; i++) {
        begin("ok");
        leave_part(junk, sizes[i]);
        assert_found(NULL);
        assert_int_equal(server.last_from, 0);
    }
    free(junk);
}

static void goes_on_after_a_cut(void **state) {
    (void)state;
    begin("cut");
    assert_refused(ERR_NET, "la conexión se cortó");
    assert_int_equal(server.requests, 4); /* each attempt brought half of the rest */
    assert_int_equal(part_size(), 281250);
    begin("cut ok");
    assert_found(NULL);
    assert_int_equal(server.last_from, 281250);
}

static void tries_the_next_mirror(void **state) {
    (void)state;
    begin("404 wrong ok");
    assert_found(NULL);
    assert_int_equal(server.requests, 3);
}

static void says_what_to_do_by_hand(void **state) {
    (void)state;
    char says[FILES_PATH * 3];
    begin("404");
    assert_refused(ERR_NET, "prueba: no se pudo descargar uno.gz (http://127.0.0.1:");
    assert_non_null(strstr(e.msg, "/404/prueba/uno.gz: respuesta HTTP 404)"));
    (void)snprintf(says, sizeof says, "sin red, copia uno.gz, dos.gz en %s",
                   files_path("cache/nabla/prueba"));
    assert_non_null(strstr(e.msg, says));
    assert_non_null(strstr(e.msg, "o en la carpeta prueba de NABLA_DATA"));
    assert_int_equal(setenv("NABLA_MIRROR", "http://127.0.0.1:9", 1), 0);
    assert_refused(ERR_NET, "no se puede conectar con el servidor");
    assert_int_equal(setenv("NABLA_MIRROR", "file:///etc", 1), 0);
    assert_refused(ERR_NET, "");
    assert_int_equal(unsetenv("NABLA_MIRROR"), 0);
    assert_refused(ERR_NET, "http://127.0.0.1:9/uno.gz"); /* the set's own mirror */
}

static void refuses_other_bytes(void **state) {
    (void)state;
    begin("wrong");
    assert_refused(ERR_CHECKSUM, "la suma SHA-256 de lo descargado es");
    assert_int_equal(part_size(), 0);
    begin("long");
    assert_refused(ERR_CHECKSUM, "el servidor envía más de los 300000 bytes publicados");
}

static void stops_when_told_and_resumes(void **state) {
    (void)state;
    struct watch w = {.stop_after = 1};
    struct nn_download_opts o = {.progress = on_progress, .arg = &w};
    char *path;
    begin("slow");
    assert_int_equal(find(&path, &o), ERR_INTERRUPT);
    assert_string_equal(e.msg, "descarga de uno.gz interrumpida");
    assert_null(path);
    long kept = part_size();
    assert_true(kept > 0 && kept <= BYTES / 2);
    char mirror[64];
    (void)snprintf(mirror, sizeof mirror, "http://127.0.0.1:%d/ok", server.port);
    assert_int_equal(setenv("NABLA_MIRROR", mirror, 1), 0);
    assert_found(NULL);
    assert_int_equal(server.last_from, kept);
}

static void *find_in_thread(void *arg) {
    struct err mine;
    (void)nn_download_find(arg, &set, 0, NULL, &mine);
    return NULL;
}

static void two_at_once_fetch_once(void **state) {
    (void)state;
    pthread_t t[2];
    char *path[2];
    begin("ok");
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&t[i], NULL, find_in_thread, &path[i]), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_join(t[i], NULL), 0);
    for (int i = 0; i < 2; i++) {
        assert_non_null(path[i]);
        assert_whole(path[i]);
        free(path[i]);
    }
    assert_int_equal(server.requests, 1);
}

static void can_be_stopped_while_another_fetches(void **state) {
    (void)state;
    struct watch w = {.stop_after = 2};
    struct nn_download_opts o = {.progress = on_progress, .arg = &w};
    char *path;
    begin("ok");
    leave_part("", 0);
    int fd = open(files_path("cache/nabla/prueba/.uno.gz.lock"), O_RDWR | O_CREAT, 0644);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    assert_int_equal(find(&path, &o), ERR_INTERRUPT);
    assert_int_equal(server.requests, 0);
    (void)close(fd);
    assert_found(NULL);
}

static void looks_into_own_folder_first(void **state) {
    (void)state;
    char *path;
    begin("404");
    assert_int_equal(mkdir(files_path("own"), 0777), 0);
    assert_int_equal(mkdir(files_path("own/prueba"), 0777), 0);
    assert_int_equal(setenv("NABLA_DATA", files_path("own"), 1), 0);
    const struct nn_download_opts offline = {.offline = true};
    assert_int_equal(find(&path, &offline), ERR_NOTFOUND);
    assert_string_equal(e.msg, "prueba: falta uno.gz en NABLA_DATA y en la caché, y no "
                               "se permite descargar");
    const char *names[] = {"uno-otro", "uno", "uno.gz"}; /* the later the better */
    for (size_t i = 0; i < 3; i++) {
        char name[64];
        (void)snprintf(name, sizeof name, "own/prueba/%s", names[i]);
        files_write(files_path(name), "x", 1);
        assert_int_equal(find(&path, NULL), 0);
        assert_string_equal(path, files_path(name));
        free(path);
    }
    assert_int_equal(server.requests, 0);
    assert_int_equal(nn_download_look(&path, files_path("own/prueba"), &set, 1, &e),
                     ERR_NOTFOUND);
    assert_int_equal(nn_download_find(&path, &set, 2, NULL, &e), ERR_RANGE);
}

static void needs_a_place_for_the_cache(void **state) {
    (void)state;
    char *path, *home = getenv("HOME") ? strdup(getenv("HOME")) : NULL;
    begin("ok");
    files_write(files_path("file"), "x", 1);
    assert_int_equal(setenv("XDG_CACHE_HOME", files_path("file"), 1), 0);
    assert_refused(ERR_IO, "file/nabla: no se puede crear la carpeta: ");
    assert_int_equal(setenv("XDG_CACHE_HOME", "relative", 1), 0); /* is to be ignored */
    assert_int_equal(setenv("HOME", files_path("home"), 1), 0);
    assert_int_equal(nn_download_cache(&path, &set, false, &e), 0);
    assert_string_equal(path, files_path("home/.cache/nabla/prueba"));
    free(path);
    assert_int_equal(unsetenv("HOME"), 0);
    assert_refused(ERR_IO, "define HOME o XDG_CACHE_HOME");
    if (home)
        assert_int_equal(setenv("HOME", home, 1), 0);
    free(home);
}

static void knows_the_published_sets(void **state) {
    (void)state;
    const char *names[] = {"mnist", "fashion-mnist", "cifar-10"};
    for (size_t i = 0; i < 3; i++) {
        const struct nn_download_set *s = nn_download_set(names[i]);
        assert_non_null(s);
        for (size_t k = 0; k < s->n_files; k++) {
            assert_int_equal(strlen(s->file[k].sha256), 64);
            assert_int_equal(strspn(s->file[k].sha256, "0123456789abcdef"), 64);
            assert_true(s->file[k].bytes > 4000);
        }
        for (size_t k = 0; k < NN_DOWNLOAD_MIRRORS && s->mirror[k]; k++)
            assert_int_equal(s->mirror[k][strlen(s->mirror[k]) - 1], '/');
        assert_non_null(s->mirror[1]);
    }
    assert_null(nn_download_set("imagenet"));
}

static int start(void **state) {
    for (size_t i = 0; i < BYTES; i++)
        bytes[i] = (unsigned char)(i * 7);
    (void)setenv("no_proxy", "127.0.0.1", 1);
    return files_setup(state) == 0 && http_start(&server, bytes, BYTES) ? 0 : -1;
}

static int finish(void **state) {
    http_stop(&server);
    return files_teardown(state);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fetches_once),
        cmocka_unit_test(resumes),
        cmocka_unit_test(sees_through_a_login_page),
        cmocka_unit_test(drops_a_wrong_beginning),
        cmocka_unit_test(goes_on_after_a_cut),
        cmocka_unit_test(tries_the_next_mirror),
        cmocka_unit_test(says_what_to_do_by_hand),
        cmocka_unit_test(refuses_other_bytes),
        cmocka_unit_test(stops_when_told_and_resumes),
        cmocka_unit_test(two_at_once_fetch_once),
        cmocka_unit_test(can_be_stopped_while_another_fetches),
        cmocka_unit_test(looks_into_own_folder_first),
        cmocka_unit_test(needs_a_place_for_the_cache),
        cmocka_unit_test(knows_the_published_sets),
    };
    return cmocka_run_group_tests(tests, start, finish);
}
