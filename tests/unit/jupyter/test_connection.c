/* test_connection.c: connection files of all shapes, read, chosen and written. */
#include "../../../kernel/jupyter/connection.h"

#include "../fail_alloc.h"

#include "base/util.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static int parse(struct jup_connection *c, const char *text, struct err *e) {
    return jup_connection_parse(c, text, strlen(text), e);
}

static void usual(void **state) {
    (void)state;
    struct jup_connection c;
    assert_int_equal(parse(&c,
                           "{\"transport\":\"tcp\",\"ip\":\"10.0.0.1\",\"shell_port\":1,"
                           "\"iopub_port\":\"2\",\"stdin_port\":3,\"control_port\":4,"
                           "\"hb_port\":65535,\"key\":\"k\",\"signature_scheme\":"
                           "\"hmac-md5\",\"other\":[1]}",
                           NULL),
                     0);
    assert_int_equal(c.port[JUP_SHELL], 1);
    assert_int_equal(c.port[JUP_IOPUB], 2);
    assert_int_equal(c.port[JUP_HEARTBEAT], 65535);
    assert_string_equal(c.key, "k");
    assert_string_equal(c.scheme, "hmac-md5");
    assert_null(c.curve_secret);
    jup_connection_release(&c);
}

static void defaults(void **state) {
    (void)state;
    struct jup_connection c;
    assert_int_equal(parse(&c, "{\"hb_port\":null,\"key\":null,\"ip\":\"\"}", NULL), 0);
    assert_string_equal(c.transport, "tcp");
    assert_string_equal(c.ip, "127.0.0.1");
    assert_string_equal(c.key, "");
    assert_string_equal(c.scheme, "hmac-sha256");
    for (int i = 0; i < JUP_SOCKETS; i++)
        assert_int_equal(c.port[i], 0);
    jup_connection_release(&c);
}

static void refused(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int code;
    } bad[] = {{"", ERR_FORMAT},
               {"[]", ERR_FORMAT},
               {"{", ERR_FORMAT},
               {"{\"ip\":1}", ERR_FORMAT},
               {"{\"key\":[]}", ERR_FORMAT},
               {"{\"transport\":\"udp\"}", ERR_ARG},
               {"{\"shell_port\":-1}", ERR_RANGE},
               {"{\"shell_port\":65536}", ERR_RANGE},
               {"{\"shell_port\":1.5}", ERR_RANGE},
               {"{\"shell_port\":true}", ERR_RANGE},
               {"{\"shell_port\":\"\"}", ERR_RANGE},
               {"{\"shell_port\":\"1x\"}", ERR_RANGE},
               {"{\"shell_port\":\"99999999999999999999\"}", ERR_RANGE}};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct jup_connection c;
        struct err e = {0};
        assert_int_equal(parse(&c, bad[i].text, &e), bad[i].code);
        assert_null(c.fields);
        assert_true(e.msg[0] != '\0');
    }
}

static void urls(void **state) {
    (void)state;
    static const struct {
        const char *text, *url;
        int port;
    } want[] = {{"{}", "tcp://127.0.0.1:7", 7},
                {"{}", "tcp://127.0.0.1:*", 0},
                {"{\"ip\":\"::1\"}", "tcp://[::1]:7", 7},
                {"{\"ip\":\"[::1]\"}", "tcp://[::1]:7", 7},
                {"{\"transport\":\"ipc\",\"ip\":\"/r/k\"}", "ipc:///r/k-7", 7}};
    for (size_t i = 0; i < ARRAY_LEN(want); i++) {
        struct jup_connection c;
        struct buf b;
        buf_init(&b, 1000);
        assert_int_equal(parse(&c, want[i].text, NULL), 0);
        jup_connection_url(&c, want[i].port, &b);
        assert_string_equal(b.data, want[i].url);
        buf_release(&b);
        jup_connection_release(&c);
    }
}

