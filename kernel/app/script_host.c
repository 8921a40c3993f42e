/* script_host.c: see script_host.h. */
#include "script_host.h"
#include "base/i18n.h"
#include "base/oserr.h"
#include "base/util.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#define SCRIPT_IDS_MAX 4096 /* outputs with an id that a script may hold open */

struct script_output {
    char *id;
    int figure;    /* its number, 0: no pictures yet */
    char *pending; /* text/plain that waits for its turn */
};

struct script_host {
    struct host table;
    pthread_mutex_t lock;
    char *folder;
    struct script_output *output;
    size_t n;
    int figures;
};

static const struct {
    const char *type, *suffix;
} picture_types[] = {
    {"image/svg+xml", "svg"}, {"image/png", "png"}, {"application/pdf", "pdf"}};

static uint64_t script_origin(void *self) {
    (void)self;
    return ORIGIN_CURRENT;
}

static void print_line(const char *text) {
    size_t n = strlen(text);
    (void)fputs(text, stdout);
    if (n == 0 || text[n - 1] != '\n')
        (void)fputc('\n', stdout);
    (void)fflush(stdout);
}

static void print_pending(struct script_host *h) {
    for (size_t i = 0; i < h->n; i++) {
        if (!h->output[i].pending)
            continue;
        print_line(h->output[i].pending);
        free(h->output[i].pending);
        h->output[i].pending = NULL;
    }
}

static void script_stream(void *self, uint64_t origin, enum host_stream to,
                          const char *text, size_t n) {
    struct script_host *h = self;
    (void)origin;
    pthread_mutex_lock(&h->lock);
    print_pending(h);
    FILE *f = to == HOST_STDERR ? stderr : stdout;
    (void)fwrite(text, 1, n, f);
    (void)fflush(f);
    pthread_mutex_unlock(&h->lock);
}

/* The entry of an id, made when it is new; NULL for outputs without id, or when memory is
 * short. */
static struct script_output *find_output(struct script_host *h, const char *id) {
    for (size_t i = 0; id && i < h->n; i++)
        if (strcmp(h->output[i].id, id) == 0)
            return &h->output[i];
    if (!id || h->n == SCRIPT_IDS_MAX)
        return NULL;
    struct script_output *grown = realloc(h->output, (h->n + 1) * sizeof *grown);
    if (!grown)
        return NULL;
    h->output = grown;
    char *copy = copy_text(id);
    if (!copy)
        return NULL;
    grown[h->n] = (struct script_output){.id = copy};
    return &grown[h->n++];
}

static bool has_picture(const struct mime_bundle *b) {
    for (size_t i = 0; i < ARRAY_LEN(picture_types); i++)
        if (mime_get(b, picture_types[i].type))
            return true;
    return false;
}

static void write_pictures(const struct script_host *h, const struct mime_bundle *b,
                           int number) {
    if (mkdir(h->folder, 0755) != 0 && errno != EEXIST) {
        fprintf(stderr, _("nabla run: no se puede crear la carpeta %s: %s\n"), h->folder,
                os_reason(errno));
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(picture_types); i++) {
        const struct mime_item *item = mime_get(b, picture_types[i].type);
        if (!item)
            continue;
        char path[PATH_MAX];
        (void)snprintf(path, sizeof path, "%s/fig-%02d.%s", h->folder, number,
                       picture_types[i].suffix);
        FILE *f = fopen(path, "wb");
        bool ok = f && fwrite(item->data, 1, item->len, f) == item->len;
        if (f && fclose(f) != 0)
            ok = false;
        if (!ok)
            fprintf(stderr, _("nabla run: no se puede escribir %s: %s\n"), path,
                    os_reason(errno));
    }
}

static void script_display(void *self, uint64_t origin, const struct mime_bundle *b,
                           const char *display_id, bool update) {
    struct script_host *h = self;
    (void)origin;
    pthread_mutex_lock(&h->lock);
    if (!update)
        print_pending(h);
    struct script_output *out = find_output(h, display_id);
    int number = out ? out->figure : 0;
    if (has_picture(b)) {
        if (number == 0)
            number = ++h->figures;
        write_pictures(h, b, number);
    }
    if (out)
        out->figure = number;
    const struct mime_item *text = mime_get(b, "text/plain");
    if (text && out) {
        free(out->pending);
        out->pending = copy_bytes(text->data, text->len);
    } else if (text) {
        print_line(text->data);
    }
    pthread_mutex_unlock(&h->lock);
}

static void script_clear_output(void *self, uint64_t origin, bool wait) {
    (void)self, (void)origin, (void)wait; /* what a terminal has shown stays */
}

/* Turns the terminal's echo off for a password; false when there is no terminal. */
static bool set_echo(bool on) {
    struct termios t;
    if (tcgetattr(STDIN_FILENO, &t) != 0)
        return false;
    t.c_lflag = on ? t.c_lflag | ECHO : t.c_lflag & ~(tcflag_t)ECHO;
    return tcsetattr(STDIN_FILENO, TCSANOW, &t) == 0;
}

static int script_input(void *self, const char *prompt, bool password, char **line,
                        struct err *e) {
    (void)self;
    *line = NULL;
    (void)fputs(prompt, stdout);
    (void)fflush(stdout);
    bool hidden = password && set_echo(false);
    size_t cap = 0;
    errno = 0;
    ssize_t n = getline(line, &cap, stdin);
    if (hidden) {
        (void)set_echo(true);
        (void)fputc('\n', stdout);
    }
    if (n < 0) {
        free(*line);
        *line = NULL;
        if (errno == EINTR)
            return err_set(e, ERR_INTERRUPT, _("input: interrumpido"));
        return err_set(e, ERR_IO, _("input: la entrada terminó"));
    }
    (*line)[strcspn(*line, "\n")] = '\0';
    return ERR_OK;
}

static void script_page(void *self, const struct mime_bundle *b) {
    script_display(self, ORIGIN_CURRENT, b, NULL, false);
}

static void script_set_next_input(void *self, const char *text, bool replace) {
    (void)self, (void)text, (void)replace; /* a script has no next cell */
}

int script_host_new(struct script_host **out, const char *folder, struct err *e) {
    *out = NULL;
    struct script_host *h = calloc(1, sizeof *h);
    if (h)
        h->folder = copy_text(folder);
    if (!h || !h->folder) {
        free(h);
        return err_set(e, ERR_NOMEM, _("no hay memoria para empezar"));
    }
    h->table = (struct host){.self = h,
                             .origin = script_origin,
                             .stream = script_stream,
                             .display = script_display,
                             .clear_output = script_clear_output,
                             .input = script_input,
                             .page = script_page,
                             .set_next_input = script_set_next_input};
    pthread_mutex_init(&h->lock, NULL);
    *out = h;
    return ERR_OK;
}

const struct host *script_host_get(struct script_host *h) {
    return &h->table;
}

int script_host_finish(struct script_host *h) {
    pthread_mutex_lock(&h->lock);
    print_pending(h);
    int figures = h->figures;
    pthread_mutex_unlock(&h->lock);
    return figures;
}

void script_host_free(struct script_host *h) {
    if (!h)
        return;
    for (size_t i = 0; i < h->n; i++) {
        free(h->output[i].id);
        free(h->output[i].pending);
    }
    free(h->output);
    free(h->folder);
    pthread_mutex_destroy(&h->lock);
    free(h);
}
