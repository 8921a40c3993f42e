/* test_graph.c: the drawing of a computation, by the own layout and by a dot of the test. */
#include "viz/graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

static const struct viz_graph_node nodes[] = {
    {.title = "w", .data = "0.8", .gradient = "-0.08", .role = VIZ_NODE_PARAMETER},
    {.title = "a", .data = "0.5", .role = VIZ_NODE_CONSTANT},
    {.title = "×", .role = VIZ_NODE_OPERATION},
    {.title = "z", .data = "0.4", .gradient = "1", .role = VIZ_NODE_RESULT}};
static const struct viz_graph_edge edges[] = {{0, 2}, {1, 2}, {2, 3}};
static const struct viz_graph sample = {.nodes = nodes,
                                        .n = 4,
                                        .edges = edges,
                                        .n_edges = 3,
                                        .data_label = "dato",
                                        .gradient_label = "grad.",
                                        .plain = "w a z",
                                        .caption = "Un grafo",
                                        .label = "fig:grafo",
                                        .no_dot = true};

static char *dump(const struct viz_graph *g) {
    struct viz_scene *s;
    struct err e = {0};
    struct buf b;
    buf_init(&b, 1 << 20);
    assert_int_equal(viz_graph_scene(&s, g, &e), 0);
    assert_int_equal(viz_scene_dump(s, &b, &e), 0);
    viz_scene_free(s);
    return buf_take(&b, NULL);
}

static void test_texts(void **state) {
    (void)state;
    char *s = dump(&sample);
    assert_has(s, "dato 0.8");
    assert_has(s, "grad. -0.08");
    assert_has(s, "dato 0.4");
    assert_int_equal(occurrences(s, "grad."), 2); /* a constant has none */
    free(s);
}

static void test_bundle(void **state) {
    (void)state;
    struct mime_bundle b;
    struct err e = {0};
    assert_int_equal(viz_graph_bundle(&b, &sample, &e), 0);
    assert_non_null(mime_get(&b, "image/svg+xml"));
    assert_non_null(mime_get(&b, "image/png"));
    assert_non_null(mime_get(&b, "application/pdf"));
    assert_string_equal(mime_get(&b, "text/plain")->data, "w a z");
    assert_has(b.metadata, "fig:grafo");
    mime_release(&b);
}

/* A chain of n steps, each of which also uses the first: long edges with bends. */
static struct viz_graph ladder(size_t n) {
    static struct viz_graph_node node[VIZ_GRAPH_MAX + 1];
    static struct viz_graph_edge edge[2 * VIZ_GRAPH_MAX];
    struct viz_graph g = {.nodes = node, .edges = edge, .n = n, .no_dot = true};
    for (size_t i = 0; i < n; i++) {
        node[i] = (struct viz_graph_node){.title = "u", .role = VIZ_NODE_OPERATION};
        if (i > 0)
            edge[g.n_edges++] = (struct viz_graph_edge){i - 1, i};
        if (i > 1)
            edge[g.n_edges++] = (struct viz_graph_edge){0, i};
    }
    return g;
}

static void test_sizes(void **state) {
    (void)state;
    static const size_t sizes[] = {1, 2, 3, 7, 40};
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        struct viz_graph g = ladder(sizes[i]);
        char *s = dump(&g);
        assert_lacks(s, "nan");
        free(s);
    }
}

static void refused(struct viz_graph g, int code, const char *part) {
    struct viz_scene *s;
    struct err e = {0};
    assert_int_equal(viz_graph_scene(&s, &g, &e), code);
    assert_null(s);
    assert_has(e.msg, part);
}

static void test_limits(void **state) {
    (void)state;
    static const struct viz_graph_edge back[] = {{2, 1}};
    refused(ladder(VIZ_GRAPH_MAX), ERR_RANGE, "4000");
    struct viz_graph g = ladder(2);
    g.n = VIZ_GRAPH_MAX + 1;
    refused(g, ERR_RANGE, "161");
    g = sample;
    g.edges = back;
    g.n_edges = 1;
    refused(g, ERR_ARG, "2");
    g = sample;
    g.n = 0;
    refused(g, ERR_RANGE, "0");
}

/* A program called dot in a folder of its own, first in PATH. */
static void install_dot(const char *script) {
    static char dir[] = "/tmp/nabla-dot-XXXXXX";
    static bool made;
    char path[64], value[4096];
    if (!made) {
        assert_non_null(mkdtemp(dir));
        const char *old = getenv("PATH");
        (void)snprintf(value, sizeof value, "%s:%s", dir, old ? old : "/bin");
        assert_int_equal(setenv("PATH", value, 1), 0);
        made = true;
    }
    (void)snprintf(path, sizeof path, "%s/dot", dir);
    if (!script) {
        assert_int_equal(unlink(path), 0);
        assert_int_equal(rmdir(dir), 0);
        return;
    }
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    (void)fprintf(f, "#!/bin/sh\n%s\n", script);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(path, 0700), 0);
}

static void test_dot(void **state) {
    (void)state;
    char *own = dump(&sample);
    struct viz_graph g = sample;
    g.no_dot = false;
    install_dot("cat > /dev/null; cat <<'X'\n"
                "graph 1 7.5 2\n"
                "node n0 1 0.5 1 0.5 \"\" solid box black lightgrey\n"
                "node n1 1 1.5 1 0.5 \"\" solid box black lightgrey\n"
                "node n2 4 1 1 0.5 \"\" solid box black lightgrey\n"
                "node n3 7 1 1 0.5 \"\" solid box black lightgrey\n"
                "edge n0 n2 4 1.5 0.5 2 0.5 3 1 3.5 1 solid black\n"
                "edge n1 n2 4 1.5 1.5 2 1.5 3 1 3.5 1 solid black\n"
                "edge n2 n3 4 4.5 1 5 1 6 1 6.5 1 solid black\n"
                "stop\nX");
    char *s = dump(&g);
    assert_has(s, "564"); /* 7.5 inches and the margins */
    assert_string_not_equal(s, own);
    free(s);
    static const char *const broken[] = {
        "exit 1", "cat > /dev/null; echo 'graph 1 2 2'; echo stop",
        "cat > /dev/null; printf 'graph 1 2 2\\nnode n9 1 1\\n'",
        "cat > /dev/null; printf 'graph 1 2 2\\nnode n0 nan 1\\n'", "exec sleep 60"};
    for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
        install_dot(broken[i]);
        s = dump(&g);
        assert_string_equal(s, own); /* ours stands in */
        free(s);
    }
    install_dot(NULL);
    free(own);
}

static int make(struct mime_bundle *b, struct err *e) {
    return viz_graph_bundle(b, &sample, e);
}

static void test_short_memory(void **state) {
    (void)state;
    check_short_memory(make, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),        cmocka_unit_test(test_bundle),
        cmocka_unit_test(test_sizes),        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_short_memory), cmocka_unit_test(test_dot)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