static void created_written_and_read(void **state) {
    (void)state;
    char folder[] = "/tmp/nabla_connection_XXXXXX", path[200];
    struct jup_connection c, again;
    struct stat st;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/a/b", folder);
    setenv("JUPYTER_RUNTIME_DIR", path, 1);
    assert_int_equal(jup_connection_create(&c, NULL), 0);
    assert_true(strlen(c.key) == 36);
    for (int i = 0; i < JUP_SOCKETS; i++)
        c.port[i] = 5000 + i;
    json_object_set_new(c.fields, "extra", json_true());
    assert_int_equal(jup_connection_write(&c, NULL), 0);
    assert_int_equal(jup_connection_write(&c, NULL), 0); /* over itself */
    assert_int_equal(stat(c.path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(jup_connection_load(&again, c.path, NULL), 0);
    assert_string_equal(again.key, c.key);
    assert_memory_equal(again.port, c.port, sizeof c.port);
    assert_true(json_is_true(json_object_get(again.fields, "extra")));
    snprintf(path, sizeof path, "%s", c.path);
    jup_connection_release(&again);
    assert_int_equal(access(path, F_OK), 0); /* read, not made: it stays */
    jup_connection_release(&c);
    assert_int_equal(access(path, F_OK), -1);
    snprintf(path, sizeof path, "rm -r %s", folder);
    assert_int_equal(system(path), 0);
}

/* A registration file becomes a connection file of the kernel's own. */
static void registration(void **state) {
    (void)state;
    char folder[] = "/tmp/nabla_connection_XXXXXX", path[200];
    struct jup_connection c;
    struct buf url;
    buf_init(&url, 1000);
    assert_non_null(mkdtemp(folder));
    setenv("JUPYTER_RUNTIME_DIR", folder, 1);
    assert_int_equal(parse(&c,
                           "{\"kernel_id\":\"k-1\",\"registration_ip\":\"10.0.0.1\","
                           "\"registration_port\":\"77\",\"shell_port\":9}",
                           NULL),
                     0);
    assert_int_equal(c.port[JUP_SHELL], 0);
    jup_connection_registrar_url(&c, &url);
    assert_string_equal(url.data, "tcp://10.0.0.1:77");
    assert_int_equal(jup_connection_own(&c, NULL), 0);
    snprintf(path, sizeof path, "%s/kernel-k-1.json", folder);
    assert_string_equal(c.path, path);
    assert_null(json_object_get(c.fields, "registration_ip"));
    assert_string_equal(json_string_value(json_object_get(c.fields, "ip")), "127.0.0.1");
    assert_int_equal(jup_connection_write(&c, NULL), 0);
    assert_int_equal(access(path, F_OK), 0);
    jup_connection_release(&c);
    assert_int_equal(rmdir(folder), 0);
    assert_int_equal(parse(&c, "{\"registration_ip\":\"10.0.0.1\"}", NULL), ERR_RANGE);
    buf_release(&url);
}

static void unreadable(void **state) {
    (void)state;
    struct jup_connection c;
    struct err e = {0};
    assert_int_equal(jup_connection_load(&c, "/nonexistent/file", &e), ERR_IO);
    assert_non_null(strstr(e.msg, "/nonexistent/file"));
    assert_int_equal(jup_connection_load(&c, "/", &e), ERR_IO);
    assert_int_equal(jup_connection_load(&c, "/dev/zero", &e), ERR_FORMAT);
}

static void short_memory(void **state) {
    (void)state;
    if (!fail_alloc_supported())
        skip();
    for (long n = 0;; n++) {
        struct jup_connection c;
        fail_alloc_after(n);
        int rc =
            parse(&c, "{\"ip\":\"127.0.0.1\",\"hb_port\":\"5\",\"x\":{\"y\":1}}", NULL);
        if (!fail_alloc_stop()) {
            assert_int_equal(rc, 0);
            jup_connection_release(&c);
            break;
        }
        assert_true(rc == ERR_NOMEM ||
                    rc == ERR_FORMAT); /* jansson does not always say */
        assert_null(c.fields);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(usual),        cmocka_unit_test(defaults),
        cmocka_unit_test(refused),      cmocka_unit_test(urls),
        cmocka_unit_test(unreadable),   cmocka_unit_test(created_written_and_read),
        cmocka_unit_test(registration), cmocka_unit_test(short_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
