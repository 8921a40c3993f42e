/* debugger.h: a front end for tests of the debugger. At each stop the cell's visit runs the
 * next step of the script that a test has set:
 *
 *     begin("local x = 1\nreturn x", 2);               breakpoints in these lines of the cell
 *     script = see;                                    called at each stop
 *     want("local x = 1\nreturn x", "1");
 */
#ifndef TESTS_CELL_DEBUGGER_H
#define TESTS_CELL_DEBUGGER_H

#include "fixture.h"

#include <jansson.h>

static void (*script)(void); /* at each stop; NULL: continue */
static int stops;            /* so far */
static char reason[64];      /* of the latest */
static char text[512];       /* its description */
static int continued;
static json_t *latest; /* the latest answer */

/* One request; the answer stays in latest. true: success. args: JSON or NULL. */
static inline bool ask(const char *command, const char *args) {
    const struct interp *in = cell_interp(cell);
    struct buf b;
    buf_init(&b, 1 << 22);
    buf_printf(&b, "{\"type\":\"request\",\"seq\":7,\"command\":\"%s\",\"arguments\":%s}",
               command, args ? args : "{}");
    char *answer = in->debug(in->self, b.data, b.len);
    buf_release(&b);
    assert_non_null(answer);
    json_decref(latest);
    latest = json_loads(answer, 0, NULL);
    assert_non_null(latest);
    free(answer);
    assert_string_equal(json_string_value(json_object_get(latest, "type")), "response");
    assert_int_equal(json_integer_value(json_object_get(latest, "request_seq")), 7);
    return json_is_true(json_object_get(latest, "success"));
}

static inline bool askf(const char *command, const char *fmt, ...) {
    struct buf b;
    va_list ap;
    buf_init(&b, 1 << 20);
    va_start(ap, fmt);
    buf_vprintf(&b, fmt, ap);
    va_end(ap);
    bool ok = ask(command, b.data);
    buf_release(&b);
    return ok;
}

static inline json_t *body(const char *key) {
    return json_object_get(json_object_get(latest, "body"), key);
}

static inline const char *member(const json_t *j, const char *key) {
    const char *s = json_string_value(json_object_get(j, key));
    return s ? s : "";
}

/* The path of a cell with this text. */
static inline const char *path_of(const char *code) {
    static char path[256];
    json_t *args = json_pack("{s:s}", "code", code);
    char *s = json_dumps(args, 0);
    assert_true(ask("dumpCell", s));
    snprintf(path, sizeof path, "%s", json_string_value(body("sourcePath")));
    free(s);
    json_decref(args);
    return path;
}

static inline void start(void) {
    assert_true(ask("initialize", NULL));
    assert_true(ask("attach", NULL));
}

/* points: JSON objects of breakpoints, "{\"line\": 2}". */
static inline void set_points(const char *code, const char *points) {
    const char *path = path_of(code);
    assert_true(askf("setBreakpoints",
                     "{\"source\":{\"path\":\"%s\"},\"breakpoints\":[%s]}", path,
                     points));
}

static inline void begin(const char *code, int line) {
    char point[64];
    start();
    snprintf(point, sizeof point, "{\"line\":%d}", line);
    set_points(code, point);
}

/* The stack's frame number i. */
static inline const json_t *frame(size_t i) {
    assert_true(ask("stackTrace", "{\"threadId\":1}"));
    return json_array_get(body("stackFrames"), i);
}

static inline int line_now(void) {
    return (int)json_integer_value(json_object_get(frame(0), "line"));
}

static inline long long frame_id(size_t i) {
    return json_integer_value(json_object_get(frame(i), "id"));
}

/* The value shown in scope number s of frame i, "" when it is not there. */
static inline const char *variable(size_t i, size_t s, const char *name) {
    assert_true(askf("scopes", "{\"frameId\":%lld}", frame_id(i)));
    json_int_t ref = json_integer_value(
        json_object_get(json_array_get(body("scopes"), s), "variablesReference"));
    assert_true(askf("variables", "{\"variablesReference\":%lld}", (long long)ref));
    size_t k;
    json_t *v;
    json_array_foreach(body("variables"), k, v) if (strcmp(member(v, "name"), name) ==
                                                    0) return member(v, "value");
    return "";
}

/* Evaluated in frame i: the text, or the sentence of what failed. */
static inline const char *eval(size_t i, const char *code) {
    json_t *args =
        json_pack("{s:s, s:I}", "expression", code, "frameId", (json_int_t)frame_id(i));
    char *s = json_dumps(args, 0);
    bool ok = ask("evaluate", s);
    free(s);
    json_decref(args);
    return ok ? json_string_value(body("result")) : member(latest, "message");
}

static inline void on_event(struct recorder *r, const char *json) {
    (void)r;
    json_t *e = json_loads(json, 0, NULL);
    const struct interp *in = cell_interp(cell);
    const json_t *b = json_object_get(e, "body");
    if (strcmp(member(e, "event"), "stopped") == 0) {
        snprintf(reason, sizeof reason, "%s", member(b, "reason"));
        snprintf(text, sizeof text, "%s", member(b, "text"));
        in->attend(in->self); /* the front end reacts */
    } else if (strcmp(member(e, "event"), "continued") == 0) {
        continued++;
    }
    json_decref(e);
}

static inline void on_visit(struct recorder *r) {
    (void)r;
    const struct interp *in = cell_interp(cell);
    if (!in->begin_visit(in->self))
        return;
    stops++;
    if (script)
        script();
    else
        assert_true(ask("continue", NULL));
    in->end_visit(in->self);
}

static inline int debug_setup(void **state) {
    int rc = fixture_setup(state);
    stops = continued = 0;
    script = NULL;
    rec.visit = on_visit;
    rec.event = on_event;
    return rc;
}

static inline int debug_teardown(void **state) {
    json_decref(latest);
    latest = NULL;
    return fixture_teardown(state);
}

#define DEBUG(f) cmocka_unit_test_setup_teardown(f, debug_setup, debug_teardown)

#endif
